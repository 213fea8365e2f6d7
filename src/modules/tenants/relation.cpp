#include "modules/tenants/relation.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "modules/tenants/settings.hpp"

namespace sentinel::tenants {

namespace json = core::json;
using platform::Scope;

namespace {

constexpr std::array<std::string_view, 3> quotas{"max_users", "max_service_accounts", "max_sub_tenants"};

bool holds(const std::vector<std::string>& features, const std::string& feature) {
    return std::ranges::find(features, feature) != features.end();
}

}  // namespace

bool is_platform_administrator(const platform::Actor& actor) {
    return actor.kind == platform::ActorKind::system || actor.scopes.has(Scope::platform_admin);
}

Relation relation_of(const platform::Actor& actor, core::TenantId tenant, const std::vector<core::TenantId>& ancestors) {
    if (is_platform_administrator(actor)) return Relation::platform;
    if (actor.home_tenant == tenant) return Relation::own;
    const bool is_above = std::ranges::find(ancestors, actor.home_tenant) != ancestors.end();
    return is_above && actor.scopes.has(Scope::tenant_admin) ? Relation::ancestor : Relation::other;
}

void check_may_administer(const platform::Actor& actor, const TenantPlace& tenant) {
    switch (relation_of(actor, tenant.id, tenant.ancestors)) {
        case Relation::platform:
        case Relation::ancestor: return;
        case Relation::own: throw platform::permission_denied(text_of(Scope::platform_admin));
        case Relation::other: throw platform::permission_denied(text_of(Scope::tenant_admin));
    }
}

void check_may_write_settings(const platform::Actor& actor, Relation relation, const json::Object& settings) {
    if (is_platform_administrator(actor)) return;
    for (const auto& member : settings) {
        const SettingWriter writer = writer_of(member.name);
        if (writer == SettingWriter::platform) throw platform::permission_denied(text_of(Scope::platform_admin));
        if (writer == SettingWriter::ancestor && relation != Relation::ancestor) {
            throw platform::permission_denied(text_of(Scope::tenant_admin));
        }
    }
}

void check_within_own(const platform::Actor& actor, const TenantPlace& giver, const json::Object& effective,
                      const NewTenant& given) {
    if (is_platform_administrator(actor)) return;
    for (const std::string& feature : given.features) {
        if (!holds(giver.features, feature))
            throw platform::escalation(fmt::format("The parent tenant has no feature {}.", feature));
    }
    for (const std::string_view quota : quotas) {
        const json::Value* wanted = given.settings.find(quota);
        const json::Value* own = effective.find(quota);
        if (wanted == nullptr || own == nullptr || wanted->number() == nullptr || own->number() == nullptr) continue;
        if (*wanted->number() > *own->number())
            throw platform::escalation(fmt::format("{} is above that of the parent tenant.", quota));
    }
}

Tenant visible_to(const platform::Actor& actor, Tenant tenant) {
    const Relation relation = relation_of(actor, tenant.id, tenant.ancestors);
    const bool sees_security = relation == Relation::platform || relation == Relation::ancestor ||
                               (relation == Relation::own && actor.scopes.has(Scope::user_admin));
    if (!sees_security) tenant.security_settings.reset();
    return tenant;
}

}  // namespace sentinel::tenants
