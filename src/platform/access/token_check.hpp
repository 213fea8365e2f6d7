#pragma once
/// Does a genuine token still stand for its caller (spec 02 rules 2, 12, 21)? Pure: reads a state and the revocations.

#include <cstdint>
#include <optional>

#include "platform/access/access_state.hpp"
#include "platform/access/revocations.hpp"
#include "platform/access/token_cache.hpp"

namespace sentinel::access {

enum class TokenStanding : std::uint8_t {
    stands,
    ended,              ///< session, token, key, epoch, subject or tenant: 401 INVALID_TOKEN
    forbidden_address,  ///< of a service account: 401 SERVICE_ACCOUNT_INVALID
};

TokenStanding standing_of(const VerifiedToken& token, const AccessState& home, const RevocationSet& revocations,
                          const core::IpAddress& address, core::Instant now) noexcept;

/// Who acts with a token that stands, at home.
platform::Actor actor_of(const VerifiedToken& token, const AccessState& home, core::Instant now);

}  // namespace sentinel::access
