#pragma once
/// Access tokens (spec 02 "Tokens and secrets", rule 1; security cases S01 to S05).

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/time.hpp"
#include "core/vocabulary.hpp"
#include "platform/crypto/signing_key.hpp"

namespace sentinel::crypto {

/// What an access token says. iss, aud and type are not here: they are the same in all.
struct AccessClaims {
    core::UserId subject;
    core::TokenId token_id;  ///< jti
    core::TenantId tenant;   ///< home tenant
    std::string tenant_code;
    std::int64_t issued_at = 0;  ///< seconds since 1970, as all times here
    std::int64_t not_before = 0;
    std::int64_t expires_at = 0;
    bool is_service_account = false;
    std::optional<core::SessionId> session;  ///< people: always; service accounts: never
    std::string key_id;                      ///< service accounts: the API key used; people: empty
    std::int64_t epoch = 0;
    std::vector<std::string> amr;  ///< empty for service accounts
    std::int64_t auth_time = 0;
    std::optional<std::vector<std::string>> roles;  ///< names; nullopt = left out (more than 8)
    std::optional<std::string> scope;               ///< only when narrowed; space-separated
    std::optional<core::UserId> actor;              ///< act.sub: the real person while impersonating
    friend bool operator==(const AccessClaims&, const AccessClaims&) = default;
};

enum class TokenFault : std::uint8_t {
    malformed,    ///< not three strict base64url parts of JSON objects, a member twice, too long
    header,       ///< a member other than alg, typ, kid, or one of them missing or of another type
    type,         ///< typ or the claim `type` of another kind of token
    unknown_key,  ///< no such kid among the keys that verify
    algorithm,    ///< alg is not that of the key
    signature,
    claims,  ///< one missing, of a wrong type or out of range
    issuer,
    audience,
    lifetime,       ///< longer than any token of ours
    not_yet_valid,  ///< nbf or iat ahead of the clock
    expired,        ///< all else holds: 401 TOKEN_EXPIRED; the others are INVALID_TOKEN
};
/// `malformed` … for audit and logs.
std::string_view text_of(TokenFault fault) noexcept;

/// The keys in memory: those that verify, by kid, and the one that signs. Immutable, thread-safe; a change makes a new one.
class KeySet {
public:
    using Key = std::shared_ptr<const SigningKey>;
    /// `verifying`: every key with status pending, active or retiring. `active`: null pointer = nothing can be signed; else it verifies too.
    KeySet(Key active, const std::vector<Key>& verifying);
    const Key& active() const noexcept { return active_; }
    const SigningKey* find(std::string_view kid) const noexcept;
    /// {"keys": […]} of the asymmetric ones, in order of kid.
    core::json::Object jwks() const;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    Key active_;
    std::unordered_map<std::string, Key, Hash, std::equal_to<>> keys_;
};

/// What makes a token one of ours, besides its signature.
struct TokenRules {
    std::string issuer;
    std::string audience;
    std::int64_t skew_seconds = 30;                 ///< leeway on exp, nbf, iat
    std::int64_t max_lifetime_seconds = 1440 * 60;  ///< exp - iat at most: the largest ACCESS_TOKEN_EXPIRE_MINUTES
};

inline constexpr std::size_t max_token_bytes = 8192;

/// A signed token. Throws CryptoFailure when the set has no active key. REQUIRES: claims that fit each other (see AccessClaims).
std::string sign_access_token(const KeySet& keys, const TokenRules& rules, const AccessClaims& claims);
/// Judges a token by rule 1 of page 02; revocation, session and epoch are the guard's.
std::expected<AccessClaims, TokenFault> verify_access_token(const KeySet& keys, const TokenRules& rules, std::string_view token,
                                                            core::Instant now);

}  // namespace sentinel::crypto
