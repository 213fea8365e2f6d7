#pragma once
/// What requests about tenants hold and what answers show (spec 01).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "core/time.hpp"
#include "core/vocabulary.hpp"
#include "platform/http/pagination.hpp"
#include "platform/http/schema.hpp"

namespace sentinel::tenants {

enum class TenantType : std::uint8_t { root, sub_tenant };
http::EnumSchema describe(http::Of<TenantType>);
enum class IsolationMode : std::uint8_t { shared, dedicated };
http::EnumSchema describe(http::Of<IsolationMode>);

/// What POST /tenants and the sub-tenants route have in common.
struct NewTenant {
    std::string name;
    std::string code;
    IsolationMode isolation_mode = IsolationMode::shared;
    core::json::Object settings;
    std::vector<std::string> features;
    core::json::Object metadata;
    core::json::Object security_settings;
};
http::ObjectSchema describe(http::Of<NewTenant>);

struct CreateTenant {
    NewTenant tenant;
    TenantType type = TenantType::root;
    std::optional<core::TenantId> parent_tenant_id;
};
http::ObjectSchema describe(http::Of<CreateTenant>);

struct CreateSubTenant {
    NewTenant tenant;
    TenantType type = TenantType::sub_tenant;
};
http::ObjectSchema describe(http::Of<CreateSubTenant>);

struct Tenant {
    core::TenantId id;
    std::string name;
    std::string code;
    TenantType type = TenantType::root;
    std::optional<core::TenantId> parent_tenant_id;
    std::vector<core::TenantId> ancestors;
    IsolationMode isolation_mode = IsolationMode::shared;
    core::json::Object settings;
    std::vector<std::string> features;
    core::json::Object metadata;
    std::optional<core::json::Object> security_settings;  ///< null to those who may not see it
    bool is_active = true;
    std::optional<core::Instant> suspended_at;
    std::optional<core::UserId> suspended_by;
    std::optional<std::string> suspend_reason;
    std::optional<core::Instant> deleted_at;
    std::optional<core::Instant> purge_after;
    std::int64_t version = 1;
    core::Instant created_at;
    core::Instant updated_at;
};
http::ObjectSchema describe(http::Of<Tenant>);

/// A tenant on the way from the root.
struct TenantStep {
    core::TenantId id;
    std::string code;
    std::string name;
};
http::ObjectSchema describe(http::Of<TenantStep>);

struct TenantDetail {
    Tenant tenant;
    std::int64_t sub_tenants_count = 0;
    std::int64_t users_count = 0;
    std::int64_t service_accounts_count = 0;
    std::vector<TenantStep> hierarchy;
    core::json::Object effective_settings;
    std::optional<core::json::Object> effective_security_settings;
    std::string placement = "shared";
};
http::ObjectSchema describe(http::Of<TenantDetail>);

struct SuspendTenant {
    std::optional<std::string> reason;
    bool cascade = false;
};
http::ObjectSchema describe(http::Of<SuspendTenant>);

/// A tenant that was just suspended.
struct SuspendedTenant {
    Tenant tenant;
    std::int64_t sessions_ended = 0;
    std::int64_t tenants_suspended = 1;
};
http::ObjectSchema describe(http::Of<SuspendedTenant>);

struct ListTenants {
    http::PageRequest page;
    std::optional<std::string> name;
    std::optional<std::string> code;
    std::optional<TenantType> type;
    std::optional<core::TenantId> parent_tenant_id;
    std::optional<bool> is_active;
    bool include_deleted = false;
};
http::ObjectSchema describe(http::Of<ListTenants>);

}  // namespace sentinel::tenants
