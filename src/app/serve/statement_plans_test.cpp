/// How PostgreSQL runs each named statement of the program as the serving role, in a large tenant among many: by index and within the
/// tenant (spec 15 rule 10). Row security hides what an operator that is not leakproof would need, so that an index which looks right
/// may never be used; only EXPLAIN as that role tells.

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "app/serve/statements_testing.hpp"
#include "core/json.hpp"

namespace sentinel::app {
namespace {

namespace json = core::json;
using postgres::SetupConnection;
using postgres::SetupRow;
using postgres::Statement;

// 2,000 tenants, 10 of them with users: the first with 20,000, the others with 3,000 each. Enough that neither a table nor a tenant is
// quickly read whole.
constexpr std::string_view fill = R"(
alter table sentinel.tenants disable trigger user;
alter table sentinel.users disable trigger user;
alter table sentinel.roles disable trigger user;
alter table sentinel.groups disable trigger user;
alter table sentinel.permissions disable trigger user;
alter table sentinel.user_roles disable trigger user;
alter table sentinel.user_groups disable trigger user;
alter table sentinel.group_roles disable trigger user;
alter table sentinel.role_permissions disable trigger user;

insert into sentinel.tenants (id, name, name_folded, code, tenant_salt_encrypted, created_at)
    select md5('tenant' || n)::uuid, 'Tenant ' || n, 'tenant ' || n, 'T' || n, '\x00', now() - make_interval(mins => n)
    from generate_series(1, 2000) n;
insert into sentinel_private.tenant_state (tenant_id, code, is_active) select id, code, true from sentinel.tenants;
insert into sentinel_private.tenant_keys (tenant_id, key_version, purpose, wrapped_key)
    select id, 1, purpose, '\x00' from sentinel.tenants, unnest('{data,index}'::text[]) purpose;
insert into sentinel_private.audit_head (tenant_id) select id from sentinel.tenants;

insert into sentinel.users (tenant_id, id, email_encrypted, email_index, username, password_hash, last_login, created_at, is_service_account)
    select md5('tenant' || t)::uuid, md5('user' || t || '.' || n)::uuid, '\x00', sha256(('user' || t || '.' || n)::bytea),
           'user-' || n, 'x', case when n % 3 > 0 then now() - make_interval(mins => n) end, now() - make_interval(secs => n), false
    from generate_series(1, 10) t, generate_series(1, case when t = 1 then 20000 else 3000 end) n;
update sentinel.users set is_service_account = true, password_hash = null, owner_id = md5('user1.1')::uuid
    where tenant_id = md5('tenant1')::uuid and username ~ '00$';
insert into sentinel.user_search_tokens (tenant_id, token, user_id)
    select tenant_id, substr(sha256((token || username)::bytea), 1, 8), id from sentinel.users, generate_series(1, 3) token;
insert into sentinel.service_account_keys (tenant_id, id, user_id, key_prefix, key_hash, expires_at)
    select tenant_id, md5(n || id::text)::uuid, id, left(md5(n || id::text), 10), sha256(n::text::bytea), now() + interval '1 day'
    from sentinel.users, generate_series(1, 10) n where is_service_account;
insert into sentinel.password_history (tenant_id, id, user_id, password_hash)
    select tenant_id, md5('history' || id)::uuid, id, 'x' from sentinel.users;
insert into sentinel.password_reset_tokens (tenant_id, id, user_id, purpose, token_hash, expires_at)
    select tenant_id, md5('reset' || id)::uuid, id, 'reset', sha256(id::text::bytea), now() + interval '1 hour' from sentinel.users;
insert into sentinel.login_challenges (tenant_id, id, user_id, purpose, token_hash, expires_at, ip_hash)
    select tenant_id, md5('challenge' || id)::uuid, id, 'mfa', sha256(id::text::bytea), now() + interval '5 minutes', sha256('')
    from sentinel.users;
insert into sentinel.token_blacklist (tenant_id, id, jti_hash, user_id, token_type, expires_at)
    select tenant_id, md5('jti' || id)::uuid, sha256(id::text::bytea), id, 'access', now() + interval '10 minutes' from sentinel.users;
insert into sentinel.sessions (tenant_id, id, user_id, auth_method, amr, auth_time, ip_hash, last_used_at, idle_expires_at, expires_at,
                               ended_at, end_reason)
    select tenant_id, md5('session' || n || id)::uuid, id, 'password', '{pwd}', now(), sha256(id::text::bytea), now(),
           now() + interval '1 day', now() + interval '7 days', case when n = 2 then now() end, case when n = 2 then 'logout' end
    from sentinel.users, generate_series(1, 2) n;
insert into sentinel.refresh_tokens (tenant_id, id, user_id, session_id, token_hash, expires_at)
    select tenant_id, md5('refresh' || id)::uuid, user_id, id, sha256(id::text::bytea), now() + interval '1 day' from sentinel.sessions;

insert into sentinel.user_identities (tenant_id, id, user_id, issuer, subject_encrypted, subject_hash)
    select tenant_id, md5('identity' || id)::uuid, id, 'https://id.example', '\x00', sha256(id::text::bytea) from sentinel.users;

insert into sentinel.roles (tenant_id, id, name, display_name, display_name_folded)
    select md5('tenant' || t)::uuid, md5('role' || t || '.' || n)::uuid, 'role-' || n, 'Role', 'role'
    from generate_series(1, 10) t, generate_series(1, case when t = 1 then 2000 else 1000 end) n;
insert into sentinel.groups (tenant_id, id, name)
    select md5('tenant' || t)::uuid, md5('group' || t || '.' || n)::uuid, 'group-' || n
    from generate_series(1, 10) t, generate_series(1, case when t = 1 then 2000 else 1000 end) n;
insert into sentinel.permissions (tenant_id, id, name, name_folded, resource_type, resource_path, actions)
    select tenant_id, id, name, name, 'document', '/' || name, '{read}' from sentinel.roles;
insert into sentinel.role_permissions (tenant_id, id, role_id, permission_id) select tenant_id, id, id, id from sentinel.roles;
insert into sentinel.group_roles (tenant_id, id, group_id, role_id)
    select tenant_id, sentinel.groups.id, sentinel.groups.id, sentinel.roles.id from sentinel.groups join sentinel.roles using (tenant_id)
    where right(sentinel.groups.name, 1) = right(sentinel.roles.name, 1) and length(sentinel.roles.name) = 6;
insert into sentinel.user_roles (tenant_id, id, user_id, role_id)
    select tenant_id, md5('held' || users.id)::uuid, users.id, roles.id from sentinel.users join sentinel.roles using (tenant_id)
    where roles.name = 'role-' || (1 + right(users.username, 1)::integer % 7);
insert into sentinel.user_groups (tenant_id, id, user_id, group_id)
    select tenant_id, md5('joined' || users.id)::uuid, users.id, groups.id from sentinel.users join sentinel.groups using (tenant_id)
    where groups.name = 'group-' || (1 + right(users.username, 1)::integer % 7);

insert into sentinel.audit_logs (tenant_id, id, seq, actor_type, actor_details, action, changes, result, security_context, metadata,
                                 created_at, digest, mac, prev_hash, row_hash)
    select md5('tenant' || t)::uuid, md5('record' || t || '.' || n)::uuid, n, 'system', '{}', 'user.read', '{}', 'success', '{}', '{}',
           now() + make_interval(days => n % 50), sha256(''), sha256(''), sha256(''), sha256('')
    from generate_series(1, 10) t, generate_series(1, case when t = 1 then 50000 else 5000 end) n;
insert into sentinel.idempotency_keys (tenant_id, id, principal_id, route, key_hash, request_hash, status, expires_at)
    select tenant_id, id, id, 'POST /users', sha256(id::text::bytea), sha256(''), 200, now() + interval '1 day' from sentinel.users;
insert into sentinel.event_outbox (tenant_id, id, event) select tenant_id, id, 'user.create' from sentinel.users;
insert into sentinel.mail_outbox (tenant_id, id, to_encrypted, template, data_encrypted, status)
    select tenant_id, id, '\x00', 'x', '\x00', (case when last_login is null then 'pending' else 'sent' end) from sentinel.users;
insert into sentinel_private.jobs (id, tenant_id, kind, state, finished_at, run_at)
    select id, tenant_id, 'mail.send', case when last_login is null then 'queued' else 'done' end,
           case when last_login is not null then now() end, now() from sentinel.users;
insert into sentinel_private.policy_changes (tenant_id, revision, source_tenant_id, kind, op, invalidates)
    select tenant_id, row_number() over (partition by tenant_id), tenant_id, 'user', 'updated', '{}' from sentinel.users;
insert into sentinel_private.rate_limits (identifier, action_type, expires_at)
    select sha256(id::text::bytea), 'login', now() + interval '1 hour' from sentinel.users;
insert into sentinel_private.revocations (tenant_id, kind, ref, expires_at)
    select tenant_id, 'session', id, now() + interval '1 hour' from sentinel.sessions;
)";

/// The filled database, as the serving role in the large tenant.
SetupConnection& connection() {
    static SetupConnection app = [] {
        SetupConnection owner = testing::migrated_server().owner();
        owner.run("begin; " + std::string(fill) + "commit");
        owner.run("vacuum analyze");
        SetupConnection serving = testing::migrated_server().app();
        serving.run("set plan_cache_mode = force_generic_plan; set jit = off");
        serving.run("select set_config('sentinel.tenant_id', md5('tenant1')::uuid::text, false)");
        for (const Statement* statement : testing::all_statements()) testing::prepare(serving, *statement);
        return serving;
    }();
    return app;
}

json::Value plan_of(std::string_view name) {
    const auto count = std::stoi(connection().value(
        "select cardinality(parameter_types)::text from pg_prepared_statements where name = $1", {std::string(name)}));
    std::string values;
    for (int index = 0; index < count; ++index) values += index == 0 ? "(null" : ", null";
    if (count > 0) values += ")";
    return *json::parse(connection().value("explain (format json, costs off) execute \"" + std::string(name) + "\" " + values),
                        {.depth = 200});
}

/// Tables, partitions too, with enough rows that reading all of one is a fault.
const std::set<std::string>& large_tables() {
    static const std::set<std::string> large = [] {
        std::set<std::string> names;
        for (const SetupRow& row :
             connection().query("select relname from pg_class where relkind = 'r' and reltuples >= 1900 and "
                                "relnamespace in ('sentinel'::regnamespace, 'sentinel_private'::regnamespace)"))
            names.insert(*row.at(0));
        return names;
    }();
    return large;
}

std::string text_of(const json::Object& node, std::string_view name) {
    const json::Value* value = node.find(name);
    return value == nullptr || value->text() == nullptr ? std::string() : *value->text();
}

/// What a statement reads whole on purpose, and why.
struct Excuse {
    std::string_view statement;
    std::string_view fault;
};
constexpr Excuse excuses[] = {
    // Row security shows a family of tenants by `ancestors`, for which no index can serve; tenants are few beside what they hold.
    {"tenants.count", "Seq Scan of tenants"},
    {"tenants.list_by_created", "Seq Scan of tenants"},
    {"tenants.list_by_created_down", "Seq Scan of tenants"},
    {"tenants.list_by_updated", "Seq Scan of tenants"},
    {"tenants.list_by_updated_down", "Seq Scan of tenants"},
    {"tenants.list_by_name", "Seq Scan of tenants"},
    {"tenants.list_by_name_down", "Seq Scan of tenants"},
    {"tenants.list_by_code", "Seq Scan of tenants"},
    {"tenants.list_by_code_down", "Seq Scan of tenants"},
    // MAX_TENANTS is about all of them.
    {"tenants.count_states", "Seq Scan of tenant_state"},
    // A node that begins to hold a tenant loads its roles and groups.
    {"access.roles", "Bitmap Heap Scan of roles: the whole tenant"},
    {"access.groups", "Bitmap Heap Scan of groups: the whole tenant"},
    {"access.group_roles", "Index Only Scan of group_roles: the whole tenant"},
    // A tenant has a few.
    {"writes.select_tenant_keys", "Bitmap Heap Scan of tenant_keys: the whole tenant"},
    // Every open session of a suspended tenant ends.
    {"tenants.end_sessions", "Bitmap Heap Scan of sessions: the whole tenant"},
};

/// Where a plan reads more than it should.
class PlanCheck {
public:
    std::vector<std::string> faults;
    std::set<std::string> tables;

    /// `ends_early`: somebody above takes only the first rows, in the order in which they come.
    void check(const json::Object& node, bool ends_early) {
        const std::string type = text_of(node, "Node Type");
        const std::string table = text_of(node, "Relation Name");
        if (!table.empty()) tables.insert(table);
        if (large_tables().contains(table) && type != "ModifyTable") check_scan(node, type, table, ends_early);
        const json::Value* below = node.find("Plans");
        if (below == nullptr) return;
        const bool takes_all = type == "Sort" || type == "Aggregate" || type == "Hash" || type == "Bitmap Heap Scan";
        for (const json::Value& child : *below->array()) {
            check(*child.object(), type == "Limit" || (ends_early && !takes_all));
        }
    }

private:
    void check_scan(const json::Object& node, const std::string& type, const std::string& table, bool ends_early) {
        if (type == "Tid Scan") return;
        const std::string condition = type == "Bitmap Heap Scan" ? bitmap_condition(node) : text_of(node, "Index Cond");
        if (condition.empty()) {
            if (!ends_early || type == "Seq Scan") fault(type, " of " + table);
        } else if (is_of_tenants(table) && !names_tenant(condition)) {
            fault(type, " of " + table + ": every tenant");
        } else if (is_of_tenants(table) && condition.find(" AND ") == std::string::npos && !ends_early) {
            fault(type, " of " + table + ": the whole tenant");
        }
    }
    static bool names_tenant(const std::string& condition) {
        return condition.find("(tenant_id = ") != std::string::npos;  // not parent_tenant_id
    }
    /// Of the index scans below a Bitmap Heap Scan.
    static std::string bitmap_condition(const json::Object& node) {
        std::string condition = text_of(node, "Node Type") == "Bitmap Index Scan" ? text_of(node, "Index Cond") : "";
        if (const json::Value* below = node.find("Plans")) {
            for (const json::Value& child : *below->array()) condition += bitmap_condition(*child.object());
        }
        return condition;
    }
    /// Tables whose key begins with the tenant.
    static bool is_of_tenants(const std::string& table) {
        static const std::set<std::string> names = [] {
            std::set<std::string> found;
            for (const SetupRow& row :
                 connection().query("select relname from pg_index join pg_class on pg_class.oid = indrelid join pg_attribute on "
                                    "attrelid = indrelid and "
                                    "attnum = indkey[0] where indisprimary and indnatts > 1 and attname = 'tenant_id'"))
                found.insert(*row.at(0));
            return found;
        }();
        return names.contains(table);
    }
    void fault(const std::string& type, const std::string& rest) { faults.push_back(type + rest); }
};

PlanCheck check(const Statement& statement) {
    const json::Value plan = plan_of(statement.name);
    PlanCheck result;
    result.check(*plan.array()->front().object()->find("Plan")->object(), false);
    return result;
}

TEST(StatementPlansTest, ReadByIndexAndWithinTheTenant) {
    std::set<std::string> found;
    for (const Statement* statement : testing::all_statements()) {
        for (const std::string& fault : check(*statement).faults) found.insert(std::string(statement->name) + ": " + fault);
    }
    std::set<std::string> excused;
    for (const Excuse& excuse : excuses) excused.insert(std::string(excuse.statement) + ": " + std::string(excuse.fault));
    EXPECT_EQ(found, excused);
}

TEST(StatementPlansTest, AMissingIndexIsNoticed) {
    SetupConnection owner = testing::migrated_server().owner();
    const std::string definition = owner.value("select pg_get_indexdef('sentinel.idempotency_keys_expires_at'::regclass)");
    owner.run("drop index sentinel.idempotency_keys_expires_at");
    const Statement reads_by_it{"upkeep.remove_answers", {}};
    EXPECT_FALSE(check(reads_by_it).faults.empty());
    owner.run(definition);
    EXPECT_TRUE(check(reads_by_it).faults.empty());
}

TEST(StatementPlansTest, EveryTableTheyReadIsFilled) {
    const std::set<std::string> small = {"server_keys", "signing_keys", "database_incarnation"};
    std::set<std::string> empty;
    for (const Statement* statement : testing::all_statements()) {
        for (const std::string& table : check(*statement).tables) {
            if (!large_tables().contains(table) && !small.contains(table) && !table.starts_with("audit_logs_"))
                empty.insert(table);
        }
    }
    EXPECT_EQ(empty, std::set<std::string>());
}

}  // namespace
}  // namespace sentinel::app
