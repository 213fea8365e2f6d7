#include "platform/access/token_check.hpp"

#include <algorithm>
#include <limits>

namespace sentinel::access {

namespace {

std::int64_t saturating_sum(std::int64_t left, std::int64_t right) noexcept {
    std::int64_t sum = 0;
    return __builtin_add_overflow(left, right, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

bool is_revoked(const crypto::AccessClaims& claims, const RevocationSet& revocations) noexcept {
    if (revocations.size() == 0) return false;
    return revocations.ended_token(claims.tenant, claims.token_id) ||
           (claims.session && revocations.ended_session(claims.tenant, *claims.session)) ||
           (!claims.key_id.empty() && revocations.ended_key(claims.tenant, claims.key_id));
}

bool is_of_old_epoch(const crypto::AccessClaims& claims, const SubjectRow& subject, const AccessState& home,
                     const RevocationSet& revocations) noexcept {
    const std::int64_t revoked_until = revocations.epoch_of(claims.tenant, claims.subject).value_or(0);
    const std::int64_t of_user = std::max(subject.token_epoch, revoked_until);
    return claims.epoch < saturating_sum(of_user, home.tenant().token_epoch);
}

bool is_person(const SubjectRow* subject, core::Instant now) noexcept {
    return subject != nullptr && subject->kind == platform::ActorKind::user && subject->is_usable(now);
}

/// A state keeps the networks too, but the revocation may be newer.
bool is_allowed_address(const SubjectRow& subject, core::TenantId tenant, const RevocationSet& revocations,
                        const core::IpAddress& address) noexcept {
    const std::vector<core::IpNetwork>* changed = revocations.networks_of(tenant, subject.id);
    const std::vector<core::IpNetwork>& networks = changed == nullptr ? subject.networks : *changed;
    return networks.empty() ||
           std::ranges::any_of(networks, [&](const core::IpNetwork& network) { return network.contains(address); });
}

}  // namespace

TokenStanding standing_of(const VerifiedToken& token, const AccessState& home, const RevocationSet& revocations,
                          const core::IpAddress& address, core::Instant now) noexcept {
    const crypto::AccessClaims& claims = token.claims;
    if (home.tenant().id != claims.tenant || home.tenant().is_deleted || is_revoked(claims, revocations)) {
        return TokenStanding::ended;
    }
    const SubjectRow* subject = home.subject(claims.subject);
    if (subject == nullptr || !subject->is_usable(now)) return TokenStanding::ended;
    const bool is_service_account = subject->kind == platform::ActorKind::service_account;
    if (is_service_account != claims.is_service_account) return TokenStanding::ended;
    if (is_of_old_epoch(claims, *subject, home, revocations)) return TokenStanding::ended;
    if (claims.actor && !is_person(home.subject(*claims.actor), now)) return TokenStanding::ended;
    if (is_service_account && !is_allowed_address(*subject, claims.tenant, revocations, address)) {
        return TokenStanding::forbidden_address;
    }
    return TokenStanding::stands;
}

platform::Actor actor_of(const VerifiedToken& token, const AccessState& home, core::Instant now) {
    const crypto::AccessClaims& claims = token.claims;
    platform::Actor actor;
    actor.kind = claims.is_service_account ? platform::ActorKind::service_account : platform::ActorKind::user;
    actor.user = claims.subject;
    actor.home_tenant = claims.tenant;
    actor.tenant = claims.tenant;
    actor.scopes = home.scopes_of(claims.subject, now);
    if (token.cut) actor.scopes = actor.scopes.cut_to(*token.cut);
    actor.session = claims.session;
    actor.impersonator = claims.actor;
    actor.authenticated_at = {.seconds = claims.auth_time};
    actor.restricted = token.restriction.has_value();
    actor.key_id = claims.key_id;
    actor.token = {.id = claims.token_id, .expires_at = {.seconds = claims.expires_at}};
    return actor;
}

}  // namespace sentinel::access
