#include "platform/crypto/jwt.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/encoding.hpp"
#include "platform/crypto/failure.hpp"
#include "platform/crypto/jwt_claims.hpp"

namespace sentinel::crypto {

namespace json = core::json;

namespace {

constexpr std::string_view token_type = "at+jwt";

struct Parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signed_text;  ///< header, dot, payload
};

std::optional<Parts> split(std::string_view token) {
    const std::size_t first = token.find('.');
    if (token.size() > max_token_bytes || first == std::string_view::npos) return std::nullopt;
    const std::size_t second = token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
    return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1),
                 token.substr(0, second)};
}

std::optional<json::Object> read_object(std::string_view part) {
    const auto text = core::from_base64url(part);
    if (!text) return std::nullopt;
    auto value = json::parse(*text);
    if (!value || value->object() == nullptr) return std::nullopt;
    return std::move(*value->object());
}

/// The key that the header names; alg is compared with that key's, never used to choose.
std::expected<const SigningKey*, TokenFault> key_for(const KeySet& keys, const json::Object& header) {
    std::array<const std::string*, 3> members{};
    constexpr std::array<std::string_view, 3> names{"alg", "typ", "kid"};
    for (std::size_t index = 0; index < names.size(); ++index) {
        const json::Value* value = header.find(names[index]);
        members[index] = value == nullptr ? nullptr : value->text();
        if (members[index] == nullptr) return std::unexpected(TokenFault::header);
    }
    // Our tokens have these three and nothing else: crit, jku, jwk, x5u, zip, b64 … have no meaning that could be missed.
    if (header.size() != names.size()) return std::unexpected(TokenFault::header);
    const auto& [algorithm, type, kid] = members;
    if (*type != token_type) return std::unexpected(TokenFault::type);
    const SigningKey* key = keys.find(*kid);
    if (key == nullptr) return std::unexpected(TokenFault::unknown_key);
    if (*algorithm != text_of(key->algorithm())) return std::unexpected(TokenFault::algorithm);
    return key;
}

std::optional<TokenFault> fault_of_times(const AccessClaims& claims, const TokenRules& rules, std::int64_t now) {
    if (claims.expires_at - claims.issued_at > rules.max_lifetime_seconds) return TokenFault::lifetime;
    const std::int64_t latest_start = now + rules.skew_seconds;
    if (claims.not_before > latest_start || claims.issued_at > latest_start) return TokenFault::not_yet_valid;
    if (claims.expires_at + rules.skew_seconds <= now) return TokenFault::expired;
    return std::nullopt;
}

}  // namespace

std::string_view text_of(TokenFault fault) noexcept {
    constexpr std::array<std::string_view, 12> texts{"malformed", "header",    "type",          "unknown_key",
                                                     "algorithm", "signature", "claims",        "issuer",
                                                     "audience",  "lifetime",  "not_yet_valid", "expired"};
    static_assert(texts.size() == static_cast<std::size_t>(TokenFault::expired) + 1);
    return texts[static_cast<std::size_t>(fault)];
}

KeySet::KeySet(Key active, const std::vector<Key>& verifying) : active_(std::move(active)) {
    for (const Key& key : verifying) keys_.insert_or_assign(key->kid(), key);
    if (active_ != nullptr) keys_.insert_or_assign(active_->kid(), active_);
}

const SigningKey* KeySet::find(std::string_view kid) const noexcept {
    const auto found = keys_.find(kid);
    return found == keys_.end() ? nullptr : found->second.get();
}

json::Object KeySet::jwks() const {
    std::vector<const SigningKey*> shown;
    for (const auto& [kid, key] : keys_) {
        if (key->algorithm() != SignatureAlgorithm::hs256) shown.push_back(key.get());
    }
    std::ranges::sort(shown, {}, &SigningKey::kid);
    json::Array list;
    for (const SigningKey* key : shown) list.emplace_back(key->public_jwk());
    return {{"keys", std::move(list)}};
}

std::string sign_access_token(const KeySet& keys, const TokenRules& rules, const AccessClaims& claims) {
    require(keys.active() != nullptr, "no active signing key");
    const SigningKey& key = *keys.active();
    const json::Object header{{"alg", text_of(key.algorithm())}, {"kid", key.kid()}, {"typ", token_type}};
    std::string token =
        core::to_base64url(json::to_text(header)) + '.' + core::to_base64url(json::to_text(write_claims(claims, rules)));
    const std::string signature = key.sign(token);
    return token + '.' + core::to_base64url(signature);
}

std::expected<AccessClaims, TokenFault> verify_access_token(const KeySet& keys, const TokenRules& rules, std::string_view token,
                                                            core::Instant now) {
    const auto parts = split(token);
    if (!parts) return std::unexpected(TokenFault::malformed);
    const auto header = read_object(parts->header);
    const auto signature = core::from_base64url(parts->signature);
    if (!header || !signature) return std::unexpected(TokenFault::malformed);
    const auto key = key_for(keys, *header);
    if (!key) return std::unexpected(key.error());
    if (!(*key)->verify(parts->signed_text, *signature)) return std::unexpected(TokenFault::signature);
    // Only what was signed by us is read further.
    const auto payload = read_object(parts->payload);
    if (!payload) return std::unexpected(TokenFault::malformed);
    auto claims = read_claims(*payload, rules);
    if (!claims) return claims;
    if (const auto fault = fault_of_times(*claims, rules, now.seconds)) return std::unexpected(*fault);
    return claims;
}

}  // namespace sentinel::crypto
