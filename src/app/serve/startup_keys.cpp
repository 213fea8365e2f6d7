
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "app/serve/private_file.hpp"
#include "app/serve/startup.hpp"
#include "core/encoding.hpp"
#include "platform/postgres/migration_runner.hpp"

namespace sentinel::app {

namespace {

platform::Secret output_of(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "re"), pclose);
    if (!pipe) throw StartError("MASTER_KEY_COMMAND could not be run");
    std::string output;
    std::array<char, 256> buffer{};
    while (output.size() < 4096 && std::fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) output += buffer.data();
    return platform::Secret(std::move(output));
}

crypto::MasterKey parse_master_key(const platform::Secret& text, std::string_view origin) {
    auto key = crypto::MasterKey::parse(text);
    if (!key) throw StartError(fmt::format("{}: {}", origin, key.error()));
    return std::move(*key);
}

crypto::MasterKey read_or_make_master_key(const config::Settings& settings) {
    const std::filesystem::path file = std::filesystem::path(settings.data_dir) / "master.key";
    if (const auto text = read_private_file(file)) return parse_master_key(*text, file.string());
    const bool may_be_made = settings.database_url.empty() || settings.environment != config::Environment::production;
    if (!may_be_made) throw StartError("MASTER_KEY is required in production on an outside database");
    crypto::MasterKey key = crypto::MasterKey::generate();
    write_private_file(file, platform::Secret(key.text().reveal() + '\n'));
    return key;
}

crypto::MasterKey find_master_key(const config::Settings& settings) {
    if (!settings.master_key.empty()) return parse_master_key(settings.master_key, "MASTER_KEY");
    if (!settings.master_key_command.empty())
        return parse_master_key(output_of(settings.master_key_command), "MASTER_KEY_COMMAND");
    return read_or_make_master_key(settings);
}

std::string bytea_of(const std::string& hex) {
    const auto bytes = core::from_hex(hex);
    if (!bytes) throw StartError("server_keys holds something that is no key");
    return *bytes;
}

std::vector<crypto::WrappedServerKey> read_server_keys(postgres::SetupConnection& connection) {
    std::vector<crypto::WrappedServerKey> keys;
    for (const postgres::SetupRow& row :
         connection.query("SELECT purpose, version, encode(wrapped_key, 'hex') FROM sentinel_private.server_keys")) {
        const auto purpose = crypto::parse_server_key_purpose(*row[0]);
        if (!purpose) continue;
        keys.push_back({*purpose, static_cast<std::uint32_t>(std::stoul(*row[1])), bytea_of(*row[2])});
    }
    return keys;
}

void make_missing_server_keys(postgres::SetupConnection& connection, const crypto::MasterKey& master) {
    for (const crypto::ServerKeyPurpose purpose : crypto::all_server_key_purposes) {
        const crypto::WrappedServerKey key = crypto::make_server_key(master, purpose, 1);
        connection.query(
            "INSERT INTO sentinel_private.server_keys (purpose, version, wrapped_key) SELECT $1, 1, decode($2, 'hex') WHERE NOT "
            "EXISTS "
            "(SELECT FROM sentinel_private.server_keys WHERE purpose = $1)",
            {std::string(crypto::text_of(purpose)), core::to_hex(key.wrapped)});
    }
}

}  // namespace

std::shared_ptr<const crypto::MasterKey> load_master_key(const config::Settings& settings) {
    crypto::MasterKey key = find_master_key(settings);
    if (settings.environment == config::Environment::production && key.is_weak()) {
        throw StartError("MASTER_KEY is weak or well known; make one with: head -c 32 /dev/urandom | base64");
    }
    return std::make_shared<const crypto::MasterKey>(std::move(key));
}

NodeKeys load_keys(const config::Settings& settings, const DatabaseAccess& access) {
    NodeKeys keys;
    keys.master = load_master_key(settings);
    postgres::SetupConnection connection(access.app_url);
    const postgres::MigrationLock lock(connection);
    make_missing_server_keys(connection, *keys.master);
    auto server = crypto::ServerKeys::load(*keys.master, read_server_keys(connection));
    if (!server) throw StartError(fmt::format("the server's keys do not open: {}", server.error()));
    keys.server = std::make_shared<const crypto::ServerKeys>(std::move(*server));
    return keys;
}

}  // namespace sentinel::app
