/// What becomes of a session and its tokens (spec 02 rules 10 to 13).

#include <algorithm>

#include "modules/auth/auth_testing.hpp"

namespace sentinel::auth {
namespace {

using boost::asio::awaitable;
using platform::RequestContext;
using platform::Scope;
using testing::AuthTest;
using testing::refusal_of;
using testing::TestPerson;

class SessionTest : public AuthTest {
protected:
    TestPerson person_{add_user(make_tenant().id, "a@b.example")};

    LoggedOut logout(const Tokens& tokens, bool everywhere = false) {
        RequestContext context = caller(tokens.access_token);
        return run(service().logout(context, {.revoke_all_devices = everywhere}));
    }
    void revoke(const RevokeRequest& body, const platform::Secret& bearer = platform::Secret(), std::size_t worker = 0) {
        RequestContext context = bearer.empty() ? from() : caller(bearer);
        run(service(worker).revoke(context, body), worker);
    }
    static RevokeRequest of_refresh(const platform::Secret& token) {
        return {.token = token, .token_type = RevokedTokenType::refresh_token, .jti = std::nullopt};
    }
    static RevokeRequest of_access(const platform::Secret& token) {
        return {.token = token, .token_type = RevokedTokenType::access_token, .jti = std::nullopt};
    }
    std::string end_reason(const Tokens& tokens) {
        return value("select coalesce(end_reason, 'open') from sentinel.sessions where id = '" + tokens.session_id.text() + "'");
    }
    std::string audits(const std::string& action) {
        return value("select count(*) from sentinel.audit_logs where tenant_id = '" + person_.tenant.text() + "' and action = '" +
                     action + "'");
    }
    void expect_dead(const Tokens& tokens) {
        for (const std::size_t worker : {0U, 1U}) EXPECT_FALSE(judged(tokens.access_token, worker)) << worker;
        EXPECT_EQ(refresh_refusal(*tokens.refresh_token), "INVALID_TOKEN");
    }
};

TEST_F(SessionTest, RefreshGoesOnWithTheSession) {
    const Tokens first = login(person_);
    const Tokens second = refresh(*first.refresh_token, 1);
    EXPECT_EQ(second.session_id, first.session_id);
    EXPECT_NE(second.refresh_token->reveal(), first.refresh_token->reveal());
    EXPECT_TRUE(judged(second.access_token));
    EXPECT_EQ(claims_of(second.access_token).auth_time, claims_of(first.access_token).auth_time);
    const Tokens third = refresh(*second.refresh_token);
    EXPECT_EQ(third.session_id, first.session_id);
    EXPECT_EQ(value("select count(*) from sentinel.refresh_tokens where rotated_at is null and session_id = '" +
                    first.session_id.text() + "'"),
              "1");
}

TEST_F(SessionTest, S06ATokenShownTwiceEndsItsSession) {
    const Tokens first = login(person_);
    const Tokens second = refresh(*first.refresh_token);
    EXPECT_EQ(refresh_refusal(*first.refresh_token), "INVALID_TOKEN");
    expect_dead(first);
    expect_dead(second);
    EXPECT_EQ(end_reason(first), "reuse");
    EXPECT_EQ(audits("token.reuse_detected"), "1");
}

TEST_F(SessionTest, S06OfEightParallelRefreshesOneWins) {
    for (int round = 0; round < 20; ++round) {
        const Tokens tokens = login(person_);
        std::vector<std::future<std::string>> tries;
        for (std::size_t count = 0; count < 8; ++count) {
            tries.push_back(
                std::async(std::launch::async, [&, count] { return refresh_refusal(*tokens.refresh_token, count % 2); }));
        }
        std::vector<std::string> outcomes;
        for (auto& one : tries) outcomes.push_back(one.get());
        EXPECT_EQ(std::ranges::count(outcomes, ""), 1);
        EXPECT_EQ(std::ranges::count(outcomes, "INVALID_TOKEN"), 7);
        EXPECT_EQ(end_reason(tokens), "reuse");
        EXPECT_FALSE(judged(tokens.access_token));
    }
}

TEST_F(SessionTest, S06ARevokeWinsOverARefreshInFlight) {
    for (int round = 0; round < 200; ++round) {
        const Tokens tokens = login(person_);
        std::optional<Tokens> refreshed;
        auto refreshing =
            std::async(std::launch::async, [&] { return refusal_of([&] { refreshed = refresh(*tokens.refresh_token, 1); }); });
        revoke(of_refresh(*tokens.refresh_token));
        const std::string outcome = refreshing.get();
        EXPECT_TRUE(outcome.empty() || outcome == "INVALID_TOKEN") << outcome;
        EXPECT_FALSE(judged(tokens.access_token, 1));
        if (!refreshed) continue;
        EXPECT_FALSE(judged(refreshed->access_token));
        EXPECT_EQ(refresh_refusal(*refreshed->refresh_token), "INVALID_TOKEN");
    }
}

TEST_F(SessionTest, RefreshLooksAtPersonSessionAndTenantAgain) {
    const Tokens inactive = login(person_);
    change_user(person_, "is_active = false");
    EXPECT_EQ(refresh_refusal(*inactive.refresh_token), "INVALID_TOKEN");
    change_user(person_, "is_active = true, lock_kind = 'admin', locked_until = now() + interval '1 hour'");
    EXPECT_EQ(refresh_refusal(*inactive.refresh_token), "INVALID_TOKEN");
    change_user(person_, "lock_kind = null, locked_until = null, must_change_password = true");
    EXPECT_EQ(refresh_refusal(*inactive.refresh_token), "INVALID_TOKEN");
    change_user(person_, "must_change_password = false");
    const Tokens next = refresh(*inactive.refresh_token);
    sql("update sentinel.sessions set idle_expires_at = now() where id = '" + next.session_id.text() + "'");
    EXPECT_EQ(refresh_refusal(*next.refresh_token), "INVALID_TOKEN");
    const Tokens late = login(person_);
    sql("update sentinel.sessions set expires_at = now() where id = '" + late.session_id.text() + "'");
    EXPECT_EQ(refresh_refusal(*late.refresh_token), "INVALID_TOKEN");
    const Tokens stranded = login(person_);
    RequestContext platform = writes::testing::WritingNode::system_context(core::platform_tenant);
    run(tenants_.suspend(platform, person_.tenant, {}));
    EXPECT_EQ(refresh_refusal(*stranded.refresh_token), "INVALID_TOKEN");
    EXPECT_EQ(end_reason(stranded), "tenant");
}

TEST_F(SessionTest, AnAutomaticLockStopsLoginsAlone) {
    const Tokens tokens = login(person_);
    for (int count = 0; count < 5; ++count) fail(person_);
    EXPECT_EQ(fail(person_), "ACCOUNT_LOCKED");
    EXPECT_TRUE(judged(tokens.access_token));
    EXPECT_EQ(refresh_refusal(*tokens.refresh_token), "");
}

TEST_F(SessionTest, S04OnlyARefreshTokenRefreshes) {
    const Tokens tokens = login(person_);
    std::string forged = tokens.refresh_token->reveal();
    forged.back() = forged.back() == 'A' ? 'B' : 'A';
    std::string other_kind = "srp_" + tokens.refresh_token->reveal().substr(4);
    for (const std::string& text : {tokens.access_token.reveal(), forged, other_kind, std::string("srt_"), std::string("x")}) {
        EXPECT_EQ(refresh_refusal(platform::Secret(text)), "INVALID_TOKEN") << text.substr(0, 8);
    }
    EXPECT_FALSE(judged(*tokens.refresh_token));
    EXPECT_EQ(refresh_refusal(*tokens.refresh_token), "") << "no forgery ends a session";
}

TEST_F(SessionTest, S07LogoutEndsTheSessionAtOnce) {
    const Tokens tokens = login(person_);
    const Tokens other = login(person_);
    EXPECT_EQ(logout(tokens).sessions_ended, 1);
    expect_dead(tokens);
    EXPECT_EQ(end_reason(tokens), "logout");
    EXPECT_TRUE(judged(other.access_token));
    EXPECT_EQ(audits("auth.logout"), "1");
    EXPECT_EQ(value("select count(*) from sentinel.token_blacklist where tenant_id = '" + person_.tenant.text() + "'"), "1");
}

TEST_F(SessionTest, S07LogoutEverywhereEndsAllAndRaisesTheEpoch) {
    const Tokens one = login(person_);
    const Tokens two = login(person_);
    const std::int64_t epoch = claims_of(one.access_token).epoch;
    EXPECT_EQ(logout(one, true).sessions_ended, 2);
    expect_dead(one);
    expect_dead(two);
    EXPECT_EQ(value("select token_epoch from sentinel.users where id = '" + person_.id.text() + "'"), "1");
    const Tokens later = login(person_);
    EXPECT_TRUE(judged(later.access_token));
    EXPECT_EQ(claims_of(later.access_token).epoch, epoch + 1);
}

TEST_F(SessionTest, RevokingAnAccessTokenLeavesTheSession) {
    const Tokens tokens = login(person_);
    revoke(of_access(tokens.access_token));
    EXPECT_FALSE(judged(tokens.access_token));
    EXPECT_FALSE(judged(tokens.access_token, 1));
    revoke(of_access(tokens.access_token));
    const Tokens next = refresh(*tokens.refresh_token);
    EXPECT_TRUE(judged(next.access_token));
    EXPECT_EQ(audits("token.revoke"), "2");
}

TEST_F(SessionTest, RevokingWhatIsNoTokenOfOursLooksTheSame) {
    const Tokens tokens = login(person_);
    EXPECT_EQ(refusal_of([&] { revoke(of_access(platform::Secret("x.y.z"))); }), "");
    EXPECT_EQ(refusal_of([&] { revoke(of_access(*tokens.refresh_token)); }), "");
    EXPECT_EQ(refusal_of([&] { revoke(of_refresh(tokens.access_token)); }), "");
    std::string forged = tokens.refresh_token->reveal();
    forged.back() = forged.back() == 'A' ? 'B' : 'A';
    EXPECT_EQ(refusal_of([&] { revoke(of_refresh(platform::Secret(forged))); }), "");
    EXPECT_TRUE(judged(tokens.access_token));
    EXPECT_EQ(refresh_refusal(*tokens.refresh_token), "");
}

TEST_F(SessionTest, OnlyAnAdministratorEndsAnothersTokenByItsId) {
    const TestPerson manager = add_user(person_.tenant, "m@b.example");
    give_role(manager, "user_manager");
    const Tokens mine = login(person_);
    const Tokens theirs = login(manager);
    const auto by_id = [](core::TokenId jti) {
        return RevokeRequest{.token = std::nullopt, .token_type = RevokedTokenType::access_token, .jti = jti};
    };
    const core::TokenId my_id = claims_of(mine.access_token).token_id;
    const core::TokenId their_id = claims_of(theirs.access_token).token_id;
    EXPECT_EQ(refusal_of([&] { revoke(by_id(my_id)); }), "AUTHENTICATION_REQUIRED");
    EXPECT_EQ(refusal_of([&] { revoke(by_id(their_id), mine.access_token); }), "PERMISSION_DENIED");
    EXPECT_TRUE(judged(theirs.access_token));
    revoke(by_id(my_id), theirs.access_token);
    EXPECT_FALSE(judged(mine.access_token));
    const Tokens again = login(person_);
    revoke(by_id(claims_of(again.access_token).token_id), again.access_token);
    EXPECT_FALSE(judged(again.access_token));
}

TEST_F(SessionTest, MeTellsWhoOneIs) {
    give_role(person_, "viewer");
    give_role(person_, "auditor");
    const Tokens tokens = login(person_);
    const RequestContext context = caller(tokens.access_token);
    const Me me = run(service().me(context));
    EXPECT_EQ(me.user.id, person_.id);
    EXPECT_EQ(me.user.email, "a@b.example");
    EXPECT_EQ(me.tenant.id, person_.tenant);
    EXPECT_EQ(me.acting_tenant.id, person_.tenant);
    ASSERT_EQ(me.roles.size(), 2U);
    EXPECT_EQ(me.roles[0].name, "auditor");
    EXPECT_EQ(me.roles[1].name, "viewer");
    EXPECT_EQ(me.session->id, tokens.session_id);
    EXPECT_FALSE(me.session->restricted);
    EXPECT_EQ(me.scopes, context.actor.scopes.texts());
    EXPECT_FALSE(me.actor);
    const TokenValidity validity = run(service().validate(context));
    EXPECT_EQ(validity.user_id, person_.id);
    EXPECT_EQ(validity.expires_at.seconds, claims_of(tokens.access_token).expires_at);
}

}  // namespace
}  // namespace sentinel::auth
