#include "platform/writes/tenant_keys.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "platform/postgres/statement.hpp"
#include "platform/service/error.hpp"
#include "platform/writes/statements.hpp"

namespace sentinel::writes {

namespace {

constexpr postgres::Statement select_tenant_keys{
    "writes.select_tenant_keys",
    "SELECT purpose, key_version, wrapped_key, retired_at IS NOT NULL "
    "FROM sentinel_private.tenant_keys WHERE tenant_id = $1 AND destroyed_at IS NULL"};
constexpr postgres::Statement select_tenant_salt{"writes.select_tenant_salt",
                                                 "SELECT tenant_salt_encrypted FROM sentinel.tenants WHERE id = $1"};

crypto::WrappedTenantKey key_of(const postgres::Row& row) {
    const auto purpose = crypto::parse_tenant_key_purpose(row.get<std::string>(0));
    if (!purpose) throw std::logic_error("tenant_keys.purpose is outside of its check");
    return {*purpose, static_cast<std::uint32_t>(row.get<std::int32_t>(1)), row.get<std::string>(2), row.get<bool>(3)};
}

}  // namespace

postgres::StatementList tenant_key_statements() noexcept {
    static constexpr const postgres::Statement* statements[] = {&select_tenant_keys, &select_tenant_salt};
    return statements;
}

boost::asio::awaitable<KeyRingPointer> TenantKeys::of(postgres::Transaction& transaction) {
    const core::TenantId tenant = transaction.tenant();
    if (auto ring = find(tenant)) co_return ring;
    auto sent_keys = transaction.send(select_tenant_keys, tenant);
    auto sent_salt = transaction.send(select_tenant_salt, tenant);
    const postgres::Result key_rows = co_await transaction.receive(std::move(sent_keys));
    const postgres::Result salt_rows = co_await transaction.receive(std::move(sent_salt));
    if (key_rows.empty() || salt_rows.empty()) throw platform::not_found("tenant");
    std::vector<crypto::WrappedTenantKey> rows;
    for (const postgres::Row row : key_rows) rows.push_back(key_of(row));
    auto ring = crypto::KeyRing::load(*master_, *server_, tenant, rows, salt_rows[0].get<std::string>(0));
    // The text names a row and never a key; it is for the log, the client sees a 500.
    if (!ring) throw std::runtime_error(ring.error());
    auto shared = std::make_shared<const crypto::KeyRing>(std::move(*ring));
    keep(shared);
    co_return shared;
}

void TenantKeys::forget(core::TenantId tenant) {
    const std::lock_guard lock(mutex_);
    rings_.erase(tenant);
}

KeyRingPointer TenantKeys::find(core::TenantId tenant) const {
    const std::lock_guard lock(mutex_);
    const auto found = rings_.find(tenant);
    return found == rings_.end() ? nullptr : found->second;
}

void TenantKeys::keep(const KeyRingPointer& ring) {
    const std::lock_guard lock(mutex_);
    if (rings_.size() >= capacity_) rings_.clear();
    rings_[ring->tenant()] = ring;
}

}  // namespace sentinel::writes
