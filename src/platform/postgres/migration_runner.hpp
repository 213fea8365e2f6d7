#pragma once
/// Brings the schema of a database to what this program was built with (`sentinel migrate up|status|verify`, and the start).

#include <span>
#include <string>
#include <vector>

#include "platform/postgres/migrations.hpp"
#include "platform/postgres/setup_connection.hpp"

namespace sentinel::postgres {

enum class MigrationState : unsigned char {
    applied,
    pending,
    changed,  ///< applied with another text than this program's
    unknown,  ///< applied by a newer program
};

struct MigrationStatus {
    int version = 0;
    std::string name;
    MigrationState state = MigrationState::pending;
    std::string applied_at;  ///< RFC 3339; empty while pending
    friend bool operator==(const MigrationStatus&, const MigrationStatus&) = default;
};

/// Held by whoever migrates or writes the first rows, so that two that start at once do it one after the other. Waits for it.
class MigrationLock {
public:
    explicit MigrationLock(SetupConnection& connection);
    ~MigrationLock();
    MigrationLock(const MigrationLock&) = delete;
    MigrationLock& operator=(const MigrationLock&) = delete;

private:
    SetupConnection* connection_;
};

/// Every migration that program or database knows, by version. Any role of ours may ask.
std::vector<MigrationStatus> migration_status(SetupConnection& connection,
                                              std::span<const Migration> migrations = embedded_migrations());

/// Applies what is pending, each in a transaction of its own, and returns it; nothing pending = nothing done. REQUIRES a connection
/// as sentinel_owner. Takes the MigrationLock. Throws SetupError: wrong_schema where a checksum differs or the database is newer
/// than the program, not_permitted where a role is missing.
std::vector<Migration> migrate_up(SetupConnection& owner, std::span<const Migration> migrations = embedded_migrations());

/// What is wrong with the schema, one sentence each; empty = the server may start. Any role of ours may ask.
std::vector<std::string> schema_faults(SetupConnection& connection,
                                       std::span<const Migration> migrations = embedded_migrations());

/// Throws SetupError (wrong_schema) that names the schema's faults, and those of the role that `connection` has logged in as.
void require_sound_schema(SetupConnection& connection, std::span<const Migration> migrations = embedded_migrations());

}  // namespace sentinel::postgres
