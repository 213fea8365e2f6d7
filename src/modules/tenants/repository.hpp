#pragma once
/// The SQL of tenants: their rows, their state, and the rows that a tenant is made with.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/vocabulary.hpp"
#include "modules/tenants/schemas.hpp"
#include "modules/tenants/system_roles.hpp"
#include "platform/crypto/key_ring.hpp"
#include "platform/http/pagination.hpp"
#include "platform/postgres/transaction.hpp"

namespace sentinel::tenants {

/// A row that a new tenant is made of.
struct TenantRow {
    core::TenantId id;
    std::string name;
    std::string code;
    TenantType type = TenantType::root;
    std::optional<core::TenantId> parent;
    std::vector<core::TenantId> ancestors;
    IsolationMode isolation_mode = IsolationMode::shared;
    core::json::Object settings;
    std::vector<std::string> features;
    core::json::Object metadata;
    core::json::Object security_settings;
    std::string salt_encrypted;
};

/// What decides whether something may be done below a tenant.
struct TenantPlace {
    core::TenantId id;
    std::vector<core::TenantId> ancestors;
    bool is_active = true;
    bool is_deleted = false;
    core::json::Object settings;
    std::vector<std::string> features;
};

struct StateCounts {
    std::int64_t users = 0;
    std::int64_t service_accounts = 0;
};

/// Every function works as the transaction's tenant: row security shows it that tenant and its descendants, and all to the platform.
namespace repository {

boost::asio::awaitable<std::optional<Tenant>> find(postgres::Transaction& transaction, core::TenantId tenant);
boost::asio::awaitable<std::optional<TenantPlace>> find_place(postgres::Transaction& transaction, core::TenantId tenant);
boost::asio::awaitable<http::Page<Tenant>> list(postgres::Transaction& transaction, const ListTenants& query, bool with_deleted);
/// `{id, code, name, security_settings}` of the transaction's tenant, for the way up.
struct Step {
    TenantStep step;
    core::json::Object security_settings;
};
boost::asio::awaitable<std::optional<Step>> find_step(postgres::Transaction& transaction, core::TenantId tenant);
boost::asio::awaitable<StateCounts> state_counts(postgres::Transaction& transaction, core::TenantId tenant);
boost::asio::awaitable<std::int64_t> count_children(postgres::Transaction& transaction, core::TenantId tenant);
boost::asio::awaitable<std::int64_t> count_active_descendants(postgres::Transaction& transaction, core::TenantId tenant);

/// Held to the end of the transaction, so that two creations cannot both take the last place (spec 15 section 2 rule 2).
boost::asio::awaitable<std::int64_t> lock_and_count_tenants(postgres::Transaction& transaction);
boost::asio::awaitable<void> insert(postgres::Transaction& transaction, const TenantRow& row);
boost::asio::awaitable<void> insert_state(postgres::Transaction& transaction, core::TenantId tenant, std::string_view code);
boost::asio::awaitable<void> insert_key(postgres::Transaction& transaction, core::TenantId tenant,
                                        const crypto::WrappedTenantKey& key);
/// REQUIRES: the transaction's tenant is the role's.
boost::asio::awaitable<void> insert_role(postgres::Transaction& transaction, core::RoleId id, const SystemRole& role);
boost::asio::awaitable<void> insert_all_covering_permission(postgres::Transaction& transaction, core::PermissionId id,
                                                            core::RoleId role, core::Uuid link);

/// Marks the tenant and, with `cascade`, its active descendants; returns those that were active.
boost::asio::awaitable<std::vector<core::TenantId>> suspend(postgres::Transaction& transaction, core::TenantId tenant,
                                                            bool cascade, std::optional<core::UserId> by,
                                                            const std::optional<std::string>& reason);
boost::asio::awaitable<void> activate(postgres::Transaction& transaction, core::TenantId tenant);
/// What logins and tokens look at: active or not, and a higher epoch where tokens are to die.
boost::asio::awaitable<void> set_state(postgres::Transaction& transaction, core::TenantId tenant, bool is_active,
                                       bool raise_epoch);
/// REQUIRES: the transaction's tenant is the sessions'. Returns how many were open.
boost::asio::awaitable<std::int64_t> end_sessions(postgres::Transaction& transaction, core::TenantId tenant);

}  // namespace repository

postgres::StatementList statements() noexcept;

}  // namespace sentinel::tenants
