#include "platform/access/access_guard.hpp"

#include <chrono>
#include <ctime>

#include "platform/access/access_testing.hpp"
#include "platform/service/error.hpp"

namespace sentinel::access {
namespace {

using http::AccessKind;
using platform::ErrorCode;
using platform::Scope;

/// CPU time of this thread: other programs on the machine do not count.
double thread_nanoseconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

class Recorder final : public GuardAudit {
public:
    void refused(const Refusal& refusal) noexcept override {
        actions.emplace_back(action_of(refusal.kind));
        tenants.push_back(refusal.tenant);
    }
    void entered(const platform::RequestContext& context) noexcept override {
        actions.emplace_back("tenant.enter");
        tenants.push_back(context.actor.tenant);
    }
    std::vector<std::string> actions;
    std::vector<core::TenantId> tenants;
};

/// Two tenants, one below the other, a third apart; a person in the upper one.
class AccessGuardTest : public testing::AccessTest {
protected:
    AccessGuardTest() {
        key_ = std::make_shared<const crypto::SigningKey>(crypto::SigningKey::generate(crypto::SignatureAlgorithm::es256));
        keys_ = std::make_shared<const crypto::KeySet>(key_, std::vector{key_});
        use_figures({});
        assign("tenant:admin user:write");
    }
    ~AccessGuardTest() override {
        worker(0).post([&] { guard_.reset(); });
    }
    void use_figures(RateFigures figures) {
        buckets_ = std::make_unique<RateBuckets>(figures);
        guard_ = std::make_unique<AccessGuard>(worker(0).view(), *buckets_, audit_, clock_, GuardOptions{.token_rules = rules_});
        guard_->use_keys(keys_);
    }
    void assign(std::string scopes) {
        std::ranges::replace(scopes, ' ', ',');
        bring_up(home_, other_.assign(home_, user_, other_.role(home_, scopes)));
    }
    void bring_up(core::TenantId tenant, std::int64_t revision) { worker(0).run(worker(0).view().bring_up_to(tenant, revision)); }
    crypto::AccessClaims claims() {
        crypto::AccessClaims made;
        made.subject = user_;
        made.token_id = testing::new_id<core::TokenId>();
        made.tenant = home_;
        made.tenant_code = "T";
        made.issued_at = made.not_before = made.auth_time = now_;
        made.expires_at = now_ + 1'800;
        made.session = session_;
        made.amr = {"pwd"};
        return made;
    }
    std::string sign(const crypto::AccessClaims& claims) const { return crypto::sign_access_token(*keys_, rules_, claims); }

    static http::Route route(AccessKind kind, Scope scope = Scope::user_read, http::Method method = http::Method::get) {
        http::Route made;
        made.method = method;
        made.path = "/api/v1/things";
        made.access = {.kind = kind, .scope = scope, .self_parameter = {}, .also = {}};
        return made;
    }
    struct Sent {
        std::optional<std::string> token;
        std::optional<std::string> tenant;
        std::string address = "203.0.113.7";
    };
    /// The refusal's code, or nothing when the request was let in.
    std::optional<ErrorCode> admit(const http::Route& route, const Sent& sent) {
        http::Request request;
        request.method = route.method;
        const std::string authorization = "Bearer " + sent.token.value_or("");
        if (sent.token) request.headers.add("authorization", authorization);
        if (sent.tenant) request.headers.add("X-Tenant-ID", *sent.tenant);
        request.client_address = *core::IpAddress::parse(sent.address);
        http::RouteMatch match{.route = &route};
        admission_ = {};
        return worker(0).run(code_of(request, match));
    }
    /// On the worker's thread, so that no exception travels between threads.
    boost::asio::awaitable<std::optional<ErrorCode>> code_of(const http::Request& request, const http::RouteMatch& match) {
        std::optional<ErrorCode> code;
        try {
            co_await guard_->admit(request, match, admission_);
        } catch (const platform::ServiceError& error) { code = error.code(); }
        co_return code;
    }
    std::optional<ErrorCode> admit(const Sent& sent) { return admit(route(AccessKind::scope), sent); }

    const std::int64_t now_ = core::SystemClock().now().seconds;
    core::FixedClock clock_{{.seconds = now_}};
    crypto::TokenRules rules_{.issuer = "https://sentinel.example", .audience = "sentinel"};
    std::shared_ptr<const crypto::SigningKey> key_;
    std::shared_ptr<const crypto::KeySet> keys_;
    Recorder audit_;
    std::unique_ptr<RateBuckets> buckets_;
    std::unique_ptr<AccessGuard> guard_;
    http::Admission admission_;
    core::TenantId home_ = other_.tenant();
    core::TenantId below_ = other_.tenant({home_});
    core::TenantId apart_ = other_.tenant();
    core::UserId user_ = other_.user(home_);
    core::SessionId session_ = testing::new_id<core::SessionId>();
};

TEST_F(AccessGuardTest, LetsInByTheCurrentScopesAndTellsWhoCalls) {
    const std::string token = sign(claims());
    EXPECT_EQ(admit({.token = token}), std::nullopt);
    EXPECT_EQ(admission_.context.actor.user, user_);
    EXPECT_EQ(admission_.context.actor.tenant, home_);
    EXPECT_EQ(admission_.context.actor.kind, platform::ActorKind::user);
    ASSERT_TRUE(admission_.rate.has_value());
    EXPECT_EQ(admission_.rate->limit, 600);
    EXPECT_EQ(admission_.rate->remaining, 599);
    EXPECT_EQ(admit(route(AccessKind::scope, Scope::role_read), {.token = token}), ErrorCode::permission_denied);
    EXPECT_EQ(audit_.actions, std::vector<std::string>{"denied.scope"});
    EXPECT_EQ(admit(route(AccessKind::token), {.token = token}), std::nullopt);
    EXPECT_EQ(admit({}), ErrorCode::authentication_required);
    EXPECT_EQ(admit(route(AccessKind::public_), {}), std::nullopt);
    EXPECT_EQ(admission_.context.actor.kind, platform::ActorKind::user);
    EXPECT_TRUE(admission_.context.actor.scopes.empty());
}

TEST_F(AccessGuardTest, S07EndsAtTheNextRequest) {
    const std::string token = sign(claims());
    const core::Instant later = clock_.now().plus_seconds(3'600);
    const auto revoke = [&](RevocationKind kind, const std::string& reference, std::int64_t epoch) {
        worker(0).run(worker(0).view().revoked(
            {{.tenant = home_, .kind = kind, .reference = reference, .epoch = epoch, .expires_at = later}}));
    };
    ASSERT_EQ(admit({.token = token}), std::nullopt);
    bring_up(home_, other_.unassign(home_, user_));
    EXPECT_EQ(admit({.token = token}), ErrorCode::permission_denied) << "role removed";
    assign("user:read");
    EXPECT_EQ(admit({.token = token}), std::nullopt);
    bring_up(home_, other_.change(home_, "update sentinel.users set is_active = false where tenant_id = $t"));
    EXPECT_EQ(admit({.token = token}), ErrorCode::invalid_token) << "disabled";
    EXPECT_EQ(guard_->cache().size(), 0U) << "a refused token must be verified again";
    bring_up(home_, other_.change(home_, "update sentinel.users set is_active = true where tenant_id = $t"));
    EXPECT_EQ(admit({.token = token}), std::nullopt);
    revoke(RevocationKind::session, session_.text(), 0);
    EXPECT_EQ(admit({.token = token}), ErrorCode::invalid_token) << "logged out";
    crypto::AccessClaims fresh = claims();
    fresh.session = testing::new_id<core::SessionId>();
    const std::string second = sign(fresh);
    EXPECT_EQ(admit({.token = second}), std::nullopt);
    revoke(RevocationKind::user_epoch, user_.text(), 1);
    EXPECT_EQ(admit({.token = second}), ErrorCode::invalid_token) << "password changed";
    fresh.epoch = 1;
    const std::string third = sign(fresh);
    EXPECT_EQ(admit({.token = third}), std::nullopt);
    bring_up(home_, other_.change(home_, "update sentinel.tenants set is_active = false where id = $t"));
    EXPECT_EQ(admit({.token = third}), ErrorCode::tenant_inactive) << "tenant suspended";
}

TEST_F(AccessGuardTest, S12TheTenantActedInComesFromRightsAlone) {
    const std::string token = sign(claims());
    const std::string nobody = testing::new_id<core::TenantId>().text();
    EXPECT_EQ(admit({.token = token, .tenant = home_.text()}), std::nullopt);
    EXPECT_EQ(admit({.token = token, .tenant = below_.text()}), std::nullopt);
    EXPECT_EQ(admission_.context.actor.tenant, below_);
    EXPECT_EQ(admission_.context.actor.home_tenant, home_);
    EXPECT_EQ(audit_.actions, std::vector<std::string>{"tenant.enter"});
    EXPECT_EQ(audit_.tenants, std::vector{below_});
    advance(std::chrono::seconds(20));
    EXPECT_EQ(admit({.token = token, .tenant = below_.text()}), std::nullopt);
    EXPECT_EQ(audit_.actions.size(), 1U) << "told once an hour";
    // S11: another tenant is refused as one that does not exist, resident or not.
    for (const std::string& tenant : {apart_.text(), nobody, core::platform_tenant.text()}) {
        EXPECT_EQ(admit({.token = token, .tenant = tenant}), ErrorCode::permission_denied) << tenant;
        EXPECT_EQ(audit_.actions.back(), "denied.cross_tenant");
        EXPECT_EQ(audit_.tenants.back(), home_);
    }
    EXPECT_EQ(store_.current(apart_), nullptr) << "nothing was looked up there";
    load(apart_);
    EXPECT_EQ(admit({.token = token, .tenant = apart_.text()}), ErrorCode::permission_denied);
    EXPECT_EQ(admit({.token = token, .tenant = "not-a-uuid"}), ErrorCode::validation_error);
    bring_up(home_, other_.unassign(home_, user_));
    assign("tenant:write user:read");
    EXPECT_EQ(admit({.token = token, .tenant = below_.text()}), ErrorCode::permission_denied) << "only tenant:admin may";
}

TEST_F(AccessGuardTest, InASuspendedTenantBelowOneMayLookAndWakeIt) {
    const std::string token = sign(claims());
    const Sent sent{.token = token, .tenant = below_.text()};
    ASSERT_EQ(admit(sent), std::nullopt);
    bring_up(below_, other_.change(below_, "update sentinel.tenants set is_active = false where id = $t"));
    EXPECT_EQ(admit(sent), std::nullopt);
    http::Route write = route(AccessKind::token, Scope::user_read, http::Method::post);
    EXPECT_EQ(admit(write, sent), ErrorCode::tenant_inactive);
    write.serves_inactive = true;
    EXPECT_EQ(admit(write, sent), std::nullopt);
    bring_up(below_, other_.change(below_, "update sentinel.tenants set deleted_at = now() where id = $t"));
    EXPECT_EQ(admit(sent), ErrorCode::permission_denied) << "deleted is as if it had never been";
}

TEST_F(AccessGuardTest, ClaimsCutAndRestrictAndFreshnessIsAskedFor) {
    crypto::AccessClaims cut = claims();
    cut.scope = "role:read user:read";
    EXPECT_EQ(admit({.token = sign(cut)}), std::nullopt);
    EXPECT_EQ(admit(route(AccessKind::scope, Scope::user_write), {.token = sign(cut)}), ErrorCode::permission_denied);
    EXPECT_EQ(admit(route(AccessKind::scope, Scope::role_read), {.token = sign(cut)}), ErrorCode::permission_denied);
    crypto::AccessClaims restricted = claims();
    restricted.scope = scope_claim_of(Restriction::password_change);
    EXPECT_EQ(admit(route(AccessKind::token), {.token = sign(restricted)}), ErrorCode::password_change_required);
    http::Route open = route(AccessKind::token);
    open.serves_restricted = true;
    EXPECT_EQ(admit(open, {.token = sign(restricted)}), std::nullopt);
    EXPECT_TRUE(admission_.context.actor.restricted);
    restricted.scope = scope_claim_of(Restriction::mfa_enrollment);
    EXPECT_EQ(admit(route(AccessKind::token), {.token = sign(restricted)}), ErrorCode::mfa_enrollment_required);
    http::Route fresh = route(AccessKind::token);
    fresh.is_fresh = true;
    const std::string token = sign(claims());
    clock_.set(clock_.now().plus_seconds(300));
    EXPECT_EQ(admit(fresh, {.token = token}), std::nullopt);
    clock_.set(clock_.now().plus_seconds(1));
    EXPECT_EQ(admit(fresh, {.token = token}), ErrorCode::permission_denied);
}

TEST_F(AccessGuardTest, NoTokenBecomesValidAgainWhenTheClockIsSetBack) {  // S05
    const std::string token = sign(claims());
    EXPECT_EQ(admit({.token = token}), std::nullopt);
    clock_.set({.seconds = now_ + 1'800 + rules_.skew_seconds});
    EXPECT_EQ(admit({.token = token}), ErrorCode::token_expired);
    clock_.set({.seconds = now_});
    EXPECT_EQ(admit({.token = token}), ErrorCode::token_expired);
}

TEST_F(AccessGuardTest, ServiceAccountsAndTenantsAreBoundToTheirNetworks) {
    const core::UserId account = other_.user(home_, true);
    bring_up(home_, other_.change(home_, "update sentinel.users set is_active = is_active where tenant_id = $t"));
    crypto::AccessClaims made = claims();
    made.subject = account;
    made.session.reset();
    made.is_service_account = true;
    made.key_id = "Ab3dEf6h1J";
    made.amr.clear();
    const std::string token = sign(made);
    const http::Route any = route(AccessKind::token);
    EXPECT_EQ(admit(any, {.token = token}), std::nullopt);
    worker(0).run(worker(0).view().revoked({{.tenant = home_,
                                             .kind = RevocationKind::account,
                                             .reference = account.text(),
                                             .sequence = 1,
                                             .networks = {*core::IpNetwork::parse("10.0.0.0/8")},
                                             .expires_at = clock_.now().plus_seconds(60)}}));
    EXPECT_EQ(admit(any, {.token = token}), ErrorCode::service_account_invalid);
    EXPECT_EQ(admit(any, {.token = token, .tenant = {}, .address = "10.1.1.1"}), std::nullopt);
    bring_up(
        home_,
        other_.change(home_,
                      R"(update sentinel.tenants set security_settings = '{"allowed_cidrs": ["192.0.2.0/24"]}' where id = $t)"));
    const std::string person = sign(claims());
    EXPECT_EQ(admit({.token = person}), ErrorCode::permission_denied);
    EXPECT_EQ(admit({.token = person, .tenant = {}, .address = "192.0.2.9"}), std::nullopt);
}

TEST_F(AccessGuardTest, AnEmptyAddressBucketStopsGuessesButNoVerifiedToken) {  // S08
    use_figures({.address_per_minute = 5});
    const std::string token = sign(claims());
    ASSERT_EQ(admit({.token = token}), std::nullopt);
    for (int guess = 0; guess < 5; ++guess) EXPECT_EQ(admit({.token = "a.b.c"}), ErrorCode::invalid_token) << guess;
    EXPECT_EQ(audit_.actions.size(), 5U);
    EXPECT_EQ(admit({.token = "a.b.c"}), ErrorCode::rate_limit_exceeded);
    EXPECT_EQ(admit({.token = "d.e.f"}), ErrorCode::rate_limit_exceeded);
    EXPECT_EQ(admit({}), ErrorCode::rate_limit_exceeded);
    EXPECT_EQ(audit_.actions.size(), 6U) << "a block is told once a minute and bucket";
    EXPECT_EQ(admit({.token = token}), std::nullopt);
    EXPECT_EQ(admit({.token = sign(claims())}), ErrorCode::rate_limit_exceeded) << "right, but not verified yet";
    EXPECT_EQ(admit({.token = "a.b.c", .tenant = {}, .address = "203.0.113.8"}), ErrorCode::invalid_token);
}

TEST_F(AccessGuardTest, TenantAndPrincipalHaveTheirBucketsAndTheRefusedTakeCostsNothing) {
    use_figures({.tenant_per_minute = 4, .principal_per_minute = 3});
    const std::string token = sign(claims());
    for (int count = 0; count < 3; ++count) ASSERT_EQ(admit({.token = token}), std::nullopt);
    EXPECT_EQ(admit({.token = token}), ErrorCode::rate_limit_exceeded);
    EXPECT_EQ(admission_.rate->limit, 3);
    EXPECT_EQ(admission_.rate->remaining, 0);
    EXPECT_EQ(audit_.actions, std::vector<std::string>{"rate_limit.block"});
    advance(std::chrono::seconds(20));
    EXPECT_EQ(admit({.token = token}), std::nullopt);
    http::Route check = route(AccessKind::token);
    check.bucket = http::RateBucket::checks;
    EXPECT_EQ(admit(check, {.token = token}), std::nullopt) << "decisions have a bucket of their own";
    EXPECT_EQ(admission_.rate->limit, 600'000);
}

TEST_F(AccessGuardTest, WithoutNewsItRefuses) {
    const std::string token = sign(claims());
    ASSERT_EQ(admit({.token = token}), std::nullopt);
    advance(std::chrono::seconds(31));
    EXPECT_EQ(admit({.token = token}), ErrorCode::unavailable);
    worker(0).run(feed_->poll_revocations());
    EXPECT_EQ(admit({.token = token}), ErrorCode::stale_revision);
    worker(0).run(feed_->poll_revisions());
    EXPECT_EQ(admit({.token = token}), std::nullopt);
}

TEST_F(AccessGuardTest, AKeyThatNoLongerVerifiesEndsItsTokensAtOnce) {  // spec 02 rule 22
    const std::string token = sign(claims());
    ASSERT_EQ(admit({.token = token}), std::nullopt);
    auto next = std::make_shared<const crypto::SigningKey>(crypto::SigningKey::generate(crypto::SignatureAlgorithm::es256));
    guard_->use_keys(std::make_shared<const crypto::KeySet>(next, std::vector{next}));
    EXPECT_EQ(admit({.token = token}), ErrorCode::invalid_token);
}

TEST_F(AccessGuardTest, OneCachedTokenIsAdmittedInAboutAMicrosecond) {
    use_figures({.tenant_per_minute = 100'000'000, .principal_per_minute = 100'000'000});
    const std::string authorization = "Bearer " + sign(claims());
    const http::Route wanted = route(AccessKind::scope);
    constexpr int rounds = 100'000;
    const auto measure = [&]() -> boost::asio::awaitable<double> {
        http::Request request;
        request.headers.add("Authorization", authorization);
        request.client_address = *core::IpAddress::parse("203.0.113.7");
        const http::RouteMatch match{.route = &wanted};
        http::Admission admission;
        co_await guard_->admit(request, match, admission);
        const double start = thread_nanoseconds();
        for (int round = 0; round < rounds; ++round) co_await guard_->admit(request, match, admission);
        co_return (thread_nanoseconds() - start) / rounds;
    };
    const double nanoseconds = worker(0).run(measure());
    RecordProperty("nanoseconds", static_cast<int>(nanoseconds));
    std::printf("admit() of a cached token: %.0f ns\n", nanoseconds);
    EXPECT_LT(nanoseconds, 50'000);
}

}  // namespace
}  // namespace sentinel::access
