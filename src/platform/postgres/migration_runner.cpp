#include "platform/postgres/migration_runner.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "platform/postgres/bootstrap_roles.hpp"
#include "platform/postgres/catalogue_check.hpp"

namespace sentinel::postgres {

namespace {

// Any number will do that nothing else in the database locks: "sentinel" in ASCII.
constexpr const char* take_lock = "select pg_advisory_lock(8315173733273593196)";
constexpr const char* give_lock = "select pg_advisory_unlock(8315173733273593196)";

struct AppliedMigration {
    std::string name;
    std::string checksum;
    std::string applied_at;
};

std::map<int, AppliedMigration> applied_migrations(SetupConnection& connection) {
    std::map<int, AppliedMigration> applied;
    if (connection.value("select to_regclass('sentinel_private.schema_migrations') is null") == "t") return applied;
    for (const SetupRow& row : connection.query(R"(
            select version, name, encode(checksum, 'hex'), to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            from sentinel_private.schema_migrations)")) {
        applied.emplace(std::stoi(row[0].value()), AppliedMigration{row[1].value(), row[2].value(), row[3].value()});
    }
    return applied;
}

std::string fault_of(const MigrationStatus& status) {
    switch (status.state) {
        case MigrationState::applied: break;
        case MigrationState::pending:
            return fmt::format("migration {} ({}) is not applied: run `sentinel migrate up`", status.version, status.name);
        case MigrationState::changed:
            return fmt::format(
                "migration {} ({}) was applied with another text than this program's: it was changed after it was run",
                status.version, status.name);
        case MigrationState::unknown:
            return fmt::format("migration {} ({}) is newer than this program: start a newer version of Sentinel", status.version,
                               status.name);
    }
    return {};
}

void refuse_what_cannot_be_mended(const std::vector<MigrationStatus>& statuses) {
    bool pending = false;
    for (const MigrationStatus& status : statuses) {
        pending = pending || status.state == MigrationState::pending;
        if (status.state == MigrationState::changed || status.state == MigrationState::unknown) {
            throw SetupError(SetupError::Kind::wrong_schema, "The schema does not fit: " + fault_of(status) + ".");
        }
        if (pending && status.state == MigrationState::applied) {
            throw SetupError(
                SetupError::Kind::wrong_schema,
                fmt::format("The schema does not fit: migration {} is applied, and one before it is not.", status.version));
        }
    }
}

void apply(SetupConnection& owner, const Migration& migration) {
    const auto start = std::chrono::steady_clock::now();
    // Names without a schema must not find anything, and a lock that readers hold must not stop them behind us for long.
    owner.run("begin; set local search_path = pg_catalog, pg_temp; set local lock_timeout = '10s'");
    owner.run(migration.text);
    if (!owner.in_transaction()) {
        throw SetupError(SetupError::Kind::wrong_schema,
                         fmt::format("Migration {} ended its own transaction.", migration.version));
    }
    const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    owner.query(
        "insert into sentinel_private.schema_migrations (version, name, checksum, duration_ms) "
        "values ($1, $2, decode($3, 'hex'), $4)",
        {std::to_string(migration.version), std::string(migration.name), std::string(migration.checksum),
         std::to_string(duration.count())});
    owner.run("commit");
}

void apply_or_explain(SetupConnection& owner, const Migration& migration) {
    try {
        apply(owner, migration);
    } catch (const SetupError& error) {
        if (error.kind() != SetupError::Kind::statement) throw;
        owner.run("rollback");
        throw SetupError(
            error.kind(),
            fmt::format("Migration {} ({}) failed and left nothing behind: {}", migration.version, migration.name, error.what()),
            error.sqlstate());
    }
}

}  // namespace

MigrationLock::MigrationLock(SetupConnection& connection) : connection_(&connection) { connection_->query(take_lock); }

MigrationLock::~MigrationLock() {
    try {
        connection_->query(give_lock);
    } catch (const std::exception&) {  // the lock goes with the connection that broke
    }
}

std::vector<MigrationStatus> migration_status(SetupConnection& connection, std::span<const Migration> migrations) {
    std::vector<MigrationStatus> statuses;
    std::map<int, AppliedMigration> applied = applied_migrations(connection);
    for (const Migration& migration : migrations) {
        MigrationStatus& status = statuses.emplace_back();
        status.version = migration.version;
        status.name = migration.name;
        if (const auto found = applied.find(migration.version); found != applied.end()) {
            status.state = found->second.checksum == migration.checksum ? MigrationState::applied : MigrationState::changed;
            status.applied_at = found->second.applied_at;
            applied.erase(found);
        }
    }
    for (const auto& [version, other] : applied) {
        statuses.push_back({version, other.name, MigrationState::unknown, other.applied_at});
    }
    std::ranges::sort(statuses, {}, &MigrationStatus::version);
    return statuses;
}

std::vector<Migration> migrate_up(SetupConnection& owner, std::span<const Migration> migrations) {
    ensure_roles(owner);
    const MigrationLock lock(owner);
    refuse_what_cannot_be_mended(migration_status(owner, migrations));
    const std::map<int, AppliedMigration> applied = applied_migrations(owner);
    std::vector<Migration> done;
    for (const Migration& migration : migrations) {
        if (applied.contains(migration.version)) continue;
        apply_or_explain(owner, migration);
        done.push_back(migration);
    }
    return done;
}

std::vector<std::string> schema_faults(SetupConnection& connection, std::span<const Migration> migrations) {
    std::vector<std::string> faults;
    for (const MigrationStatus& status : migration_status(connection, migrations)) {
        if (std::string fault = fault_of(status); !fault.empty()) faults.push_back(std::move(fault));
    }
    // Without the tables their guards cannot be asked for.
    if (faults.empty()) faults = catalogue_faults(connection);
    return faults;
}

void require_sound_schema(SetupConnection& connection, std::span<const Migration> migrations) {
    std::vector<std::string> faults = schema_faults(connection, migrations);
    std::ranges::move(serving_role_faults(connection), std::back_inserter(faults));
    if (faults.empty()) return;
    throw SetupError(SetupError::Kind::wrong_schema,
                     fmt::format("The database is not as it must be:\n  {}", fmt::join(faults, "\n  ")));
}

}  // namespace sentinel::postgres
