#pragma once
/// Tokens that are looked up: refresh, reset, invitation … (spec 02). A prefix, and base64url of tenant, row and 32 random bytes.

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/vocabulary.hpp"
#include "platform/service/secret.hpp"

namespace sentinel::crypto {

enum class OpaqueTokenKind : std::uint8_t { refresh, password_reset, invitation, mfa_challenge, oidc_state, oidc_login_code };
/// `srt_` …
std::string_view prefix_of(OpaqueTokenKind kind) noexcept;

/// A token as it goes out: its text is hashed with KeyRing::hash(prefix_of(kind), text) and never stored.
struct OpaqueToken {
    OpaqueTokenKind kind = OpaqueTokenKind::refresh;
    core::TenantId tenant;
    core::Uuid row;
    platform::Secret text;
};

/// A new token of a row.
OpaqueToken make_opaque_token(OpaqueTokenKind kind, core::TenantId tenant, core::Uuid row);
/// Its parts, or nullopt for another kind or any other text. That the form is right proves nothing: compare the hash.
std::optional<OpaqueToken> parse_opaque_token(OpaqueTokenKind kind, std::string_view text);

}  // namespace sentinel::crypto
