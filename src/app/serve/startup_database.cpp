
#include "app/serve/startup.hpp"
#include "platform/postgres/bootstrap_roles.hpp"
#include "platform/postgres/migration_runner.hpp"

namespace sentinel::app {

namespace {

constexpr int connections_for_commands = 10;

int private_connections(const config::Settings& settings) {
    return static_cast<int>(settings.db_pool_size + settings.db_max_overflow) + connections_for_commands;
}

}  // namespace

DatabaseAccess open_database(const config::Settings& settings, PrivateServerUse use, telemetry::Logger& log) {
    if (!settings.database_url.empty()) return {std::nullopt, settings.database_owner_url, settings.database_url};
    postgres::PrivateServerOptions options;
    options.data_directory = settings.data_dir;
    options.max_connections = private_connections(settings);
    options.use_running = use == PrivateServerUse::use_running;
    options.report = [&log](std::string_view line) { log.info("postgres", line); };
    DatabaseAccess access;
    access.private_server.emplace(postgres::PrivateServer::start(std::move(options)));
    access.owner_url = access.private_server->owner_url();
    access.app_url = access.private_server->app_url();
    return access;
}

void prepare_schema(const config::Settings& settings, const DatabaseAccess& access, telemetry::Logger& log) {
    if (settings.auto_migrate) {
        if (access.owner_url.empty()) throw StartError("AUTO_MIGRATE needs DATABASE_OWNER_URL");
        postgres::SetupConnection owner(access.owner_url);
        postgres::ensure_roles(owner);
        for (const postgres::Migration& migration : postgres::migrate_up(owner)) {
            log.info("migrations", "applied", {{"version", migration.version}, {"name", migration.name}});
        }
    }
    postgres::SetupConnection serving(access.app_url);
    postgres::require_sound_schema(serving);
}

}  // namespace sentinel::app
