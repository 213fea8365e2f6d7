#include "modules/auth/auth.hpp"

#include <algorithm>
#include <utility>

#include "modules/auth/login_throttle.hpp"
#include "modules/auth/repository.hpp"
#include "modules/auth/repository_sessions.hpp"
#include "modules/auth/signing_keys.hpp"
#include "modules/auth/subject.hpp"
#include "platform/access/restriction.hpp"

namespace sentinel::auth {

using boost::asio::awaitable;

namespace {

constexpr std::size_t most_role_names = 8;

std::int64_t per_minute(Endpoint endpoint) noexcept { return endpoint == Endpoint::login ? 10 : 60; }

// Codes have no small letters.
std::string upper_ascii(std::string text) {
    for (char& letter : text) {
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    }
    return text;
}

access::Restriction access_restriction(SessionRestriction restriction) noexcept {
    return restriction == SessionRestriction::password_change ? access::Restriction::password_change
                                                              : access::Restriction::mfa_enrollment;
}

}  // namespace

const crypto::KeySet& AuthService::keys() const {
    if (!keys_ || !keys_->active()) throw platform::unavailable();
    return *keys_;
}

core::Instant AuthService::now() const {
    const core::Instant own = parts_.clock->now();
    const std::int64_t known = parts_.access->database_time();
    return known > own.seconds ? core::Instant{.seconds = known} : own;
}

core::Instant AuthService::last_token_end() const {
    return end_of(now().plus_seconds(options_.token_rules.max_lifetime_seconds));
}

core::Instant AuthService::end_of(core::Instant expires_at) const {
    return expires_at.plus_seconds(options_.token_rules.skew_seconds);
}

void AuthService::take_endpoint(const platform::RequestContext& context, Endpoint endpoint) const {
    if (parts_.rate_buckets == nullptr || !parts_.rate_buckets->figures().enabled || !context.client_address) return;
    access::BucketKey key = access::BucketKey::address(access::BucketKind::address_minute, *context.client_address);
    // One byte more than the address's own bucket: no other is named like that.
    key.bytes[key.size++] = static_cast<std::uint8_t>(endpoint);
    const access::RateLimit limit = access::RateLimit::per_minute(per_minute(endpoint));
    const access::RateVerdict verdict = parts_.rate_buckets->take(key, limit, 1, parts_.access->store().steady_now());
    if (!verdict.passes) throw platform::rate_limited("address", std::chrono::seconds(access::retry_seconds(verdict)));
}

awaitable<TenantPlace> AuthService::find_place(const TenantName& name) {
    TenantPlace place{.tenant = core::platform_tenant, .exists = false, .named = "", .state = nullptr};
    std::optional<core::TenantId> tenant = name.tenant_id;
    if (name.tenant_code) {
        const std::string code = upper_ascii(*name.tenant_code);
        place.named = "code:" + code;
        tenant = co_await parts_.database->read_private(
            [&](postgres::Transaction& transaction) { return repository::find_tenant(transaction, code); });
    }
    if (tenant) {
        place.named = tenant->text();
        place.state = co_await parts_.access->require(*tenant);
    }
    place.exists = place.state && !place.state->tenant().is_deleted;
    if (place.exists) place.tenant = *tenant;
    if (!place.exists) place.state = co_await parts_.access->require(core::platform_tenant);
    if (!place.state) throw platform::unavailable();
    parts_.access->check_fresh(*place.state);
    co_return place;
}

Tokens AuthService::tokens_of(const TokenSubject& subject, SessionFacts session) const {
    const core::Instant issued = now();
    const std::int64_t life = std::chrono::seconds(options_.access_token_life).count();
    crypto::AccessClaims claims;
    claims.subject = subject.user.id;
    claims.token_id = core::TokenId{parts_.ids->next()};
    claims.tenant = subject.keys.tenant();
    claims.tenant_code = subject.rules.code;
    claims.issued_at = issued.seconds;
    claims.not_before = issued.seconds;
    claims.expires_at = std::min(issued.seconds + life, session.times.expires_at.seconds);
    claims.session = session.id;
    claims.epoch = session.epoch;
    claims.amr = session.amr;
    claims.auth_time = session.times.auth_time.seconds;
    claims.actor = session.actor;
    std::vector<std::string> roles = subject.state.effective_role_names(subject.user.id, issued);
    if (roles.size() <= most_role_names) claims.roles = roles;
    if (session.restricted) claims.scope = std::string(access::scope_claim_of(access_restriction(*session.restricted)));
    Tokens tokens;
    tokens.access_token = platform::Secret(crypto::sign_access_token(keys(), options_.token_rules, claims));
    tokens.refresh_token = std::move(session.refresh_token);
    tokens.expires_in = claims.expires_at - claims.issued_at;
    tokens.session_id = session.id;
    tokens.restricted = session.restricted;
    tokens.user = {.id = subject.user.id,
                   .email = open_email(subject.keys, subject.user.id, subject.user.email_encrypted),
                   .username = subject.user.username,
                   .is_service_account = false,
                   .roles = std::move(roles),
                   .tenant = {.id = claims.tenant, .name = subject.rules.name, .code = subject.rules.code}};
    return tokens;
}

core::json::Object AuthService::jwks() const { return keys().jwks(); }

PasswordRequirements AuthService::password_requirements() const {
    const crypto::PasswordRules& rules = options_.password_rules;
    return {.min_length = static_cast<std::int64_t>(rules.min_length),
            .max_length = static_cast<std::int64_t>(crypto::max_password_length),
            .require_uppercase = rules.require_uppercase,
            .require_lowercase = rules.require_lowercase,
            .require_numbers = rules.require_numbers,
            .require_symbols = rules.require_special,
            .history = static_cast<std::int64_t>(crypto::password_history_length)};
}

postgres::StatementList statements() noexcept {
    static const std::vector<const postgres::Statement*> all = [] {
        std::vector<const postgres::Statement*> list;
        for (const postgres::StatementList part :
             {repository_statements(), session_statements(), login_throttle_statements(), signing_key_statements()}) {
            list.insert(list.end(), part.begin(), part.end());
        }
        return list;
    }();
    return all;
}

}  // namespace sentinel::auth
