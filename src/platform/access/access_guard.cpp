#include "platform/access/access_guard.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "core/text.hpp"
#include "platform/access/access_statements.hpp"
#include "platform/access/token_check.hpp"
#include "platform/service/error.hpp"

namespace sentinel::access {

namespace {

using boost::asio::awaitable;
using platform::ErrorCode;
using platform::Scope;
using platform::ServiceError;

constexpr std::int64_t fresh_seconds = 300;
constexpr std::size_t max_reported_text = 64;
constexpr int max_rounds = 8;  ///< tenants may be evicted while another is loaded

ServiceError authentication_required() { return {ErrorCode::authentication_required, "A bearer token is needed."}; }
ServiceError invalid_token() { return {ErrorCode::invalid_token, "The token is not valid."}; }
ServiceError tenant_inactive() { return {ErrorCode::tenant_inactive, "The tenant is suspended."}; }
ServiceError other_tenant_denied() { return {ErrorCode::permission_denied, "Acting in this tenant is not allowed."}; }
ServiceError address_denied() { return {ErrorCode::permission_denied, "The tenant does not let this address in."}; }

/// The token of `Authorization: Bearer …`; nothing when there is none, or more than one, or it is of another form.
std::optional<std::string_view> bearer_token(const http::Request& request) noexcept {
    if (request.headers.count("Authorization") != 1) return std::nullopt;
    const std::string_view value = *request.header("Authorization");
    constexpr std::string_view scheme = "Bearer ";
    if (value.size() <= scheme.size() || !core::equals_ignoring_ascii_case(value.substr(0, scheme.size()), scheme))
        return std::nullopt;
    const std::string_view token = http::trimmed(value.substr(scheme.size()));
    if (token.empty() || token.find_first_of(" \t,") != std::string_view::npos) return std::nullopt;
    return token;
}

/// The tenant that X-Tenant-ID names.
std::optional<core::TenantId> tenant_named(const http::Request& request) {
    const std::size_t count = request.headers.count("X-Tenant-ID");
    if (count == 0) return std::nullopt;
    const auto tenant = count == 1 ? core::TenantId::parse(*request.header("X-Tenant-ID")) : std::nullopt;
    if (tenant) return tenant;
    throw platform::validation_failed(
        {{platform::InputPlace::header, "/X-Tenant-ID", platform::Rule::format, "X-Tenant-ID must be one UUID."}});
}

/// Faults that hint at forgery, not at age.
bool is_suspicious(crypto::TokenFault fault) noexcept {
    return fault != crypto::TokenFault::expired && fault != crypto::TokenFault::not_yet_valid;
}

bool is_get(const http::Request& request) noexcept {
    return request.method == http::Method::get || request.method == http::Method::head;
}

}  // namespace

struct AccessGuard::Call {
    const http::Request& request;
    const http::Route& route;
    const http::RouteMatch& match;
    http::Admission& admission;
    std::int64_t steady = 0;
    core::Instant now;
    bool caller_is_proved = false;
    bool has_taken_principal = false;
    bool takes_rates = true;
    VerifiedTokenPointer token;

    platform::Actor& actor() const noexcept { return admission.context.actor; }
};

/// The states that a call is judged by; valid until the guard waits again.
struct AccessGuard::Place {
    const AccessState* home = nullptr;
    const AccessState* acted_in = nullptr;
    bool is_denied = false;   ///< X-Tenant-ID names a tenant that the caller may not act in
    bool is_unknown = false;  ///< likewise one that is not there, named by somebody who may act in all
};

AccessGuard::AccessGuard(AccessView& view, RateBuckets& buckets, GuardAudit& audit, const core::Clock& clock,
                         GuardOptions options)
    : view_(&view),
      buckets_(&buckets),
      audit_(&audit),
      clock_(&clock),
      options_(std::move(options)),
      cache_(options_.token_cache_bytes) {}
AccessGuard::~AccessGuard() = default;

void AccessGuard::use_keys(std::shared_ptr<const crypto::KeySet> keys) {
    keys_ = std::move(keys);
    cache_.clear();
}

std::int64_t AccessGuard::now_seconds() noexcept {
    latest_second_ = std::max({latest_second_, clock_->now().seconds, view_->database_time()});
    return latest_second_;
}

awaitable<void> AccessGuard::admit(const http::Request& request, const http::RouteMatch& match, http::Admission& admission) {
    Call call{.request = request, .route = *match.route, .match = match, .admission = admission};
    call.steady = view_->store().steady_now();
    call.now = {.seconds = now_seconds()};
    call.actor() = platform::Actor{.kind = platform::ActorKind::user};  // nobody yet, and never `system`
    if (call.route.access.kind == http::AccessKind::public_) {
        co_await admit_public(call);
        co_return;
    }
    const std::optional<std::string_view> text = bearer_token(request);
    if (!text) {
        take_address(call);
        throw authentication_required();
    }
    co_await admit_token(call, *text);
}

awaitable<void> AccessGuard::admit_public(Call& call) {
    if (!call.request.is_management) take_address(call);
    const std::optional<std::string_view> text = bearer_token(call.request);
    if (!text) co_return;
    const std::optional<platform::Actor> actor = co_await judge(*text, call.request.client_address);
    if (actor) call.actor() = *actor;
}

awaitable<std::optional<platform::Actor>> AccessGuard::judge(std::string_view text, core::IpAddress address) {
    const std::int64_t seconds = now_seconds();
    const core::Instant now{.seconds = seconds};
    VerifiedTokenPointer token = cache_.find(text, seconds, options_.token_rules.skew_seconds);
    if (!token) {
        if (!keys_) co_return std::nullopt;
        auto claims = crypto::verify_access_token(*keys_, options_.token_rules, text, now);
        if (!claims) co_return std::nullopt;
        token = make_verified(std::move(*claims));
    }
    view_->check_revocations_read();
    const AccessStatePointer loaded = co_await view_->require(token->claims.tenant);
    if (!loaded) co_return std::nullopt;
    const AccessState* newest = view_->find(token->claims.tenant);
    const AccessState* home = newest != nullptr ? newest : loaded.get();
    view_->check_fresh(*home);
    const bool stands = standing_of(*token, *home, view_->revocations(), address, now) == TokenStanding::stands;
    if (!stands || !home->tenant().is_active || !home->tenant().allows(address)) co_return std::nullopt;
    co_return actor_of(*token, *home, now);
}

awaitable<void> AccessGuard::admit_token(Call& call, std::string_view text) {
    call.token = verified(call, text);
    std::exception_ptr failure;
    Place place;
    try {
        place = co_await locate(call);
    } catch (const ServiceError& error) {
        failure = std::current_exception();
        if (error.status() == 401) {
            cache_.forget(text);  // whoever comes again with it is peeked at and verified again
            call.caller_is_proved = false;
            take_address(call);
        }
    }
    if (failure) std::rethrow_exception(failure);
    const TenantRow& acted_in = place.acted_in->tenant();
    const bool acts_elsewhere = call.actor().acts_elsewhere();
    if (!place.home->tenant().is_active) throw tenant_inactive();
    const bool serves_inactive =
        is_get(call.request) || call.route.serves_inactive || call.route.bucket == http::RateBucket::checks;
    if (!acted_in.is_active && !(acts_elsewhere && serves_inactive)) throw tenant_inactive();
    if (!place.home->tenant().allows(call.request.client_address) || !acted_in.allows(call.request.client_address)) {
        throw address_denied();
    }
    take_rates(call, *place.home, *place.acted_in);
    if (place.is_denied) {
        report(call, RefusalKind::cross_tenant, *call.request.header("X-Tenant-ID"));
        throw other_tenant_denied();
    }
    if (place.is_unknown) throw platform::not_found("tenant");
    check_route(call);
    if (acts_elsewhere && buckets_->is_entry_due(call.actor().tenant, call.actor().user, call.steady)) {
        audit_->entered(call.admission.context);
    }
}

VerifiedTokenPointer AccessGuard::verified(Call& call, std::string_view text) {
    const std::int64_t skew = options_.token_rules.skew_seconds;
    if (VerifiedTokenPointer known = cache_.find(text, call.now.seconds, skew)) return known;
    peek_address(call);
    if (!keys_) throw platform::unavailable();
    auto claims = crypto::verify_access_token(*keys_, options_.token_rules, text, call.now);
    if (!claims) {
        take_address(call);
        if (is_suspicious(claims.error())) report(call, RefusalKind::token_invalid, crypto::text_of(claims.error()));
        if (claims.error() == crypto::TokenFault::expired) throw ServiceError(ErrorCode::token_expired, "The token has expired.");
        throw invalid_token();
    }
    VerifiedTokenPointer token = make_verified(std::move(*claims));
    cache_.put(text, token);
    return token;
}

const AccessState& AccessGuard::check_home(Call& call) const {
    const crypto::AccessClaims& claims = call.token->claims;
    const AccessState& home = *view_->find(claims.tenant);
    view_->check_revocations_read();
    view_->check_fresh(home);
    switch (standing_of(*call.token, home, view_->revocations(), call.request.client_address, call.now)) {
        case TokenStanding::stands: break;
        case TokenStanding::ended: throw invalid_token();
        case TokenStanding::forbidden_address:
            throw ServiceError(ErrorCode::service_account_invalid, "The service account is not valid.");
    }
    call.actor() = actor_of(*call.token, home, call.now);
    call.caller_is_proved = true;
    return home;
}

awaitable<AccessGuard::Place> AccessGuard::locate(Call& call) {
    const core::TenantId home_id = call.token->claims.tenant;
    for (int round = 0; view_->find(home_id) == nullptr; ++round) {
        view_->check_revocations_read();
        if (round == max_rounds) throw platform::unavailable();
        const AccessStatePointer loaded = co_await view_->require(home_id);
        if (!loaded) throw invalid_token();
    }
    const AccessState& home = check_home(call);
    const std::optional<core::TenantId> named = tenant_named(call.request);
    if (!named || *named == home_id) co_return Place{.home = &home, .acted_in = &home};
    Place place = co_await resolve(call, *named);
    co_return place;
}

awaitable<AccessGuard::Place> AccessGuard::resolve(Call& call, core::TenantId wanted) {
    const core::TenantId home_id = call.token->claims.tenant;
    std::optional<bool> is_descendant;
    bool is_absent = false;
    for (int round = 0; round < max_rounds; ++round) {
        // From here to the end of the round nothing waits: both states are of now.
        const AccessState* home = view_->find(home_id);
        const AccessState* other = view_->find(wanted);
        if (home != nullptr) {
            check_home(call);
            const bool may_act_in_all = call.actor().scopes.has(Scope::platform_admin);
            const bool may_act_below = call.actor().scopes.has(Scope::tenant_admin);
            const Place refused{.home = home, .acted_in = home, .is_denied = !may_act_in_all, .is_unknown = may_act_in_all};
            if ((!may_act_in_all && !may_act_below) || is_absent) co_return refused;
            if (other != nullptr && (may_act_in_all || other->tenant().is_within(home_id))) {
                if (other->tenant().is_deleted) co_return refused;
                view_->check_fresh(*other);
                call.actor().tenant = wanted;
                co_return Place{.home = home, .acted_in = other};
            }
            take_principal(call, *home);  // what follows asks the database
            if (!may_act_in_all && is_descendant == false) co_return refused;
            if (!may_act_in_all && !is_descendant) {
                // Asked as the own tenant, which sees its descendants alone: the same work whether or not another exists.
                is_descendant = co_await is_own_descendant(home_id, wanted);
                continue;
            }
        }
        const AccessStatePointer loaded = co_await view_->require(home == nullptr ? home_id : wanted);
        if (!loaded && home == nullptr) throw invalid_token();
        is_absent = !loaded;
    }
    throw platform::unavailable();
}

awaitable<bool> AccessGuard::is_own_descendant(core::TenantId home, core::TenantId wanted) {
    const auto look = [home, wanted](postgres::Transaction& transaction) {
        return transaction.execute(sql::own_descendant, wanted, home);
    };
    const postgres::Result result = co_await view_->database().read(home, look);
    co_return !result.empty();
}

void AccessGuard::take_rates(Call& call, const AccessState& home, const AccessState& acted_in) {
    const TenantRow& tenant = acted_in.tenant();
    if (call.route.bucket == http::RateBucket::checks) {
        take(call, BucketKey::tenant(BucketKind::checks, tenant.id), buckets_->limit(BucketKind::checks, tenant.rates.checks));
        return;
    }
    take_principal(call, home);
    const BucketKey principal = BucketKey::principal(BucketKind::principal, call.actor().home_tenant, call.actor().user);
    const BucketKey of_tenant = BucketKey::tenant(BucketKind::tenant, tenant.id);
    const RateLimit limit = buckets_->limit(BucketKind::tenant, tenant.rates.tenant);
    try {
        take(call, of_tenant, limit);
    } catch (const ServiceError&) {
        // Refused by its tenant's bucket, the request costs its principal nothing.
        buckets_->give_back(principal, buckets_->limit(BucketKind::principal, home.tenant().rates.principal), 1);
        throw;
    }
    if (call.route.bucket != http::RateBucket::sensitive) return;
    take(call, BucketKey::principal(BucketKind::sensitive, call.actor().home_tenant, call.actor().user),
         buckets_->limit(BucketKind::sensitive, home.tenant().rates.sensitive));
}

void AccessGuard::take_principal(Call& call, const AccessState& home) {
    if (std::exchange(call.has_taken_principal, true)) return;
    take(call, BucketKey::principal(BucketKind::principal, call.actor().home_tenant, call.actor().user),
         buckets_->limit(BucketKind::principal, home.tenant().rates.principal));
}

void AccessGuard::take(Call& call, const BucketKey& key, const RateLimit& limit) {
    if (!limit.is_limited()) return;
    const RateVerdict verdict = buckets_->take(key, limit, 1, call.steady);
    if (!verdict.passes) refuse_rate(call, key, limit, verdict);
    std::optional<http::RateState>& tightest = call.admission.rate;
    const http::RateState state = rate_state(limit, verdict, call.now.seconds);
    if (!tightest || state.remaining < tightest->remaining) tightest = state;
}

void AccessGuard::peek_address(Call& call) {
    for (const BucketKind kind : {BucketKind::address_minute, BucketKind::address_hour}) {
        const BucketKey key = BucketKey::address(kind, call.request.client_address);
        const RateLimit limit = buckets_->limit(kind);
        const RateVerdict verdict = buckets_->peek(key, limit, 1, call.steady);
        if (!verdict.passes) refuse_rate(call, key, limit, verdict);
    }
}

void AccessGuard::take_address(Call& call) {
    for (const BucketKind kind : {BucketKind::address_minute, BucketKind::address_hour}) {
        const BucketKey key = BucketKey::address(kind, call.request.client_address);
        const RateLimit limit = buckets_->limit(kind);
        const RateVerdict verdict = buckets_->take(key, limit, 1, call.steady);
        if (!verdict.passes) refuse_rate(call, key, limit, verdict);
    }
}

void AccessGuard::refuse_rate(Call& call, const BucketKey& key, const RateLimit& limit, const RateVerdict& verdict) {
    call.admission.rate = rate_state(limit, verdict, call.now.seconds);
    if (buckets_->is_report_due(key, call.steady)) report(call, RefusalKind::rate_limit, text_of(key.kind));
    throw platform::rate_limited(text_of(key.kind), std::chrono::seconds(retry_seconds(verdict)));
}

void AccessGuard::check_route(Call& call) const {
    const http::Access& access = call.route.access;
    const platform::Actor& actor = call.actor();
    if (call.token->restriction && !call.route.serves_restricted) {
        if (*call.token->restriction == Restriction::password_change) {
            throw ServiceError(ErrorCode::password_change_required, "The password must be changed first.");
        }
        throw ServiceError(ErrorCode::mfa_enrollment_required, "A second factor must be enrolled first.");
    }
    const auto require_scope = [&](Scope scope) {
        if (actor.scopes.has(scope)) return;
        report(call, RefusalKind::scope, platform::text_of(scope));
        throw platform::permission_denied(platform::text_of(scope));
    };
    const bool is_self = access.kind == http::AccessKind::self_or_scope && !actor.acts_elsewhere() &&
                         core::UserId::parse(call.match.value(access.self_parameter)) == actor.user;
    if (access.kind != http::AccessKind::token && !is_self) require_scope(access.scope);
    if (access.also) require_scope(*access.also);
    const bool is_fresh = actor.restricted || call.now.seconds - actor.authenticated_at.seconds <= fresh_seconds;
    if (call.route.is_fresh && !is_fresh) {
        throw ServiceError(ErrorCode::permission_denied, "Prove your identity again first.").with_detail("step_up", true);
    }
}

void AccessGuard::report(const Call& call, RefusalKind kind, std::string_view detail) const {
    std::string route(http::text_of(call.route.method));
    route += ' ';
    route += call.route.path;
    const platform::RequestContext& context = call.admission.context;
    audit_->refused({.kind = kind,
                     .tenant = call.caller_is_proved ? context.actor.home_tenant : core::platform_tenant,
                     .actor = call.caller_is_proved ? &context.actor : nullptr,
                     .detail = detail.substr(0, max_reported_text),
                     .route = route,
                     .request_id = call.request.request_id,
                     .client_address = call.request.client_address,
                     .user_agent = context.user_agent});
}

}  // namespace sentinel::access
