#include "platform/access/access_testing.hpp"
#include "platform/service/error.hpp"

namespace sentinel::access {
namespace {

using platform::ErrorCode;
using platform::Scope;
using testing::AccessTest;

/// The code of the ServiceError that `action` throws; nothing when it throws none.
template <class Action>
std::optional<ErrorCode> refusal_of(Action action) {
    try {
        action();
    } catch (const platform::ServiceError& error) { return error.code(); }
    return std::nullopt;
}

class AccessFeedTest : public AccessTest {};

TEST_F(AccessFeedTest, APollFindsWhatAnotherNodeChangedWithoutAnyNotification) {
    const core::TenantId tenant = other_.tenant();
    const core::UserId user = other_.user(tenant);
    const core::RoleId role = other_.role(tenant, "user:read");
    other_.assign(tenant, user, role);
    load(tenant);
    EXPECT_TRUE(scopes(1, tenant, user).has(Scope::user_read));
    other_.unassign(tenant, user);
    poll();
    EXPECT_TRUE(scopes(0, tenant, user).empty());
    EXPECT_TRUE(scopes(1, tenant, user).empty());
}

TEST_F(AccessFeedTest, AChangeOfAnAncestorOrOfTheTokenEpochIsFound) {
    const core::TenantId root = other_.tenant();
    const core::TenantId child = other_.tenant({root});
    load(child);
    other_.change(root, "update sentinel.tenants set is_active = false where id = $t");
    poll();
    EXPECT_FALSE(look(1, child, [](const AccessState* state) { return state->tenant().is_active; }));
    other_.sql().run("update sentinel_private.tenant_state set token_epoch = 9 where tenant_id = '" + child.text() + "'");
    poll();
    EXPECT_EQ(look(1, child, [](const AccessState* state) { return state->tenant().token_epoch; }), 9);
}

TEST_F(AccessFeedTest, ChangesThatAreNoLongerKeptMeanReadingAll) {
    const core::TenantId tenant = other_.tenant();
    const core::UserId user = other_.user(tenant);
    const core::RoleId role = other_.role(tenant, "user:read");
    load(tenant);
    other_.assign(tenant, user, role);
    other_.user(tenant);
    for (const char* kept : {"revision > 4", "true"}) {
        other_.sql().run("delete from sentinel_private.policy_changes where tenant_id = '" + tenant.text() + "' and not (" +
                         kept + ")");
    }
    poll();
    EXPECT_TRUE(scopes(0, tenant, user).has(Scope::user_read));
    other_.unassign(tenant, user);
    other_.sql().run("delete from sentinel_private.policy_changes where tenant_id = '" + tenant.text() + "'");
    poll();
    EXPECT_TRUE(scopes(0, tenant, user).empty());
}

TEST_F(AccessFeedTest, ARevocationThatCommitsLateIsSeenByTheNextPoll) {  // spec 15 rule 12
    const core::TenantId tenant = other_.tenant();
    postgres::SetupConnection slow = testing::TestDatabase::instance().owner();
    for (int trial = 0; trial < 1'000; ++trial) {
        const core::SessionId early = testing::new_id<core::SessionId>();
        const core::SessionId late = testing::new_id<core::SessionId>();
        slow.run("begin; insert into sentinel_private.revocations (tenant_id, kind, ref, expires_at) values ('" + tenant.text() +
                 "', 'session', '" + early.text() + "', now() + interval '1 hour')");
        other_.revoke(tenant, "session", late.text());
        worker(0).run(feed_->poll_revocations());
        const RevocationSet between = worker(1).post([&] { return worker(1).view().revocations(); });
        ASSERT_TRUE(between.ended_session(tenant, late)) << trial;
        ASSERT_FALSE(between.ended_session(tenant, early)) << trial;
        slow.run("commit");
        worker(0).run(feed_->poll_revocations());
        const RevocationSet after = worker(1).post([&] { return worker(1).view().revocations(); });
        ASSERT_TRUE(after.ended_session(tenant, early)) << trial;
    }
}

TEST_F(AccessFeedTest, WhatCouldNotBeConfirmedForTooLongIsRefused) {
    const core::TenantId tenant = other_.tenant();
    load(tenant);
    AccessView& view = worker(0).view();
    const auto policy = [&] { return worker(0).post([&] { return refusal_of([&] { view.check_fresh(*view.find(tenant)); }); }); };
    const auto revocations = [&] { return worker(0).post([&] { return refusal_of([&] { view.check_revocations_read(); }); }); };
    advance(std::chrono::seconds(30));
    EXPECT_EQ(policy(), std::nullopt);
    EXPECT_EQ(revocations(), std::nullopt);
    advance(std::chrono::nanoseconds(1));
    EXPECT_EQ(policy(), ErrorCode::stale_revision);
    EXPECT_EQ(revocations(), ErrorCode::unavailable);
    worker(0).run(feed_->poll_revocations());
    EXPECT_EQ(revocations(), std::nullopt);
    EXPECT_EQ(policy(), ErrorCode::stale_revision) << "each is confirmed by its own poll";
    worker(0).run(feed_->poll_revisions());
    EXPECT_EQ(policy(), std::nullopt);
}

TEST(AccessFeedStart, BeforeTheFirstPollNothingPasses) {
    AccessStore store;
    testing::Worker worker(store, 1);
    EXPECT_EQ(worker.post([&] { return refusal_of([&] { worker.view().check_revocations_read(); }); }), ErrorCode::unavailable);
}

TEST_F(AccessFeedTest, AnotherIncarnationDropsAllStatesAndNoRevocation) {
    const core::TenantId tenant = other_.tenant();
    const core::SessionId session = testing::new_id<core::SessionId>();
    load(tenant);
    other_.revoke(tenant, "session", session.text());
    poll();
    const std::string before = store_.incarnation();
    other_.sql().run("delete from sentinel_private.revocations");
    other_.sql().run("update sentinel_private.database_incarnation set id = replace(gen_random_uuid()::text, '-', '')");
    poll();
    EXPECT_NE(store_.incarnation(), before);
    EXPECT_EQ(store_.incarnation().size(), 16U);
    EXPECT_EQ(store_.current(tenant), nullptr);
    EXPECT_TRUE(look(1, tenant, [](const AccessState* state) { return state == nullptr; }));
    EXPECT_TRUE(worker(1).post([&] { return worker(1).view().revocations().ended_session(tenant, session); }));
    EXPECT_EQ(worker(1).post([&] { return worker(1).view().incarnation(); }), store_.incarnation());
}

TEST_F(AccessFeedTest, ALowerRevisionDropsAllStates) {
    const core::TenantId tenant = other_.tenant();
    const core::TenantId bystander = other_.tenant();
    other_.user(tenant);
    load(tenant);
    load(bystander);
    other_.sql().run("update sentinel_private.tenant_state set policy_revision = 1 where tenant_id = '" + tenant.text() + "'");
    poll();
    EXPECT_EQ(store_.current(tenant), nullptr);
    EXPECT_EQ(store_.current(bystander), nullptr);
    EXPECT_EQ(load(tenant)->revision(), 1);
}

TEST_F(AccessFeedTest, NetworksOfAnAccountGoIntoTheStateThatOutlivesTheirRow) {
    const core::TenantId tenant = other_.tenant();
    const core::UserId account = other_.user(tenant, true);
    load(tenant);
    other_.revoke(tenant, "account", account.text(), R"(["192.0.2.0/24"])");
    poll();
    const std::vector<core::IpNetwork> expected = {*core::IpNetwork::parse("192.0.2.0/24")};
    EXPECT_EQ(look(1, tenant, [&](const AccessState* state) { return state->subject(account)->networks; }), expected);
}

TEST_F(AccessFeedTest, RevokedHereIsKnownToAllWorkersAtOnce) {
    const core::TenantId tenant = other_.tenant();
    const core::TokenId token = testing::new_id<core::TokenId>();
    const Revocation row{.tenant = tenant,
                         .kind = RevocationKind::jti,
                         .reference = token.text(),
                         .expires_at = core::SystemClock().now().plus_seconds(60)};
    worker(0).run(worker(0).view().revoked({row}));
    EXPECT_TRUE(worker(1).post([&] { return worker(1).view().revocations().ended_token(tenant, token); }));
}

}  // namespace
}  // namespace sentinel::access
