#pragma once
/// A migrated database with a small family of tenants, one for all tests of the program.

#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "platform/postgres/migration_runner.hpp"
#include "platform/postgres/setup_testing.hpp"

namespace sentinel::postgres::testing {

inline const std::string platform_tenant = "00000000-0000-0000-0000-000000000000";
/// Ids are the tests' own: tenant 1, 2, 3 … of tests; rows elsewhere.
inline std::string id_of(int number) { return fmt::format("{:08x}-0000-7000-8000-{:012x}", number, number); }

/// A migrated server, made once for the program.
class Schema {
public:
    static Schema& instance() {
        static Schema schema;
        return schema;
    }
    SetupConnection owner() const { return server_.owner(); }
    SetupConnection app() const { return server_.app(); }
    /// A number that no other test has had: for ids and names.
    int fresh() { return ++last_; }

private:
    Schema() {
        SetupConnection owner = server_.owner();
        migrate_up(owner);
    }
    TestServer server_;
    int last_ = 0;
};

/// A transaction of sentinel_app as one tenant; rolled back unless committed.
class As {
public:
    As(SetupConnection& connection, const std::string& tenant, std::string_view isolation = "read committed")
        : connection_(&connection) {
        connection_->run(fmt::format("begin isolation level {}", isolation));
        switch_to(tenant);
    }
    ~As() {
        if (open_) connection_->run("rollback");
    }
    As(const As&) = delete;
    As& operator=(const As&) = delete;

    void switch_to(const std::string& tenant) {
        connection_->query("select set_config('sentinel.tenant_id', $1, true)", {tenant});
    }
    /// `{"tenant": revision, …}`
    void revisions(const std::string& json) { connection_->query("select set_config('sentinel.revision', $1, true)", {json}); }
    void revision(const std::string& tenant, int number) { revisions(fmt::format(R"({{"{}": {}}})", tenant, number)); }
    void commit() {
        open_ = false;
        connection_->run("commit");
    }
    /// SQLSTATE of the statement, "" where it passes; the transaction goes on in either case.
    std::string state_of(const std::string& statement) {
        connection_->run("savepoint here");
        try {
            connection_->run(statement);
        } catch (const SetupError& error) {
            connection_->run("rollback to here");
            return error.sqlstate();
        }
        connection_->run("release here");
        return {};
    }

private:
    SetupConnection* connection_;
    bool open_ = true;
};

inline constexpr const char* insufficient_privilege = "42501";
inline constexpr const char* foreign_key_violation = "23503";
inline constexpr const char* hierarchy_refused = "SE001";
inline constexpr const char* revision_missing = "SE002";
inline constexpr const char* place_refused = "SE003";

inline std::string insert_tenant(const std::string& id, const std::string& code, const std::string& ancestors = "{}",
                                 const std::string& parent = {}) {
    return fmt::format(
        "insert into sentinel.tenants (id, name, name_folded, code, tenant_salt_encrypted, ancestors, parent_tenant_id, type) "
        "values ('{}', '{}', lower('{}'), '{}', 'salt', '{}', {})",
        id, code, code, code, ancestors, parent.empty() ? "null, 'root'" : fmt::format("'{}', 'sub_tenant'", parent));
}
inline std::string insert_user(const std::string& tenant, const std::string& id) {
    return fmt::format(
        "insert into sentinel.users (tenant_id, id, email_encrypted, email_index, username) "
        "values ('{}', '{}', 'sealed', sha256('{}'), 'user-{}')",
        tenant, id, id, id);
}
inline std::string insert_role(const std::string& tenant, const std::string& id, const std::string& parent = {}) {
    return fmt::format("insert into sentinel.roles (tenant_id, id, name, parent_role_id) values ('{}', '{}', 'role-{}', {})",
                       tenant, id, id, parent.empty() ? "null" : fmt::format("'{}'", parent));
}

/// A new root tenant, made and committed as the platform; its id.
inline std::string make_tenant(SetupConnection& app) {
    const int number = Schema::instance().fresh();
    const std::string id = id_of(number);
    As platform(app, platform_tenant);
    platform.revision(id, 1);
    app.run(insert_tenant(id, fmt::format("T{}", number)));
    platform.commit();
    return id;
}
/// A new child of a root tenant.
inline std::string make_child(SetupConnection& app, const std::string& parent) {
    const int number = Schema::instance().fresh();
    const std::string id = id_of(number);
    As family(app, parent);
    family.revision(id, 1);
    app.run(insert_tenant(id, fmt::format("T{}", number), "{" + parent + "}", parent));
    family.commit();
    return id;
}

}  // namespace sentinel::postgres::testing
