#include "modules/tenants/system_roles.hpp"

#include <algorithm>
#include <ranges>

#include <gtest/gtest.h>

#include "platform/service/scope.hpp"

namespace sentinel::tenants {
namespace {

const SystemRole& role(std::string_view name) { return *std::ranges::find(system_roles(), name, &SystemRole::name); }

TEST(SystemRoles, NameScopesThatExist) {
    for (const SystemRole& system_role : system_roles()) {
        for (const std::string& scope : system_role.scopes)
            EXPECT_TRUE(platform::parse_scope(scope)) << system_role.name << ' ' << scope;
    }
}

TEST(SystemRoles, PlatformScopesAreSuperAdminsAlone) {
    for (const SystemRole& system_role : system_roles()) {
        const bool has_any = std::ranges::any_of(system_role.scopes, [](const std::string& scope) {
            return platform::is_platform_only(*platform::parse_scope(scope));
        });
        EXPECT_EQ(has_any, system_role.is_platform_only) << system_role.name;
    }
}

TEST(SystemRoles, TenantAdministratorsHoldEveryOtherFamily) {
    EXPECT_EQ(role("tenant_admin").scopes.size(), 15U);
    EXPECT_EQ(role("super_admin").scopes.size(), 17U);
    EXPECT_EQ(role("auditor").scopes.size(), 16U);
    EXPECT_TRUE(role("everyone").scopes.empty());
    EXPECT_FALSE(role("everyone").is_assignable);
}

}  // namespace
}  // namespace sentinel::tenants
