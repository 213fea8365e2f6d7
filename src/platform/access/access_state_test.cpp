#include "platform/access/access_state.hpp"

#include <gtest/gtest.h>

namespace sentinel::access {
namespace {

using platform::Scope;

template <class Id>
Id id(std::uint8_t number) {
    Id made;
    made.value.bytes[15] = number;
    return made;
}
const core::Instant noon{.seconds = 1'000'000};

RoleRow role(std::uint8_t number, Scope scope, std::optional<std::uint8_t> parent = {}, bool is_active = true) {
    RoleRow row{.id = id<core::RoleId>(number), .name = "role-" + std::to_string(number), .is_active = is_active};
    if (parent) row.parent = id<core::RoleId>(*parent);
    row.scopes.add(scope);
    return row;
}
GroupRow group(std::uint8_t number, std::vector<core::RoleId> roles, std::optional<std::uint8_t> parent = {},
               bool is_active = true) {
    GroupRow row{.id = id<core::GroupId>(number), .is_active = is_active, .roles = std::move(roles)};
    if (parent) row.parent = id<core::GroupId>(*parent);
    return row;
}
SubjectRow subject(std::uint8_t number, std::vector<Grant> grants) {
    return {.id = id<core::UserId>(number), .grants = std::move(grants)};
}
Grant of_role(std::uint8_t number, Period period = {}) { return {id<core::RoleId>(number).value, GrantKind::role, period}; }
Grant of_group(std::uint8_t number, Period period = {}) { return {id<core::GroupId>(number).value, GrantKind::group, period}; }

AccessStateBuilder builder(core::TenantId tenant = id<core::TenantId>(1)) {
    AccessStateBuilder made;
    made.set_revision(1);
    made.set_tenant({.id = tenant, .code = "T"});
    return made;
}
const core::UserId ann = id<core::UserId>(1);

TEST(AccessState, UnitesDirectRolesWithTheirParents) {
    AccessStateBuilder made = builder();
    made.put(role(1, Scope::user_write, 2));
    made.put(role(2, Scope::role_read));
    made.put(subject(1, {of_role(1)}));
    const AccessStatePointer state = made.finish();
    const platform::ScopeSet scopes = state->scopes_of(ann, noon);
    EXPECT_TRUE(scopes.has(Scope::user_write));
    EXPECT_TRUE(scopes.has(Scope::user_read));
    EXPECT_TRUE(scopes.has(Scope::role_read));
    EXPECT_FALSE(scopes.has(Scope::user_admin));
    EXPECT_EQ(state->effective_role_names(ann, noon), (std::vector<std::string>{"role-1", "role-2"}));
}

TEST(AccessState, AnInactiveRoleContributesAndPassesOnNothing) {
    AccessStateBuilder made = builder();
    made.put(role(1, Scope::user_read, 2));
    made.put(role(2, Scope::role_read, 3, false));
    made.put(role(3, Scope::group_read));
    made.put(subject(1, {of_role(1)}));
    const platform::ScopeSet scopes = made.finish()->scopes_of(ann, noon);
    EXPECT_TRUE(scopes.has(Scope::user_read));
    EXPECT_FALSE(scopes.has(Scope::role_read));
    EXPECT_FALSE(scopes.has(Scope::group_read));
}

TEST(AccessState, AMemberHasTheRolesOfItsGroupsAncestors) {
    AccessStateBuilder made = builder();
    made.put(role(1, Scope::user_read));
    made.put(role(2, Scope::role_read));
    made.put(role(3, Scope::group_read));
    made.put(group(1, {id<core::RoleId>(1)}, 2));
    made.put(group(2, {id<core::RoleId>(2)}, 3));
    made.put(group(3, {id<core::RoleId>(3)}, {}, false));
    made.put(subject(1, {of_group(1)}));
    const AccessStatePointer state = made.finish();
    const platform::ScopeSet scopes = state->scopes_of(ann, noon);
    EXPECT_TRUE(scopes.has(Scope::user_read));
    EXPECT_TRUE(scopes.has(Scope::role_read));
    EXPECT_FALSE(scopes.has(Scope::group_read));
    EXPECT_TRUE(state->holds_role(ann, id<core::RoleId>(2), noon));
    EXPECT_FALSE(state->holds_role(ann, id<core::RoleId>(3), noon));
}

TEST(AccessState, AssignmentsBeginAndEndAtTheInstantWithoutAJob) {
    AccessStateBuilder made = builder();
    made.put(role(1, Scope::user_read));
    made.put(subject(1, {of_role(1, Period::of(noon, noon.plus_seconds(60)))}));
    const AccessStatePointer state = made.finish();
    EXPECT_TRUE(state->scopes_of(ann, {.seconds = noon.seconds - 1, .nanoseconds = 999'999'999}).empty());
    EXPECT_FALSE(state->scopes_of(ann, noon).empty());
    EXPECT_FALSE(state->scopes_of(ann, {.seconds = noon.seconds + 59, .nanoseconds = 999'999'999}).empty());
    EXPECT_TRUE(state->scopes_of(ann, noon.plus_seconds(60)).empty());
}

TEST(AccessState, MembershipsBeginAndEndLikewise) {
    AccessStateBuilder made = builder();
    made.put(role(1, Scope::user_read));
    made.put(group(1, {id<core::RoleId>(1)}));
    made.put(subject(1, {of_group(1, Period::of({}, noon))}));
    const AccessStatePointer state = made.finish();
    EXPECT_FALSE(state->scopes_of(ann, noon.plus_seconds(-1)).empty());
    EXPECT_TRUE(state->scopes_of(ann, noon).empty());
}

TEST(AccessState, WhoIsInactiveOrLockedByAnAdministratorHasNothing) {
    AccessStateBuilder made = builder();
    made.put(role(1, Scope::user_read));
    SubjectRow inactive = subject(1, {of_role(1)});
    inactive.is_active = false;
    SubjectRow locked = subject(2, {of_role(1)});
    locked.locked_until = noon;
    made.put(inactive);
    made.put(locked);
    const AccessStatePointer state = made.finish();
    EXPECT_TRUE(state->scopes_of(ann, noon).empty());
    EXPECT_TRUE(state->scopes_of(id<core::UserId>(2), noon.plus_seconds(-1)).empty());
    EXPECT_FALSE(state->scopes_of(id<core::UserId>(2), noon).empty());
    EXPECT_TRUE(state->scopes_of(id<core::UserId>(9), noon).empty());
}

TEST(AccessState, OnlyThePlatformTenantsRolesHoldPlatformScopes) {
    for (const core::TenantId tenant : {id<core::TenantId>(1), core::platform_tenant}) {
        AccessStateBuilder made = builder(tenant);
        made.put(role(1, Scope::platform_admin));
        made.put(role(2, Scope::system_admin));
        const AccessStatePointer state = made.finish();
        EXPECT_EQ(state->scopes_of_role(id<core::RoleId>(1)).has(Scope::platform_admin), tenant == core::platform_tenant);
        EXPECT_EQ(state->scopes_of_role(id<core::RoleId>(2)).has(Scope::system_read), tenant == core::platform_tenant);
    }
}

TEST(AccessState, TerminatesOnCyclesThatGotIntoTheStore) {
    AccessStateBuilder made = builder();
    made.put(role(1, Scope::user_read, 2));
    made.put(role(2, Scope::role_read, 1));
    made.put(group(1, {id<core::RoleId>(1)}, 2));
    made.put(group(2, {}, 1));
    made.put(subject(1, {of_group(1)}));
    const AccessStatePointer state = made.finish();
    EXPECT_EQ(state->effective_roles(ann, noon).size(), 2U);
    EXPECT_TRUE(state->scopes_of(ann, noon).has(Scope::role_read));
}

TEST(AccessState, AChangedCopyLeavesTheOriginalAsItWas) {
    AccessStateBuilder first = builder();
    first.put(role(1, Scope::user_read));
    first.put(role(2, Scope::user_admin));
    for (std::uint8_t number = 1; number < 200; ++number) first.put(subject(number, {of_role(1)}));
    const AccessStatePointer before = first.finish();
    AccessStateBuilder second(*before);
    second.set_revision(2);
    second.put(subject(1, {of_role(2)}));
    second.erase(id<core::UserId>(2));
    second.put(role(1, Scope::group_read));
    const AccessStatePointer after = second.finish();
    EXPECT_EQ(before->revision(), 1);
    EXPECT_EQ(after->revision(), 2);
    EXPECT_FALSE(before->scopes_of(ann, noon).has(Scope::user_admin));
    EXPECT_TRUE(after->scopes_of(ann, noon).has(Scope::user_admin));
    EXPECT_NE(before->subject(id<core::UserId>(2)), nullptr);
    EXPECT_EQ(after->subject(id<core::UserId>(2)), nullptr);
    EXPECT_TRUE(before->scopes_of(id<core::UserId>(3), noon).has(Scope::user_read));
    EXPECT_TRUE(after->scopes_of(id<core::UserId>(3), noon).has(Scope::group_read));
    EXPECT_LT(after->bytes(), before->bytes() + 4096);
    EXPECT_EQ(before->subject(id<core::UserId>(9)), after->subject(id<core::UserId>(9)));
}

TEST(AccessState, EveryListOfNetworksOfTheChainMustLetTheAddressIn) {
    TenantRow tenant;
    EXPECT_TRUE(tenant.allows(*core::IpAddress::parse("203.0.113.9")));
    tenant.networks = {{*core::IpNetwork::parse("10.0.0.0/8")},
                       {*core::IpNetwork::parse("10.1.0.0/16"), *core::IpNetwork::parse("2001:db8::/32")}};
    EXPECT_TRUE(tenant.allows(*core::IpAddress::parse("10.1.2.3")));
    EXPECT_FALSE(tenant.allows(*core::IpAddress::parse("10.2.2.3")));
    EXPECT_FALSE(tenant.allows(*core::IpAddress::parse("2001:db8::1")));
}

TEST(AccessState, ReadsTheRateFiguresOfSettings) {
    const auto settings = core::json::parse(R"({"rate_limits": {"tenant": 5, "checks": 0, "principal": -1, "sensitive": 1.5}})");
    const RateOverrides rates = RateOverrides::read(*settings->object());
    EXPECT_EQ(rates.tenant, 5);
    EXPECT_EQ(rates.checks, 0);
    EXPECT_EQ(rates.principal, std::nullopt);
    EXPECT_EQ(rates.sensitive, std::nullopt);
    EXPECT_EQ(RateOverrides::read({}), RateOverrides{});
}

}  // namespace
}  // namespace sentinel::access
