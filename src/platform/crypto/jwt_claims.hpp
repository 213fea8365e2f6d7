#pragma once
/// The payload of an access token, for jwt.cpp alone.

#include <expected>

#include "core/json.hpp"
#include "platform/crypto/jwt.hpp"

namespace sentinel::crypto {

core::json::Object write_claims(const AccessClaims& claims, const TokenRules& rules);
/// Every claim that page 02 lists, of its type; iss, aud and type are compared, times are only read.
std::expected<AccessClaims, TokenFault> read_claims(const core::json::Object& payload, const TokenRules& rules);

}  // namespace sentinel::crypto
