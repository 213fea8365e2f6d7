/// Logins, and what stops them (spec 02 rules 4 to 6, 9, 14).

#include <algorithm>

#include "modules/auth/auth_testing.hpp"

namespace sentinel::auth {
namespace {

using boost::asio::awaitable;
using platform::RequestContext;
using testing::AuthTest;
using testing::good_password;
using testing::TestPerson;

class LoginTest : public AuthTest {
protected:
    /// Lets the counters of a tenant's people grow old.
    void age_counters() {
        sql("update sentinel_private.rate_limits set expires_at = now() - interval '1 second', tat = case when tat is not null "
            "then now() - interval '1 second' end");
    }
};

TEST_F(LoginTest, TokensSayWhatThePageListsAndLetIn) {
    const auto tenant = make_tenant();
    const TestPerson person = add_user(tenant.id, "Ada@Example.org");
    give_role(person, "viewer");
    LoginRequest body = login_of(person);
    body.email = "ADA@example.ORG";
    RequestContext context = from();
    const Tokens tokens = run(service().login(context, body));
    const crypto::AccessClaims claims = claims_of(tokens.access_token);
    EXPECT_EQ(claims.subject, person.id);
    EXPECT_EQ(claims.tenant, tenant.id);
    EXPECT_EQ(claims.tenant_code, tenant.code);
    EXPECT_EQ(claims.session, tokens.session_id);
    EXPECT_EQ(claims.amr, std::vector<std::string>{"pwd"});
    EXPECT_EQ(claims.roles, std::vector<std::string>{"viewer"});
    EXPECT_FALSE(claims.scope);
    EXPECT_FALSE(claims.is_service_account);
    EXPECT_EQ(claims.expires_at - claims.issued_at, 1800);
    EXPECT_EQ(tokens.expires_in, 1800);
    EXPECT_EQ(tokens.user.email, "Ada@Example.org");
    EXPECT_EQ(tokens.user.tenant.code, tenant.code);
    EXPECT_TRUE(tokens.refresh_token->reveal().starts_with("srt_"));
    const auto actor = judged(tokens.access_token);
    ASSERT_TRUE(actor);
    EXPECT_TRUE(actor->scopes.has(platform::Scope::resource_read));
    const std::string of_session = " from sentinel.sessions where id = '" + tokens.session_id.text() + "'";
    EXPECT_EQ(value("select round(extract(epoch from expires_at - auth_time) / 3600)" + of_session), "168");
    EXPECT_EQ(value("select round(extract(epoch from idle_expires_at - auth_time) / 86400)" + of_session), "7");
    EXPECT_EQ(value("select position('192.0.2.1'::bytea in device_info_encrypted)" + of_session), "0");
    EXPECT_EQ(value("select login_count || ' ' || version from sentinel.users where id = '" + person.id.text() + "'"), "1 1");
}

TEST_F(LoginTest, TheTenantsCodeServesAsWell) {
    const auto tenant = make_tenant();
    const TestPerson person = add_user(tenant.id, "a@b.example");
    LoginRequest body = login_of(person);
    body.tenant = {.tenant_id = std::nullopt, .tenant_code = tenant.code};
    EXPECT_EQ(login_refusal(body), "");
    body.tenant.tenant_code = "auth-" + tenant.code.substr(5);
    EXPECT_EQ(login_refusal(body), "");
    body.tenant.tenant_code = "NO-SUCH-TENANT";
    EXPECT_EQ(login_refusal(body), "AUTH_FAILED");
}

TEST_F(LoginTest, S09WhateverIsWrongLooksTheSame) {
    const auto tenant = make_tenant();
    const auto suspended = make_tenant();
    const TestPerson person = add_user(tenant.id, "right@b.example");
    const TestPerson inactive = add_user(tenant.id, "inactive@b.example");
    const TestPerson invited = add_user(tenant.id, "invited@b.example", "");
    const TestPerson machine = add_user(tenant.id, "machine@b.example", "", true);
    const TestPerson gone = add_user(tenant.id, "gone@b.example");
    const TestPerson stranded = add_user(suspended.id, "stranded@b.example");
    change_user(inactive, "is_active = false");
    change_user(gone, "deleted_at = now()");
    RequestContext platform = writes::testing::WritingNode::system_context(core::platform_tenant);
    run(tenants_.suspend(platform, suspended.id, {}));
    const TestPerson unknown{tenant.id, {}, "nobody@b.example"};
    const TestPerson nowhere{core::TenantId{node_.worker(0).tools().ids->next()}, {}, "right@b.example"};
    for (const TestPerson& who : {inactive, invited, machine, gone, stranded, unknown, nowhere}) {
        EXPECT_EQ(login_refusal(login_of(who)), "AUTH_FAILED") << who.email;
    }
    EXPECT_EQ(fail(person), "AUTH_FAILED");
    // A person of the platform tenant cannot be reached through a tenant that does not exist.
    const TestPerson of_platform = add_user(core::platform_tenant, "root@b.example");
    EXPECT_EQ(login_refusal(login_of({nowhere.tenant, {}, of_platform.email})), "AUTH_FAILED");
}

TEST_F(LoginTest, S08FiveFailuresLockRealAndUnknownIdentitiesAlike) {
    const auto tenant = make_tenant();
    const TestPerson real = add_user(tenant.id, "real@b.example");
    const TestPerson unknown{tenant.id, {}, "unreal@b.example"};
    for (const TestPerson& who : {real, unknown}) {
        for (int count = 0; count < 5; ++count) EXPECT_EQ(fail(who), "AUTH_FAILED") << count;
        EXPECT_EQ(fail(who), "ACCOUNT_LOCKED");
        EXPECT_EQ(login_refusal(login_of(who)), "ACCOUNT_LOCKED");
    }
    const std::string of_real = " from sentinel.users where id = '" + real.id.text() + "'";
    EXPECT_EQ(
        value("select failed_login_count || ' ' || lock_kind || ' ' || (locked_until > now() + interval '29 minutes')::text "
              "|| ' ' || version" +
              of_real),
        "5 auto true 1");
    EXPECT_EQ(value("select count(*) from sentinel.audit_logs where action = 'auth.lockout' and tenant_id = '" +
                    tenant.id.text() + "'"),
              "2");
    age_counters();
    EXPECT_EQ(login_refusal(login_of(real)), "");
    EXPECT_EQ(
        value("select failed_login_count || ' ' || (lock_kind is null)::text || ' ' || (locked_until is null)::text" + of_real),
        "0 true true");
}

TEST_F(LoginTest, ASuccessForgetsTheFailuresBefore) {
    const TestPerson person = add_user(make_tenant().id, "a@b.example");
    for (int round = 0; round < 3; ++round) {
        for (int count = 0; count < 4; ++count) EXPECT_EQ(fail(person), "AUTH_FAILED");
        EXPECT_EQ(login_refusal(login_of(person)), "");
    }
}

TEST_F(LoginTest, S08AKnownAddressIsNotStoppedByOthersGuesses) {
    const TestPerson person = add_user(make_tenant().id, "a@b.example");
    login(person, "192.0.2.1");
    for (int count = 0; count < 5; ++count) EXPECT_EQ(fail(person, "198.51.100.7"), "AUTH_FAILED");
    EXPECT_EQ(login_refusal(login_of(person), "198.51.100.7"), "ACCOUNT_LOCKED");
    EXPECT_EQ(login_refusal(login_of(person), "203.0.113.9"), "ACCOUNT_LOCKED");
    EXPECT_EQ(login_refusal(login_of(person), "192.0.2.1"), "");
    for (int count = 0; count < 5; ++count) EXPECT_EQ(fail(person, "192.0.2.1"), "AUTH_FAILED");
    EXPECT_EQ(login_refusal(login_of(person), "192.0.2.1"), "ACCOUNT_LOCKED");
}

TEST_F(LoginTest, S08ParallelGuessesAllCount) {
    const TestPerson person = add_user(make_tenant().id, "a@b.example");
    std::vector<std::future<std::string>> guesses;
    for (std::size_t count = 0; count < 100; ++count) {
        guesses.push_back(std::async(std::launch::async, [&, count] { return fail(person, "192.0.2.1", count % 2); }));
    }
    std::vector<std::string> outcomes;
    for (auto& guess : guesses) outcomes.push_back(guess.get());
    EXPECT_EQ(std::ranges::count(outcomes, "AUTH_FAILED"), 5);
    EXPECT_EQ(std::ranges::count(outcomes, "AUTH_FAILED") + std::ranges::count(outcomes, "RATE_LIMIT_EXCEEDED") +
                  std::ranges::count(outcomes, "ACCOUNT_LOCKED"),
              100);
    EXPECT_EQ(login_refusal(login_of(person)), "ACCOUNT_LOCKED");
}

TEST_F(LoginTest, AnAddressMayFailFiftyTimesWhoeverIsTried) {
    const auto tenant = make_tenant();
    const TestPerson person = add_user(tenant.id, "a@b.example");
    for (int count = 0; count < 50; ++count) {
        EXPECT_EQ(fail({tenant.id, {}, "x" + std::to_string(count) + "@b.example"}, "2001:db8::" + std::to_string(count + 1)),
                  "AUTH_FAILED");
    }
    EXPECT_EQ(login_refusal(login_of(person), "2001:db8::ffff"), "RATE_LIMIT_EXCEEDED");
    EXPECT_EQ(login_refusal(login_of(person), "2001:db8:0:1::1"), "");
}

TEST_F(LoginTest, AnAdministratorsLockShowsAfterTheRightPasswordAlone) {
    const TestPerson person = add_user(make_tenant().id, "a@b.example");
    change_user(person, "lock_kind = 'admin', locked_until = '9999-12-31'");
    EXPECT_EQ(fail(person), "AUTH_FAILED");
    for (int count = 0; count < 6; ++count) EXPECT_EQ(login_refusal(login_of(person)), "ACCOUNT_LOCKED");
    EXPECT_EQ(value("select lock_kind from sentinel.users where id = '" + person.id.text() + "'"), "admin");
    for (int count = 0; count < 4; ++count) EXPECT_EQ(fail(person), "AUTH_FAILED") << "the lock is no failure";
    change_user(person, "lock_kind = null, locked_until = null");
    EXPECT_EQ(fail(person), "ACCOUNT_LOCKED");
}

TEST_F(LoginTest, WhatWasCountedCanBeForgotten) {
    const TestPerson person = add_user(make_tenant().id, "a@b.example");
    login(person, "192.0.2.1");
    for (int count = 0; count < 5; ++count) fail(person, "192.0.2.1"), fail(person, "198.51.100.7");
    EXPECT_EQ(login_refusal(login_of(person)), "ACCOUNT_LOCKED");
    const std::string identifier = login_identifier(node_.keys().server(), person.tenant.text(), person.email);
    run(node_.worker(0).database().write(person.tenant, [&](postgres::Transaction& transaction) -> awaitable<void> {
        co_await throttle::forget(transaction, identifier);
    }));
    EXPECT_EQ(login_refusal(login_of(person), "192.0.2.1"), "");
    EXPECT_EQ(login_refusal(login_of(person), "198.51.100.7"), "");
}

TEST_F(LoginTest, WhoMustChangeThePasswordGetsARestrictedSession) {
    const TestPerson person = add_user(make_tenant().id, "a@b.example");
    give_role(person, "tenant_admin");
    change_user(person, "must_change_password = true");
    const Tokens tokens = login(person);
    EXPECT_EQ(tokens.restricted, SessionRestriction::password_change);
    EXPECT_FALSE(tokens.refresh_token);
    EXPECT_LE(tokens.expires_in, 900);
    const auto actor = judged(tokens.access_token);
    ASSERT_TRUE(actor);
    EXPECT_TRUE(actor->restricted);
    EXPECT_TRUE(actor->scopes.empty());
}

TEST_F(LoginTest, WhereAFactorIsRequiredAndMissingTheSessionIsRestricted) {
    const auto tenant = make_tenant();
    const TestPerson person = add_user(tenant.id, "a@b.example");
    access::testing::OtherNode other;
    const std::int64_t revision =
        other.change(tenant.id, "update sentinel.tenants set security_settings = '{\"mfa_required\": true}' where id = $t");
    run(node_.worker(0).view().bring_up_to(tenant.id, revision));
    EXPECT_EQ(login(person).restricted, SessionRestriction::mfa_enrollment);
}

TEST_F(LoginTest, RememberedSessionsLiveLonger) {
    const TestPerson person = add_user(make_tenant().id, "a@b.example");
    LoginRequest body = login_of(person);
    body.remember_me = true;
    RequestContext context = from();
    const Tokens tokens = run(service().login(context, body));
    EXPECT_EQ(value("select round(extract(epoch from expires_at - auth_time) / 86400) || ' ' || round(extract(epoch from "
                    "idle_expires_at - auth_time) / 86400) from sentinel.sessions where id = '" +
                    tokens.session_id.text() + "'"),
              "90 30");
}

TEST_F(LoginTest, TheLongestIdleOfMoreThanFiftySessionsEnds) {
    const TestPerson person = add_user(make_tenant().id, "a@b.example");
    const Tokens first = login(person);
    const Tokens second = login(person);
    for (int count = 2; count < 50; ++count) login(person);
    EXPECT_TRUE(judged(first.access_token));
    login(person);
    EXPECT_FALSE(judged(first.access_token));
    EXPECT_FALSE(judged(first.access_token, 1));
    EXPECT_TRUE(judged(second.access_token));
    EXPECT_EQ(value("select count(*) from sentinel.sessions where ended_at is null and user_id = '" + person.id.text() + "'"),
              "50");
}

TEST_F(LoginTest, ARaisedCostMakesANewHash) {
    const TestPerson person = add_user(make_tenant().id, "a@b.example");
    const std::string weak = crypto::hash_password(platform::Secret(good_password), {.memory_kib = 32, .iterations = 1});
    sql("update sentinel.users set password_hash = '" + weak + "' where id = '" + person.id.text() + "'");
    login(person);
    const std::string hash = value("select password_hash from sentinel.users where id = '" + person.id.text() + "'");
    EXPECT_FALSE(crypto::needs_rehash(hash, hasher_.cost()));
    EXPECT_EQ(login_refusal(login_of(person)), "");
}

TEST_F(LoginTest, AnAddressLogsInTenTimesAMinute) {
    const TestPerson person = add_user(make_tenant().id, "a@b.example");
    access::RateBuckets limits{access::RateFigures{}};
    AuthOptions options;
    options.token_rules = testing::token_rules;
    writes::testing::WritingWorker& worker = node_.worker(0);
    AuthService limited({.database = &worker.database(),
                         .writer = &worker.writer(),
                         .access = &worker.view(),
                         .audit = &workers_[0]->audit,
                         .tenant_keys = &node_.keys(),
                         .password_hasher = &hasher_,
                         .clock = &clock_,
                         .ids = worker.tools().ids,
                         .rate_buckets = &limits},
                        options);
    limited.use_keys(run(signing_.load(worker.database())));
    const auto attempt = [&](const std::string& address) {
        RequestContext context = from(address);
        return testing::refusal_of([&] { run(limited.login(context, login_of(person))); });
    };
    for (int count = 0; count < 10; ++count) EXPECT_EQ(attempt("192.0.2.1"), "");
    EXPECT_EQ(attempt("192.0.2.1"), "RATE_LIMIT_EXCEEDED");
    EXPECT_EQ(attempt("192.0.2.2"), "");
}

}  // namespace
}  // namespace sentinel::auth
