#include "platform/postgres/private_server_configuration.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <sys/stat.h>

#include "platform/postgres/bootstrap_roles.hpp"

namespace sentinel::postgres {

namespace {

constexpr const char* header = "# Written by Sentinel at each start; settings of your own go into local.conf beside this file.\n";

std::string in_quotes(std::string_view text, char quote) {
    std::string out(1, quote);
    for (const char character : text) {
        if (character == quote) out += quote;
        out += character;
    }
    return out + quote;
}

void write_file(const std::filesystem::path& path, const std::string& text) {
    const std::filesystem::path draft = path.string() + ".new";
    std::ofstream file(draft, std::ios::binary | std::ios::trunc);
    file << header << text;
    file.close();
    // Nothing in it is secret, and the server's user must read it.
    if (!file || ::chmod(draft.c_str(), 0644) != 0 || ::rename(draft.c_str(), path.c_str()) != 0) {
        throw SetupError(SetupError::Kind::private_server,
                         fmt::format("Cannot write {}: {}.", path.string(), std::strerror(errno)));
    }
}

std::string settings_text(const ServerPlace& place, const PrivateServerOptions& options) {
    const std::vector<std::pair<std::string, std::string>> settings{
        {"listen_addresses", ""},
        {"unix_socket_directories", in_quotes(place.sockets.string(), '"')},
        {"unix_socket_permissions", "0700"},
        {"hba_file", (place.base / "pg_hba.conf").string()},
        {"ident_file", (place.base / "pg_ident.conf").string()},
        {"max_connections", std::to_string(options.max_connections)},
        {"timezone", "UTC"},
        {"log_timezone", "UTC"},
        {"recovery_init_sync_method", "syncfs"},  // else each start after a crash syncs a thousand files one by one
        {"jit", "off"},                           // compiling costs more than any of our statements
        {"logging_collector", "on"},
        {"log_directory", place.logs().string()},
        {"log_filename", "postgresql-%a.log"},  // a week, each day over that of the week before
        {"log_truncate_on_rotation", "on"},
        {"log_rotation_size", "0"},
        // Statements and details quote values: neither goes into a log.
        {"log_min_error_statement", "panic"},
        {"log_error_verbosity", "terse"},
        {"fsync", options.durable ? "on" : "off"},
    };
    std::string text;
    for (const auto& [name, value] : settings) text += fmt::format("{} = {}\n", name, in_quotes(value, '\''));
    for (const auto& [name, value] : options.settings) text += fmt::format("{} = {}\n", name, in_quotes(value, '\''));
    return text + fmt::format("include_if_exists = {}\n", in_quotes((place.base / "local.conf").string(), '\''));
}

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char character : text) out += fmt::format("%{:02X}", static_cast<unsigned char>(character));
    return out;
}

}  // namespace

void write_configuration(const ServerPlace& place, const PrivateServerOptions& options) {
    std::string access;
    std::string names;
    for (const char* role : {owner_role, serving_role}) {
        access += fmt::format("local {} {} peer map=sentinel\n", database_name, role);
        names += fmt::format("sentinel {} {}\n", in_quotes(place.client_name, '"'), role);
    }
    write_file(place.base / "pg_hba.conf", access);
    write_file(place.base / "pg_ident.conf", names);
    write_file(place.configuration(), settings_text(place, options));
}

platform::Secret connection_url(const ServerPlace& place, std::string_view role) {
    return platform::Secret(
        fmt::format("postgresql:///{}?host={}&user={}", database_name, percent_encoded(place.sockets.string()), role));
}

}  // namespace sentinel::postgres
