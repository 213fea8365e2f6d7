#pragma once
/// Who may do what to a tenant (spec 01, "Who may do what across tenants").

#include "modules/tenants/repository.hpp"
#include "platform/service/actor.hpp"

namespace sentinel::tenants {

/// How an actor stands to a tenant.
enum class Relation : std::uint8_t {
    own,       ///< someone of the tenant itself
    ancestor,  ///< holder of tenant:admin in a tenant above it
    platform,  ///< holder of platform:admin
    other,
};
Relation relation_of(const platform::Actor& actor, core::TenantId tenant, const std::vector<core::TenantId>& ancestors);
bool is_platform_administrator(const platform::Actor& actor);

/// Suspending, activating, deleting: from above or by the platform, never from within.
void check_may_administer(const platform::Actor& actor, const TenantPlace& tenant);
/// Each known member of `settings` may be written by this actor, who stands to the tenant like that.
void check_may_write_settings(const platform::Actor& actor, Relation relation, const core::json::Object& settings);
/// What an ancestor gives is at most what the parent has, `effective` being its settings in force (rule 14); the platform is free.
void check_within_own(const platform::Actor& actor, const TenantPlace& giver, const core::json::Object& effective,
                      const NewTenant& given);
/// The row as this actor may see it.
Tenant visible_to(const platform::Actor& actor, Tenant tenant);

}  // namespace sentinel::tenants
