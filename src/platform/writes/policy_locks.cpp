#include "platform/writes/policy_locks.hpp"

#include <utility>

#include "core/json.hpp"
#include "platform/service/error.hpp"
#include "platform/writes/statements.hpp"

namespace sentinel::writes {

namespace json = core::json;

namespace {

constexpr postgres::Statement lock_shared{
    "writes.lock_tenant_shared", "SELECT policy_revision FROM sentinel_private.tenant_state WHERE tenant_id = $1 FOR SHARE"};
constexpr postgres::Statement lock_exclusive{
    "writes.lock_tenant", "SELECT policy_revision FROM sentinel_private.tenant_state WHERE tenant_id = $1 FOR UPDATE"};
constexpr postgres::Statement select_descendants{
    "writes.select_descendants",
    "WITH RECURSIVE below AS (SELECT id FROM sentinel.tenants WHERE parent_tenant_id = $1 UNION ALL "
    "SELECT child.id FROM sentinel.tenants child JOIN below ON child.parent_tenant_id = below.id) SELECT id FROM below ORDER BY "
    "id"};
constexpr postgres::Statement announce{"writes.announce_revisions", "SELECT set_config('sentinel.revision', $1, true)"};
// What changed nothing raises nothing: the triggers wrote a change row, or there is no new revision.
constexpr postgres::Statement raise_revision{
    "writes.raise_revision",
    "UPDATE sentinel_private.tenant_state SET policy_revision = $2 WHERE tenant_id = $1 AND EXISTS "
    "(SELECT FROM sentinel_private.policy_changes WHERE tenant_id = $1 AND revision = $2)"};

std::int64_t revision_of(const postgres::Result& result) {
    const auto row = result.maybe_one();
    if (!row) throw platform::not_found("tenant");
    return row->get<std::int64_t>(0);
}

}  // namespace

postgres::StatementList policy_lock_statements() noexcept {
    static constexpr const postgres::Statement* statements[] = {&lock_shared, &lock_exclusive, &select_descendants, &announce,
                                                                &raise_revision};
    return statements;
}

boost::asio::awaitable<std::vector<TenantRevision>> lock_policy(postgres::Transaction& transaction, const PolicyLocks& locks) {
    for (const core::TenantId tenant : locks.shared) {
        const postgres::Result locked = co_await transaction.execute(lock_shared, tenant);
        revision_of(locked);
    }
    std::vector<TenantRevision> held;
    if (locks.creates_target) co_return held;
    std::vector<core::TenantId> exclusive{locks.target.value_or(transaction.tenant())};
    for (std::size_t index = 0; index < exclusive.size(); ++index) {
        const core::TenantId tenant = exclusive[index];
        const postgres::Result locked = co_await transaction.execute(lock_exclusive, tenant);
        held.push_back({tenant, revision_of(locked)});
        // With the target's row held no descendant can be made any more: only now is their list complete.
        if (index == 0 && locks.with_descendants) {
            const postgres::Result rows = co_await transaction.execute(select_descendants, tenant);
            for (const postgres::Row row : rows) exclusive.push_back(row.get<core::TenantId>(0));
        }
    }
    co_return held;
}

boost::asio::awaitable<void> announce_revisions(postgres::Transaction& transaction, const std::vector<TenantRevision>& next) {
    json::Object revisions;
    for (const TenantRevision& row : next) revisions.set(row.tenant.text(), row.revision);
    co_await transaction.execute(announce, json::to_text(revisions));
}

boost::asio::awaitable<std::vector<TenantRevision>> raise_revisions(postgres::Transaction& transaction,
                                                                    const std::vector<TenantRevision>& next) {
    std::vector<TenantRevision> raised;
    for (const TenantRevision& row : next) {
        const postgres::Result updated = co_await transaction.execute(raise_revision, row.tenant, row.revision);
        if (updated.affected_rows() == 1) raised.push_back(row);
    }
    co_return raised;
}

}  // namespace sentinel::writes
