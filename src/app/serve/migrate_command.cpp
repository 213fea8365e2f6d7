/// `sentinel migrate up|status|verify`.

#include <string>

#include <fmt/format.h>

#include "app/file.hpp"
#include "app/serve/commands.hpp"
#include "app/serve/installation.hpp"
#include "platform/postgres/bootstrap_roles.hpp"
#include "platform/postgres/migration_runner.hpp"

namespace sentinel::app {

namespace {

struct MigrateOptions {
    SettingFlags flags;
};

std::string_view text_of(postgres::MigrationState state) {
    switch (state) {
        case postgres::MigrationState::applied: return "applied";
        case postgres::MigrationState::pending: return "pending";
        case postgres::MigrationState::changed: return "CHANGED";
        case postgres::MigrationState::unknown: return "UNKNOWN";
    }
    return "";
}

Result<ExitCode> print(const std::string& text) {
    if (auto written = write_output(text); !written) return std::unexpected(written.error());
    return ExitCode::success;
}

Result<ExitCode> with_database(const SettingFlags& flags, const std::function<Result<ExitCode>(const DatabaseAccess&)>& work) {
    auto loaded = load_settings(flags);
    if (!loaded) return std::unexpected(loaded.error());
    return reporting_failures([&] {
        ServerLog log(loaded->settings);
        return work(open_database(loaded->settings, PrivateServerUse::use_running, log.logger()));
    });
}

Result<ExitCode> migrate(const DatabaseAccess& database) {
    if (database.owner_url.empty()) throw StartError("migrating needs DATABASE_OWNER_URL");
    postgres::SetupConnection owner(database.owner_url);
    postgres::ensure_roles(owner);
    std::string text;
    for (const postgres::Migration& migration : postgres::migrate_up(owner))
        text += fmt::format("applied {:04} {}\n", migration.version, migration.name);
    return print(text.empty() ? "nothing to do\n" : text);
}

Result<ExitCode> status(const DatabaseAccess& database) {
    postgres::SetupConnection connection(database.app_url);
    std::string text;
    for (const postgres::MigrationStatus& row : postgres::migration_status(connection)) {
        text += fmt::format("{:04} {:<24} {:<8} {}\n", row.version, row.name, text_of(row.state), row.applied_at);
    }
    return print(text);
}

Result<ExitCode> verify(const DatabaseAccess& database) {
    postgres::SetupConnection connection(database.app_url);
    postgres::require_sound_schema(connection);
    return print("the schema is sound\n");
}

void add_step(CLI::App& command, Action& chosen, const char* name, const char* description,
              Result<ExitCode> (*work)(const DatabaseAccess&)) {
    add_command<MigrateOptions>(
        command, chosen, name, description,
        [](CLI::App& step, MigrateOptions& options) { add_setting_flags(step, options.flags); },
        [work](const MigrateOptions& options) { return with_database(options.flags, work); });
}

}  // namespace

void add_migrate_command(CLI::App& program, Action& chosen) {
    CLI::App* command = program.add_subcommand("migrate", "Bring the database's schema to this program's");
    command->require_subcommand(1);
    add_step(*command, chosen, "up", "Apply what is pending", migrate);
    add_step(*command, chosen, "status", "Every migration and whether it was applied", status);
    add_step(*command, chosen, "verify", "Checksums, row security, policies and rights of every table", verify);
}

}  // namespace sentinel::app
