#include <random>

#include "platform/access/access_testing.hpp"
#include "platform/service/error.hpp"

namespace sentinel::access {
namespace {

using platform::Scope;
using testing::AccessTest;

class AccessStoreTest : public AccessTest {};

TEST_F(AccessStoreTest, APublishedChangeIsSeenByEveryWorkerWhenBringUpReturns) {
    const core::TenantId tenant = other_.tenant();
    const core::UserId user = other_.user(tenant);
    const core::RoleId role = other_.role(tenant, "user:read");
    load(tenant);
    EXPECT_TRUE(scopes(1, tenant, user).empty());
    for (int round = 0; round < 50; ++round) {
        std::int64_t revision = other_.assign(tenant, user, role);
        worker(0).run(worker(0).view().bring_up_to(tenant, revision));
        ASSERT_TRUE(scopes(1, tenant, user).has(Scope::user_read)) << round;
        revision = other_.unassign(tenant, user);
        worker(1).run(worker(1).view().bring_up_to(tenant, revision));
        ASSERT_TRUE(scopes(0, tenant, user).empty()) << round;
        ASSERT_TRUE(scopes(1, tenant, user).empty()) << round;
    }
}

TEST_F(AccessStoreTest, LoadsOfOneTenantWaitForOneLoad) {
    const core::TenantId tenant = other_.tenant();
    std::vector<std::future<AccessStatePointer>> loads;
    for (int count = 0; count < 100; ++count) {
        testing::Worker& at = worker(static_cast<std::size_t>(count) % 2);
        loads.push_back(boost::asio::co_spawn(at.context(), at.view().require(tenant), boost::asio::use_future));
    }
    const AccessStatePointer first = loads.front().get();
    for (std::size_t index = 1; index < loads.size(); ++index) EXPECT_EQ(loads[index].get(), first);
}

TEST_F(AccessStoreTest, AnUnknownTenantIsNothingAndLeavesNothing) {
    const core::TenantId tenant = testing::new_id<core::TenantId>();
    EXPECT_EQ(load(tenant), nullptr);
    EXPECT_EQ(store_.current(tenant), nullptr);
    worker(0).run(worker(0).view().bring_up_to(tenant, 7));
}

TEST_F(AccessStoreTest, AWriterBringsItsTenantUpOnItsOwnTransaction) {
    const core::TenantId tenant = other_.tenant();
    const core::UserId user = other_.user(tenant);
    const core::RoleId role = other_.role(tenant, "user:read");
    load(tenant);
    const std::int64_t revision = other_.assign(tenant, user, role);
    AccessView& view = worker(0).view();
    const auto write = [&](postgres::Transaction& transaction) -> boost::asio::awaitable<bool> {
        const AccessStatePointer state = co_await view.bring_up_to(transaction, tenant, revision);
        co_return state->revision() == revision&& transaction.tenant() == core::platform_tenant;
    };
    EXPECT_TRUE(worker(0).run(view.database().write(core::platform_tenant, write)));
    EXPECT_TRUE(scopes(1, tenant, user).has(Scope::user_read));
}

TEST_F(AccessStoreTest, OneUsersChangeLeavesTheOthersRowsWhereTheyAre) {
    const core::TenantId tenant = other_.tenant();
    const core::UserId ann = other_.user(tenant);
    const core::UserId bob = other_.user(tenant);
    const AccessStatePointer before = load(tenant);
    const std::int64_t revision =
        other_.change(tenant, "update sentinel.users set is_active = false where tenant_id = $t and id = '" + ann.text() + "'");
    worker(0).run(worker(0).view().bring_up_to(tenant, revision));
    const AccessStatePointer after = store_.current(tenant);
    EXPECT_FALSE(after->subject(ann)->is_active);
    EXPECT_TRUE(before->subject(ann)->is_active);
    EXPECT_EQ(before->subject(bob), after->subject(bob));
}

TEST_F(AccessStoreTest, ASuspendedParentMakesItsChildrenInactive) {
    const core::TenantId root = other_.tenant();
    const core::TenantId child = other_.tenant({root});
    const core::TenantId grandchild = other_.tenant({root, child});
    load(root);
    EXPECT_TRUE(load(grandchild)->tenant().is_active);
    const std::int64_t revision = other_.change(root, "update sentinel.tenants set is_active = false where id = $t");
    worker(0).run(worker(0).view().bring_up_to(root, revision));
    EXPECT_FALSE(look(1, grandchild, [](const AccessState* state) { return state->tenant().is_active; }));
    EXPECT_FALSE(load(child)->tenant().is_active);
}

TEST_F(AccessStoreTest, ReadsNetworksOfTheWholeChainAndOwnRates) {
    const core::TenantId root = other_.tenant();
    const core::TenantId child = other_.tenant({root});
    other_.change(root, R"(update sentinel.tenants set security_settings = '{"allowed_cidrs": ["10.0.0.0/8"]}' where id = $t)");
    other_.change(child, R"(update sentinel.tenants set settings = '{"rate_limits": {"tenant": 3}}' where id = $t)");
    const AccessStatePointer state = load(child);
    EXPECT_FALSE(state->tenant().allows(*core::IpAddress::parse("192.0.2.1")));
    EXPECT_TRUE(state->tenant().allows(*core::IpAddress::parse("10.9.9.9")));
    EXPECT_EQ(state->tenant().rates.tenant, 3);
    EXPECT_EQ(state->tenant().ancestors.size(), 1U);
}

/// Whatever changes, re-reading the named rows gives what reading all gives.
TEST_F(AccessStoreTest, RefreshingEqualsLoading) {
    const core::TenantId tenant = other_.tenant();
    std::vector<core::UserId> users;
    std::vector<core::RoleId> roles;
    std::vector<core::Uuid> groups;
    const std::vector<std::string> scopes = {"user:read", "role:write", "group:admin", "resource:read", "audit:write"};
    for (int count = 0; count < 5; ++count) {
        users.push_back(other_.user(tenant));
        roles.push_back(other_.role(tenant, scopes[static_cast<std::size_t>(count)]));
        groups.push_back(testing::new_uuid());
        other_.change(tenant, "insert into sentinel.groups (tenant_id, id, name) values ($t, '" + groups.back().text() + "', '" +
                                  groups.back().text() + "')");
    }
    load(tenant);
    std::mt19937 random(7);
    const auto any = [&](const auto& list) { return "'" + list[random() % list.size()].text() + "'"; };
    for (int step = 0; step < 150; ++step) {
        const std::vector<std::string> changes = {
            "insert into sentinel.user_roles (tenant_id, id, user_id, role_id) values ($t, gen_random_uuid(), " + any(users) +
                ", " + any(roles) + ") on conflict do nothing",
            "delete from sentinel.user_roles where tenant_id = $t and user_id = " + any(users),
            "update sentinel.user_roles set is_active = not is_active where tenant_id = $t and role_id = " + any(roles),
            "insert into sentinel.user_groups (tenant_id, id, user_id, group_id) values ($t, gen_random_uuid(), " + any(users) +
                ", " + any(groups) + ") on conflict do nothing",
            "delete from sentinel.user_groups where tenant_id = $t and group_id = " + any(groups),
            "insert into sentinel.group_roles (tenant_id, id, group_id, role_id) values ($t, gen_random_uuid(), " + any(groups) +
                ", " + any(roles) + ") on conflict do nothing",
            "delete from sentinel.group_roles where tenant_id = $t and group_id = " + any(groups),
            "update sentinel.groups set is_active = not is_active where tenant_id = $t and id = " + any(groups),
            "update sentinel.roles set is_active = not is_active where tenant_id = $t and id = " + any(roles),
            "update sentinel.roles set scopes = '{" + scopes[random() % scopes.size()] +
                "}' where tenant_id = $t and id = " + any(roles),
            "update sentinel.users set deleted_at = case when deleted_at is null then now() end where tenant_id = $t and id = " +
                any(users),
            "update sentinel.users set lock_kind = case when lock_kind is null then 'admin' end, locked_until = 'infinity' where "
            "tenant_id = $t and id = " +
                any(users),
        };
        const std::int64_t revision = other_.change(tenant, changes[random() % changes.size()]);
        if (random() % 3 == 0) worker(0).run(worker(0).view().bring_up_to(tenant, revision));
    }
    poll();
    const AccessStatePointer refreshed = store_.current(tenant);
    other_.sql().run("update sentinel_private.database_incarnation set id = replace(gen_random_uuid()::text, '-', '')");
    poll();
    const AccessStatePointer loaded = load(tenant);
    ASSERT_NE(loaded, refreshed);
    ASSERT_EQ(loaded->revision(), refreshed->revision());
    const core::Instant now = core::SystemClock().now();
    for (const core::UserId user : users) {
        EXPECT_EQ(loaded->subject(user) == nullptr, refreshed->subject(user) == nullptr);
        EXPECT_EQ(loaded->scopes_of(user, now), refreshed->scopes_of(user, now));
        EXPECT_EQ(loaded->effective_roles(user, now), refreshed->effective_roles(user, now));
    }
    EXPECT_EQ(loaded->bytes(), refreshed->bytes());
}

class SmallStoreTest : public AccessTest {
protected:
    SmallStoreTest() : AccessTest(std::size_t{20} << 10, 1) {}
};

TEST_F(SmallStoreTest, TheLeastRecentlyUsedTenantsGoEverywhere) {
    std::vector<core::TenantId> tenants;
    for (int count = 0; count < 8; ++count) {
        tenants.push_back(other_.tenant());
        advance(std::chrono::seconds(1));
        load(tenants.back());
        EXPECT_LE(store_.bytes(), std::size_t{20} << 10);
    }
    EXPECT_EQ(store_.current(tenants.front()), nullptr);
    EXPECT_NE(store_.current(tenants.back()), nullptr);
    for (const std::size_t index : {0U, 1U}) {
        EXPECT_TRUE(look(index, tenants.front(), [](const AccessState* state) { return state == nullptr; }));
    }
    EXPECT_NE(load(tenants.front(), 1), nullptr);
}

}  // namespace
}  // namespace sentinel::access
