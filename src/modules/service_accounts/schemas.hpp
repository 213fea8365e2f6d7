#pragma once
/// What requests about service accounts hold and what answers show (spec 03).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "modules/users/schemas.hpp"

namespace sentinel::service_accounts {

/// A key as it may be shown: never the key.
struct KeySummary {
    std::string key_id;
    core::Instant created_at;
    core::Instant expires_at;
    std::optional<core::Instant> last_used_at;
};
http::ObjectSchema describe(http::Of<KeySummary>);

struct Account {
    core::UserId id;
    core::TenantId tenant_id;
    std::string name;
    std::string email;
    std::optional<std::string> description;
    std::string client_id;
    core::json::Object attributes;
    std::vector<core::IpNetwork> allowed_ips;
    std::optional<core::UserId> owner_id;
    bool owner_active = true;
    bool is_active = true;
    users::UserStatus status = users::UserStatus::active;
    std::optional<core::Instant> last_login;
    std::int64_t login_count = 0;
    std::vector<KeySummary> keys;
    std::int64_t version = 1;
    core::Instant created_at;
    core::Instant updated_at;
};
http::ObjectSchema describe(http::Of<Account>);

struct AccountDetail {
    Account account;
    std::vector<users::RoleSummary> roles;
    std::vector<users::GroupSummary> groups;
    std::int64_t failed_login_count = 0;
    std::optional<core::Instant> locked_until;
};
http::ObjectSchema describe(http::Of<AccountDetail>);

/// With the key, shown this once.
struct CreatedAccount {
    Account account;
    platform::Secret service_account_key;
    core::Instant key_expires_at;
};
http::ObjectSchema describe(http::Of<CreatedAccount>);

struct CreateAccount {
    std::string name;
    std::optional<std::string> description;
    std::optional<std::string> email;
    core::json::Object attributes;
    std::vector<std::string> roles;  ///< ids or names
    std::vector<core::IpNetwork> allowed_ips;
    std::optional<core::UserId> owner_id;
    bool is_active = true;
    std::optional<std::int64_t> expires_in_days;
};
http::ObjectSchema describe(http::Of<CreateAccount>);

struct UpdateAccount {
    http::Change<std::string> name;
    http::Change<std::optional<std::string>> description;
    http::Change<core::json::Object> attributes;
    http::Change<std::vector<core::IpNetwork>> allowed_ips;
    http::Change<std::optional<core::UserId>> owner_id;
    http::Change<bool> is_active;
};
http::ObjectSchema describe(http::Of<UpdateAccount>);

struct ListAccounts {
    http::PageRequest page;
    std::optional<bool> is_active;
    std::optional<std::string> search;
    std::optional<core::UserId> owner_id;
    std::optional<core::Instant> expiring_before;
};
http::ObjectSchema describe(http::Of<ListAccounts>);

struct RotateCredentials {
    bool revoke_existing = true;
    std::optional<std::int64_t> overlap_minutes;
    std::optional<std::int64_t> expires_in_days;
};
http::ObjectSchema describe(http::Of<RotateCredentials>);

struct RotatedCredentials {
    core::UserId id;
    std::string client_id;
    std::string key_id;
    platform::Secret new_api_key;
    core::Instant expires_at;
    std::optional<core::Instant> previous_expires_at;
};
http::ObjectSchema describe(http::Of<RotatedCredentials>);

struct KeyPath {
    core::UserId account_id;
    std::string key_id;
};
http::ObjectSchema describe(http::Of<KeyPath>);

}  // namespace sentinel::service_accounts
