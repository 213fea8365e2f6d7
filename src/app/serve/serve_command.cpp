/// `sentinel serve`.

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>

#include <fmt/format.h>

#include "app/serve/commands.hpp"
#include "app/serve/descriptor_limit.hpp"
#include "app/serve/installation.hpp"
#include "app/serve/server_run.hpp"
#include "app/serve/startup.hpp"

namespace sentinel::app {

namespace {

struct ServeOptions {
    SettingFlags flags;
    std::uint16_t port = 0;
};

void declare(CLI::App& command, ServeOptions& options) {
    add_setting_flags(command, options.flags);
    command.add_option("--port", options.port, "Port to listen on, in place of that of --listen")->type_name("PORT");
}

/// As --listen with the same addresses and this port, so that all that follows from LISTEN follows the port too.
Result<config::Loaded> load_with_port(SettingFlags flags, std::uint16_t port) {
    auto loaded = load_settings(flags);
    if (!loaded || port == 0) return loaded;
    std::string listen;
    for (config::Endpoint endpoint : loaded->settings.listen) {
        endpoint.port = port;
        listen += (listen.empty() ? "" : ",") + endpoint.text();
    }
    flags.values.emplace_back("LISTEN", listen);
    return load_settings(flags);
}

/// What a person who started it by hand wants to know; scripts read the log.
void tell_started(const config::Settings& settings, const Started& started) {
    const std::string& address = started.addresses.front();
    fmt::print("Sentinel answers at {}\n", address);
    const std::filesystem::path password = first_password_file(settings);
    if (std::filesystem::exists(password)) {
        const std::string email = settings.admin_email.empty() ? std::string(default_admin_email) : settings.admin_email;
        fmt::print(
            "  administrator   {}\n"
            "  first password  {}\n\n"
            "Try it:\n"
            "  curl -s {}/api/v1/auth/login -H 'Content-Type: application/json' \\\n"
            "    -d '{{\"tenant_code\":\"PLATFORM\",\"email\":\"{}\",\"password\":\"'\"$(cat {})\"'\"}}'\n",
            email, password.string(), address, email, password.string());
    }
    std::fflush(stdout);
}

ExitCode stopped(ServerLog& log) {
    log.logger().info("server", "stopped");
    return ExitCode::success;
}

Result<ExitCode> serve(const config::Settings& settings) {
    ProcessSignals signals;
    ServerLog log(settings);
    raise_descriptor_limit(settings, log.logger());
    const DatabaseAccess database = open_database(settings, PrivateServerUse::own, log.logger());
    prepare_schema(settings, database, log.logger());
    if (signals.is_stop_wanted()) return stopped(log);
    Node node(settings, database.app_url, load_keys(settings, database), log.logger());
    ensure_first_rows(node);
    if (signals.is_stop_wanted()) return stopped(log);
    run_server(node, signals, [&](const Started& started) { tell_started(settings, started); });
    return stopped(log);
}

Result<ExitCode> run(const ServeOptions& options) {
    auto loaded = load_with_port(options.flags, options.port);
    if (!loaded) return std::unexpected(loaded.error());
    // A client that goes away must not end the server.
    std::signal(SIGPIPE, SIG_IGN);
    for (const std::string& warning : loaded->warnings) fmt::print(stderr, "sentinel: warning: {}\n", warning);
    return reporting_failures([&] { return serve(loaded->settings); });
}

}  // namespace

void add_serve_command(CLI::App& program, Action& chosen) {
    add_command<ServeOptions>(program, chosen, "serve", "Serve the HTTP interface until SIGTERM", declare, run);
}

}  // namespace sentinel::app
