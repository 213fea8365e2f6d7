/// `sentinel doctor`: what is wrong with this installation, and what to do.

#include <sys/statvfs.h>

#include <algorithm>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "app/file.hpp"
#include "app/json_writer.hpp"
#include "app/serve/commands.hpp"
#include "app/serve/installation.hpp"
#include "platform/postgres/bootstrap_roles.hpp"
#include "platform/postgres/migration_runner.hpp"

namespace sentinel::app {

namespace {

struct DoctorOptions {
    SettingFlags flags;
    bool json = false;
};

struct Finding {
    std::string check;
    bool is_sound = true;
    std::string text;    ///< what was found
    std::string advice;  ///< what to do; empty where nothing is wrong
};

/// Collects findings; a check that throws is a finding as well.
class Examination {
public:
    void check(std::string name, std::string_view advice, const std::function<std::string()>& work) {
        try {
            findings_.push_back({std::move(name), true, work(), {}});
        } catch (const std::exception& failure) {
            findings_.push_back({std::move(name), false, failure.what(), std::string(advice)});
        }
    }
    const std::vector<Finding>& findings() const noexcept { return findings_; }
    bool is_sound() const {
        return std::ranges::all_of(findings_, [](const Finding& finding) { return finding.is_sound; });
    }

private:
    std::vector<Finding> findings_;
};

std::string data_directory(const config::Settings& settings) {
    const std::filesystem::path directory = std::filesystem::absolute(settings.data_dir);
    if (!std::filesystem::is_directory(directory)) throw StartError(fmt::format("{} is not there", directory.string()));
    struct statvfs status{};
    if (statvfs(directory.c_str(), &status) != 0) throw StartError(fmt::format("{} cannot be examined", directory.string()));
    const std::uint64_t free_mib = std::uint64_t{status.f_bavail} * status.f_frsize >> 20U;
    if (free_mib < 1024) throw StartError(fmt::format("{}: only {} MiB are free", directory.string(), free_mib));
    return fmt::format("{}, {} MiB free", directory.string(), free_mib);
}

std::string connections(const config::Settings& settings, postgres::SetupConnection& connection) {
    const std::int64_t wanted = settings.db_pool_size + settings.db_max_overflow;
    const std::int64_t there = std::stoll(connection.value("SELECT current_setting('max_connections')"));
    if (wanted > there) throw StartError(fmt::format("the pools may open {} connections, the database allows {}", wanted, there));
    return fmt::format("{} of {}", wanted, there);
}

std::string months_ahead(postgres::SetupConnection& connection) {
    const std::int64_t months =
        std::stoll(connection.value("SELECT count(*) FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid WHERE "
                                    "inhparent = 'sentinel.audit_logs'::regclass "
                                    "AND child.relname > 'audit_logs_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM') AND "
                                    "child.relname ~ '_[0-9]{4}_[0-9]{2}$'"));
    if (months < 1) throw StartError("no month is made ahead for audit records");
    return fmt::format("{} months ahead", months);
}

std::string parked_jobs(postgres::SetupConnection& connection) {
    const std::string parked = connection.value("SELECT count(*) FROM sentinel_private.jobs WHERE state = 'parked'");
    if (parked != "0") throw StartError(fmt::format("{} jobs are parked", parked));
    return "none parked";
}

void examine_database(Examination& examination, const config::Settings& settings, const DatabaseAccess& database) {
    postgres::SetupConnection connection(database.app_url);
    examination.check("schema", "run: sentinel migrate up", [&] {
        postgres::require_sound_schema(connection);
        return std::string("every migration applied; row security, policies and rights as they must be");
    });
    examination.check("serving role", "run the statements that sentinel migrate up names", [&] {
        const std::vector<std::string> faults = postgres::serving_role_faults(connection);
        if (!faults.empty()) throw StartError(faults.front());
        return std::string("may do no more than it must");
    });
    examination.check("connections", "lower DB_POOL_SIZE or DB_MAX_OVERFLOW, or raise max_connections",
                      [&] { return connections(settings, connection); });
    examination.check("keys", "give the MASTER_KEY that this database was started with", [&] {
        load_keys(settings, database);
        return std::string("the server's keys open");
    });
    examination.check("audit months", "start the server: it makes them", [&] { return months_ahead(connection); });
    examination.check("jobs", "look at last_error in sentinel_private.jobs", [&] { return parked_jobs(connection); });
}

std::string to_text(const Examination& examination) {
    std::string text;
    for (const Finding& finding : examination.findings()) {
        text += fmt::format("{:<5} {:<15} {}\n", finding.is_sound ? "ok" : "WRONG", finding.check, finding.text);
        if (!finding.advice.empty()) text += fmt::format("      {:<15} → {}\n", "", finding.advice);
    }
    return text;
}

std::string to_json(const Examination& examination) {
    std::string text;
    for (const Finding& finding : examination.findings()) {
        auto object = JsonWriter::object(text);
        object.member("check", finding.check)
            .member("sound", finding.is_sound)
            .member("found", finding.text)
            .member("advice", finding.advice)
            .close();
        text += '\n';
    }
    return text;
}

Result<ExitCode> run(const DoctorOptions& options) {
    auto loaded = load_settings(options.flags);
    if (!loaded) return std::unexpected(loaded.error());
    const config::Settings& settings = loaded->settings;
    ServerLog log(settings);
    Examination examination;
    if (settings.has_private_database()) {
        examination.check("data directory", "give DATA_DIR a disk with room", [&] { return data_directory(settings); });
    }
    std::optional<DatabaseAccess> database;
    examination.check("database", "look at the message; sentinel doctor needs the database to run", [&] {
        database = open_database(settings, PrivateServerUse::use_running, log.logger());
        postgres::SetupConnection connection(database->app_url);
        return "PostgreSQL " + connection.value("SELECT current_setting('server_version')");
    });
    if (examination.is_sound()) examine_database(examination, settings, *database);
    const std::string text = options.json ? to_json(examination) : to_text(examination);
    if (auto written = write_output(text); !written) return std::unexpected(written.error());
    return examination.is_sound() ? ExitCode::success : ExitCode::negative;
}

}  // namespace

void add_doctor_command(CLI::App& program, Action& chosen) {
    add_command<DoctorOptions>(
        program, chosen, "doctor", "What is wrong with this installation, and what to do",
        [](CLI::App& command, DoctorOptions& options) {
            add_setting_flags(command, options.flags);
            command.add_flag("--json", options.json, "One JSON object for each check");
        },
        run);
}

}  // namespace sentinel::app
