// Spec 15 rules 1 to 3: row security as the only wall.
#include <string>
#include <utility>
#include <vector>

#include "schema_testing.hpp"

namespace sentinel::postgres::testing {
namespace {

std::vector<std::string> tables_of_tenants(SetupConnection& connection) {
    std::vector<std::string> names;
    for (const SetupRow& row : connection.query("select relname from pg_class where relnamespace = 'sentinel'::regnamespace "
                                                "and relkind in ('r', 'p') and not relispartition order by 1")) {
        names.push_back(row[0].value());
    }
    return names;
}

/// One row in every table of `tenant`, written by the owner, whom row security does not bind.
void fill_every_table(SetupConnection& owner, const std::string& tenant) {
    owner.run("begin");
    owner.query("select set_config('sentinel.tenant_id', $1, true), set_config('sentinel.revision', $2, true)",
                {tenant, fmt::format(R"({{"{}": 9}})", tenant)});
    const std::string row = tenant;
    const std::string both = fmt::format("'{0}', '{0}'", row);
    owner.run(insert_user(tenant, row));
    owner.run(insert_role(tenant, row));
    const std::vector<std::pair<std::string, std::string>> rows{
        {"groups (tenant_id, id, name)", both + ", 'g'"},
        {"permissions (tenant_id, id, name, name_folded, resource_type, resource_path, actions)",
         both + ", 'p', 'p', '*', '**', '{read}'"},
        {"user_roles (tenant_id, id, user_id, role_id)", fmt::format("{0}, {0}", both)},
        {"user_groups (tenant_id, id, user_id, group_id)", fmt::format("{0}, {0}", both)},
        {"group_roles (tenant_id, id, group_id, role_id)", fmt::format("{0}, {0}", both)},
        {"role_permissions (tenant_id, id, role_id, permission_id)", fmt::format("{0}, {0}", both)},
        {"inherited_role_assignments (tenant_id, id, subject_type, subject_id, role_tenant_id, role_id)",
         fmt::format("{}, 'user', '{}', '{}', '{}'", both, row, platform_tenant, row)},
        {"user_search_tokens (tenant_id, user_id, token)", both + ", 'abcdefgh'"},
        {"service_account_keys (tenant_id, id, user_id, key_prefix, key_hash, expires_at)",
         fmt::format("{}, '{}', 'abcdefghij', sha256('k'), now()", both, row)},
        {"sessions (tenant_id, id, user_id, auth_method, amr, auth_time, ip_hash, last_used_at, idle_expires_at, expires_at)",
         fmt::format("{}, '{}', 'password', '{{pwd}}', now(), sha256('i'), now(), now(), now()", both, row)},
        {"token_blacklist (tenant_id, id, jti_hash, token_type, expires_at)",
         both + ", sha256('j'), 'access', now() + interval '1 day'"},
        {"password_reset_tokens (tenant_id, id, user_id, purpose, token_hash, expires_at)",
         fmt::format("{}, '{}', 'reset', sha256('t'), now()", both, row)},
        {"login_challenges (tenant_id, id, purpose, token_hash, expires_at, ip_hash)",
         both + ", 'mfa', sha256('t'), now(), sha256('i')"},
        {"mfa_credentials (tenant_id, id, user_id, kind, secret_encrypted)", fmt::format("{}, '{}', 'totp', 's'", both, row)},
        {"password_history (tenant_id, id, user_id, password_hash)", fmt::format("{}, '{}', 'h'", both, row)},
        {"user_identities (tenant_id, id, user_id, issuer, subject_encrypted, subject_hash)",
         fmt::format("{}, '{}', 'i', 's', sha256('s')", both, row)},
        {"audit_checkpoints (tenant_id, id, from_seq, to_seq, root_hash, record_count, kid, signature)",
         both + ", 1, 1, sha256('r'), 1, 'k', 's'"},
        {"idempotency_keys (tenant_id, id, principal_id, route, key_hash, request_hash, status, expires_at)",
         fmt::format("{}, '{}', 'r', sha256('k'), sha256('r'), 200, now()", both, row)},
        {"event_outbox (tenant_id, id, event)", both + ", 'e'"},
        {"mail_outbox (tenant_id, id, to_encrypted, template, data_encrypted)", both + ", 't', 't', 'd'"}};
    for (const auto& [columns, values] : rows) owner.run(fmt::format("insert into sentinel.{} values ({})", columns, values));
    owner.run(
        fmt::format("insert into sentinel.refresh_tokens (tenant_id, id, user_id, session_id, token_hash, expires_at) "
                    "values ({0}, {0}, sha256('t'), now() + interval '1 day')",
                    both));
    owner.query(
        "select sentinel.append_audit($1, null, 'system', '{}', 'a', null, null, null, '{}', 'success', null, '{}', null, null, "
        "'{}', sha256('d'), sha256('m'))",
        {row});
    owner.run("commit");
}

class Isolation : public ::testing::Test {
protected:
    SetupConnection owner_ = Schema::instance().owner();
    SetupConnection app_ = Schema::instance().app();
};

TEST_F(Isolation, ShowsAndTakesNothingWithoutATenant) {
    const std::string tenant = make_tenant(app_);
    fill_every_table(owner_, tenant);
    for (const std::string& table : tables_of_tenants(app_)) {
        EXPECT_GT(std::stoi(owner_.value("select count(*) from sentinel." + table)), 0) << table << " has no row to hide";
        EXPECT_EQ(app_.value("select count(*) from sentinel." + table), "0") << table;
        app_.run("begin; select set_config('sentinel.tenant_id', '', true)");
        EXPECT_EQ(app_.value("select count(*) from sentinel." + table), "0") << table << " with an empty tenant";
        app_.run("rollback");
    }
    As nobody(app_, "");
    nobody.revisions(fmt::format(R"({{"{}": 1}})", tenant));
    EXPECT_EQ(nobody.state_of(insert_user(tenant, id_of(Schema::instance().fresh()))), insufficient_privilege);
    EXPECT_EQ(nobody.state_of(insert_tenant(id_of(Schema::instance().fresh()), "NOBODY")), insufficient_privilege);
}

TEST_F(Isolation, KeepsEveryRowOfAnotherTenant) {
    const std::string mine = make_tenant(app_);
    const std::string other = make_tenant(app_);
    fill_every_table(owner_, other);
    As tenant(app_, mine);
    tenant.revisions(fmt::format(R"({{"{}": 2, "{}": 2}})", mine, other));
    for (const std::string& table : tables_of_tenants(owner_)) {
        const std::string key = table == "tenants" ? "id" : "tenant_id";
        const std::string of_other = fmt::format(" where {} = '{}'", key, other);
        EXPECT_EQ(app_.value("select count(*) from sentinel." + table + of_other), "0") << table;
        if (table == "audit_logs" || table == "audit_checkpoints") continue;  // these refuse update and delete altogether
        EXPECT_EQ(app_.query(fmt::format("update sentinel.{} set {} = {}{} returning 1", table, key, key, of_other)).size(), 0U)
            << table;
        EXPECT_EQ(app_.query(fmt::format("delete from sentinel.{}{} returning 1", table, of_other)).size(), 0U) << table;
    }
    // A row of one's own cannot be handed over either.
    app_.run(insert_user(mine, mine));
    EXPECT_EQ(tenant.state_of(fmt::format("update sentinel.users set tenant_id = '{}' where id = '{}'", other, mine)),
              insufficient_privilege);
    EXPECT_EQ(tenant.state_of(insert_user(other, mine)), insufficient_privilege);
}

TEST_F(Isolation, NoReferenceCrossesTenants) {
    const std::string mine = make_tenant(app_);
    const std::string other = make_tenant(app_);
    fill_every_table(owner_, other);
    As tenant(app_, mine);
    tenant.revision(mine, 2);
    app_.run(insert_user(mine, mine));
    app_.run(insert_role(mine, mine));
    EXPECT_EQ(tenant.state_of(insert_role(mine, id_of(Schema::instance().fresh()), other)), foreign_key_violation);
    EXPECT_EQ(tenant.state_of(
                  fmt::format("insert into sentinel.user_roles (tenant_id, id, user_id, role_id) values ('{0}', '{0}', '{0}', "
                              "'{1}')",
                              mine, other)),
              foreign_key_violation);
    EXPECT_EQ(tenant.state_of(fmt::format("update sentinel.users set owner_id = '{}'", other)), foreign_key_violation);
    EXPECT_EQ(tenant.state_of(insert_tenant(id_of(Schema::instance().fresh()), "CHILD", "{" + other + "}", other)),
              place_refused);
    EXPECT_EQ(
        tenant.state_of(insert_tenant(id_of(Schema::instance().fresh()), "CHILD", fmt::format("{{{},{}}}", mine, other), other)),
        place_refused);
    EXPECT_EQ(tenant.state_of(fmt::format("update sentinel.tenants set ancestors = '{{{}}}'", other)), place_refused);
}

TEST_F(Isolation, ATenantSeesItselfAndItsDescendants) {
    const std::string parent = make_tenant(app_);
    const std::string child = make_child(app_, parent);
    {
        As tenant(app_, parent);
        EXPECT_EQ(app_.value("select count(*) from sentinel.tenants"), "2");
        tenant.switch_to(child);
        EXPECT_EQ(app_.value("select string_agg(id::text, ',') from sentinel.tenants"), child);
        tenant.switch_to(parent);
        EXPECT_EQ(app_.value("select count(*) from sentinel.tenants"), "2")
            << "ancestors are read by switching within the transaction";
    }
    const As platform(app_, platform_tenant);
    EXPECT_EQ(app_.value("select count(*) from sentinel.tenants"), owner_.value("select count(*) from sentinel.tenants"));
}

TEST_F(Isolation, TheSettingEndsWithItsTransaction) {
    const std::string tenant = make_tenant(app_);
    {
        As inside(app_, tenant);
        EXPECT_EQ(app_.value("select count(*) from sentinel.tenants"), "1");
        inside.commit();
    }
    EXPECT_EQ(app_.value("select count(*) from sentinel.tenants"), "0");
}

TEST_F(Isolation, TheServersRoleCannotChangeTheSchemaOrTheRecord) {
    const std::string tenant = make_tenant(app_);
    fill_every_table(owner_, tenant);
    As inside(app_, tenant);
    for (const std::string statement : {"create table sentinel.mine (id integer)",
                                        "create table public.mine (id integer)",
                                        "create temporary table mine (id integer)",
                                        "create schema mine",
                                        "alter table sentinel.users disable row level security",
                                        "drop policy own_tenant on sentinel.users",
                                        "alter table sentinel.users add column mine integer",
                                        "drop table sentinel.users",
                                        "truncate sentinel.users",
                                        "alter table sentinel.users disable trigger all",
                                        "set session_replication_role = replica",
                                        "create role mine",
                                        "grant select on sentinel.audit_logs_default to sentinel_app",
                                        "set role sentinel_owner",
                                        "call sentinel_private.guard_tenant_table('sentinel.users')",
                                        "update sentinel.audit_logs set action = 'x'",
                                        "delete from sentinel.audit_logs",
                                        "insert into sentinel.audit_logs select * from sentinel.audit_logs",
                                        "truncate sentinel.audit_logs",
                                        "update sentinel_private.audit_head set number = 0",
                                        "delete from sentinel_private.audit_head",
                                        "insert into sentinel_private.audit_head (tenant_id) values (gen_random_uuid())",
                                        "update sentinel_private.database_incarnation set id = repeat('0', 32)",
                                        "update sentinel.audit_checkpoints set to_seq = 5",
                                        "delete from sentinel.audit_checkpoints",
                                        "delete from sentinel_private.schema_migrations"}) {
        EXPECT_EQ(inside.state_of(statement), insufficient_privilege) << statement;
    }
}

TEST_F(Isolation, PartitionsAreReachedThroughTheirParentAlone) {
    const std::string tenant = make_tenant(app_);
    fill_every_table(owner_, tenant);
    As inside(app_, tenant);
    const SetupRows partitions =
        owner_.query("select inhrelid::regclass from pg_inherits where inhparent = 'sentinel.audit_logs'::regclass");
    ASSERT_GE(partitions.size(), 5U) << "this month, three ahead, and the default";
    for (const SetupRow& partition : partitions) {
        for (const char* statement :
             {"select * from {}", "insert into {0} select * from {0}", "update {} set action = 'x'", "delete from {}",
              "truncate {}", "drop table {}", "alter table sentinel.audit_logs detach partition {}"}) {
            EXPECT_EQ(inside.state_of(fmt::format(fmt::runtime(statement), *partition[0])), insufficient_privilege)
                << statement << *partition[0];
        }
    }
    EXPECT_EQ(app_.value("select count(*) from sentinel.audit_logs"), "1");
}

}  // namespace
}  // namespace sentinel::postgres::testing
