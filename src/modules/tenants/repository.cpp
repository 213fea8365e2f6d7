#include "modules/tenants/repository.hpp"

#include <utility>

#include "core/text.hpp"
#include "modules/tenants/repository_list.hpp"
#include "platform/postgres/joined.hpp"

namespace sentinel::tenants {

namespace json = core::json;
using boost::asio::awaitable;
using postgres::Statement;

namespace {

constexpr std::string_view select = "SELECT ";
constexpr std::string_view by_id = " FROM sentinel.tenants WHERE id = $1 AND deleted_at IS NULL";
constexpr Statement find_tenant{"tenants.find", postgres::joined<select, tenant_columns, by_id>};
constexpr Statement find_place_statement{
    "tenants.find_place",
    "SELECT id, ancestors, is_active, deleted_at IS NOT NULL, settings, features FROM sentinel.tenants WHERE id = $1"};
constexpr Statement find_step_statement{"tenants.find_step",
                                        "SELECT id, code, name, security_settings FROM sentinel.tenants WHERE id = $1"};
constexpr Statement counts{"tenants.counts",
                           "SELECT users_count, service_accounts_count FROM sentinel_private.tenant_state WHERE tenant_id = $1"};
constexpr Statement children{"tenants.count_children",
                             "SELECT count(*) FROM sentinel.tenants WHERE parent_tenant_id = $1 AND deleted_at IS NULL"};
constexpr Statement active_descendants{
    "tenants.count_active_descendants",
    "WITH RECURSIVE below AS (SELECT id, is_active FROM sentinel.tenants WHERE parent_tenant_id = $1 UNION ALL "
    "SELECT child.id, child.is_active FROM sentinel.tenants child JOIN below ON child.parent_tenant_id = below.id) "
    "SELECT count(*) FROM below WHERE is_active"};
constexpr Statement lock_count{"tenants.lock_count",
                               "SELECT pg_advisory_xact_lock(hashtextextended('sentinel.tenants.count', 0))"};
constexpr Statement count_states{"tenants.count_states", "SELECT count(*) FROM sentinel_private.tenant_state"};
constexpr Statement insert_tenant{
    "tenants.insert",
    "INSERT INTO sentinel.tenants (id, name, name_folded, code, type, parent_tenant_id, ancestors, isolation_mode, settings, "
    "features, "
    "metadata, security_settings, tenant_salt_encrypted) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"};
constexpr Statement insert_state_statement{
    "tenants.insert_state", "INSERT INTO sentinel_private.tenant_state (tenant_id, code, is_active) VALUES ($1, $2, true)"};
constexpr Statement insert_key_statement{
    "tenants.insert_key",
    "INSERT INTO sentinel_private.tenant_keys (tenant_id, key_version, purpose, wrapped_key) VALUES ($1, $2, $3, $4)"};
constexpr Statement insert_role_statement{
    "tenants.insert_role",
    "INSERT INTO sentinel.roles (tenant_id, id, name, display_name, display_name_folded, type, is_assignable, priority, scopes) "
    "VALUES ($1, $2, $3, $4, $5, 'system', $6, $7, $8)"};
constexpr Statement insert_permission{"tenants.insert_permission",
                                      "INSERT INTO sentinel.permissions (tenant_id, id, name, name_folded, resource_type, "
                                      "resource_path, actions, field_permissions) "
                                      "VALUES ($1, $2, 'Everything', 'everything', '*', '**', '{*}', $3)"};
constexpr Statement link_permission{
    "tenants.link_permission",
    "INSERT INTO sentinel.role_permissions (tenant_id, id, role_id, permission_id) VALUES ($1, $2, $3, $4)"};
constexpr Statement suspend_one{
    "tenants.suspend",
    "UPDATE sentinel.tenants SET is_active = false, suspended_at = now(), suspended_by = $2, suspend_reason = $3 "
    "WHERE id = $1 AND is_active RETURNING id"};
constexpr Statement suspend_below{
    "tenants.suspend_below",
    "WITH RECURSIVE below AS (SELECT id FROM sentinel.tenants WHERE parent_tenant_id = $1 UNION ALL "
    "SELECT child.id FROM sentinel.tenants child JOIN below ON child.parent_tenant_id = below.id) "
    "UPDATE sentinel.tenants SET is_active = false, suspended_at = now(), suspended_by = $2, suspend_reason = $3 "
    "WHERE id IN (SELECT id FROM below) AND is_active RETURNING id"};
constexpr Statement activate_statement{"tenants.activate",
                                       "UPDATE sentinel.tenants SET is_active = true, suspended_at = NULL, suspended_by = NULL, "
                                       "suspend_reason = NULL WHERE id = $1"};
constexpr Statement set_state_statement{
    "tenants.set_state",
    "UPDATE sentinel_private.tenant_state SET is_active = $2, token_epoch = token_epoch + $3 WHERE tenant_id = $1"};
constexpr Statement end_sessions_statement{
    "tenants.end_sessions",
    "UPDATE sentinel.sessions SET ended_at = now(), end_reason = 'tenant' WHERE tenant_id = $1 AND ended_at IS NULL"};

std::string_view text_of(TenantType type) { return type == TenantType::root ? "root" : "sub_tenant"; }
std::string_view text_of(IsolationMode mode) { return mode == IsolationMode::shared ? "shared" : "dedicated"; }

// All three tiers, any field: read and write.
json::Object all_field_rights() {
    const json::Object any{{"*", json::Array{"read", "write"}}};
    return {{"core", any}, {"platform_dynamic", any}, {"tenant_specific", any}};
}

}  // namespace

Tenant tenant_of(const postgres::Row& row) {
    Tenant tenant;
    tenant.id = row.get<core::TenantId>("id");
    tenant.name = row.get<std::string>("name");
    tenant.code = row.get<std::string>("code");
    tenant.type = row.get<std::string>("type") == "root" ? TenantType::root : TenantType::sub_tenant;
    tenant.parent_tenant_id = row.get<std::optional<core::TenantId>>("parent_tenant_id");
    tenant.ancestors = row.get<std::vector<core::TenantId>>("ancestors");
    tenant.isolation_mode = row.get<std::string>("isolation_mode") == "shared" ? IsolationMode::shared : IsolationMode::dedicated;
    tenant.settings = row.get<json::Object>("settings");
    tenant.features = row.get<std::vector<std::string>>("features");
    tenant.metadata = row.get<json::Object>("metadata");
    tenant.security_settings = row.get<json::Object>("security_settings");
    tenant.is_active = row.get<bool>("is_active");
    tenant.suspended_at = row.get<std::optional<core::Instant>>("suspended_at");
    tenant.suspended_by = row.get<std::optional<core::UserId>>("suspended_by");
    tenant.suspend_reason = row.get<std::optional<std::string>>("suspend_reason");
    tenant.deleted_at = row.get<std::optional<core::Instant>>("deleted_at");
    tenant.purge_after = row.get<std::optional<core::Instant>>("purge_after");
    tenant.version = row.get<std::int32_t>("version");
    tenant.created_at = row.get<core::Instant>("created_at");
    tenant.updated_at = row.get<core::Instant>("updated_at");
    return tenant;
}

namespace repository {

awaitable<std::optional<Tenant>> find(postgres::Transaction& transaction, core::TenantId tenant) {
    const postgres::Result result = co_await transaction.execute(find_tenant, tenant);
    const auto row = result.maybe_one();
    if (!row) co_return std::nullopt;
    co_return tenant_of(*row);
}

awaitable<std::optional<TenantPlace>> find_place(postgres::Transaction& transaction, core::TenantId tenant) {
    const postgres::Result result = co_await transaction.execute(find_place_statement, tenant);
    const auto row = result.maybe_one();
    if (!row) co_return std::nullopt;
    co_return TenantPlace{.id = row->get<core::TenantId>(0),
                          .ancestors = row->get<std::vector<core::TenantId>>(1),
                          .is_active = row->get<bool>(2),
                          .is_deleted = row->get<bool>(3),
                          .settings = row->get<json::Object>(4),
                          .features = row->get<std::vector<std::string>>(5)};
}

awaitable<std::optional<Step>> find_step(postgres::Transaction& transaction, core::TenantId tenant) {
    const postgres::Result result = co_await transaction.execute(find_step_statement, tenant);
    const auto row = result.maybe_one();
    if (!row) co_return std::nullopt;
    co_return Step{{row->get<core::TenantId>(0), row->get<std::string>(1), row->get<std::string>(2)}, row->get<json::Object>(3)};
}

awaitable<StateCounts> state_counts(postgres::Transaction& transaction, core::TenantId tenant) {
    const postgres::Result result = co_await transaction.execute(counts, tenant);
    const postgres::Row row = result.one();
    co_return StateCounts{row.get<std::int64_t>(0), row.get<std::int64_t>(1)};
}

awaitable<std::int64_t> count_children(postgres::Transaction& transaction, core::TenantId tenant) {
    const postgres::Result result = co_await transaction.execute(children, tenant);
    co_return result.one().get<std::int64_t>(0);
}

awaitable<std::int64_t> count_active_descendants(postgres::Transaction& transaction, core::TenantId tenant) {
    const postgres::Result result = co_await transaction.execute(active_descendants, tenant);
    co_return result.one().get<std::int64_t>(0);
}

awaitable<std::int64_t> lock_and_count_tenants(postgres::Transaction& transaction) {
    co_await transaction.execute(lock_count);
    // A statement of its own: it sees what the holder of the lock before us has committed.
    const postgres::Result result = co_await transaction.execute(count_states);
    co_return result.one().get<std::int64_t>(0);
}

awaitable<void> insert(postgres::Transaction& transaction, const TenantRow& row) {
    co_await transaction.execute(insert_tenant, row.id, row.name, core::case_folded(row.name), row.code, text_of(row.type),
                                 row.parent, row.ancestors, text_of(row.isolation_mode), row.settings, row.features, row.metadata,
                                 row.security_settings, postgres::as_bytes(row.salt_encrypted));
}

awaitable<void> insert_state(postgres::Transaction& transaction, core::TenantId tenant, std::string_view code) {
    co_await transaction.execute(insert_state_statement, tenant, code);
}

awaitable<void> insert_key(postgres::Transaction& transaction, core::TenantId tenant, const crypto::WrappedTenantKey& key) {
    co_await transaction.execute(insert_key_statement, tenant, key.version, crypto::text_of(key.purpose),
                                 postgres::as_bytes(key.wrapped));
}

awaitable<void> insert_role(postgres::Transaction& transaction, core::RoleId id, const SystemRole& role) {
    co_await transaction.execute(insert_role_statement, transaction.tenant(), id, role.name, role.display_name,
                                 core::case_folded(role.display_name), role.is_assignable, role.priority, role.scopes);
}

awaitable<void> insert_all_covering_permission(postgres::Transaction& transaction, core::PermissionId id, core::RoleId role,
                                               core::Uuid link) {
    const core::TenantId tenant = transaction.tenant();
    co_await transaction.execute(insert_permission, tenant, id, all_field_rights());
    co_await transaction.execute(link_permission, tenant, link, role, id);
}

awaitable<std::vector<core::TenantId>> suspend(postgres::Transaction& transaction, core::TenantId tenant, bool cascade,
                                               std::optional<core::UserId> by, const std::optional<std::string>& reason) {
    std::vector<core::TenantId> suspended;
    const postgres::Result own = co_await transaction.execute(suspend_one, tenant, by, reason);
    for (const postgres::Row row : own) suspended.push_back(row.get<core::TenantId>(0));
    if (!cascade) co_return suspended;
    const postgres::Result below = co_await transaction.execute(suspend_below, tenant, by, reason);
    for (const postgres::Row row : below) suspended.push_back(row.get<core::TenantId>(0));
    co_return suspended;
}

awaitable<void> activate(postgres::Transaction& transaction, core::TenantId tenant) {
    co_await transaction.execute(activate_statement, tenant);
}

awaitable<void> set_state(postgres::Transaction& transaction, core::TenantId tenant, bool is_active, bool raise_epoch) {
    co_await transaction.execute(set_state_statement, tenant, is_active, std::int64_t{raise_epoch ? 1 : 0});
}

awaitable<std::int64_t> end_sessions(postgres::Transaction& transaction, core::TenantId tenant) {
    const postgres::Result ended = co_await transaction.execute(end_sessions_statement, tenant);
    co_return static_cast<std::int64_t>(ended.affected_rows());
}

}  // namespace repository

postgres::StatementList statements() noexcept {
    static const std::vector<const Statement*> all = [] {
        std::vector<const Statement*> list{&find_tenant,
                                           &find_place_statement,
                                           &find_step_statement,
                                           &counts,
                                           &children,
                                           &active_descendants,
                                           &lock_count,
                                           &count_states,
                                           &insert_tenant,
                                           &insert_state_statement,
                                           &insert_key_statement,
                                           &insert_role_statement,
                                           &insert_permission,
                                           &link_permission,
                                           &suspend_one,
                                           &suspend_below,
                                           &activate_statement,
                                           &set_state_statement,
                                           &end_sessions_statement};
        for (const Statement* statement : list_statements()) list.push_back(statement);
        return list;
    }();
    return all;
}

}  // namespace sentinel::tenants
