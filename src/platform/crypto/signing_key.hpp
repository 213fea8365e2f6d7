#pragma once
/// Keys that sign: ES256, EdDSA (Ed25519), RS256, HS256. A key knows its algorithm; nobody else chooses one.

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "platform/crypto/master_key.hpp"
#include "platform/service/secret.hpp"

namespace sentinel::crypto {

enum class SignatureAlgorithm : std::uint8_t { es256, eddsa, rs256, hs256 };
/// `ES256` …
std::string_view text_of(SignatureAlgorithm algorithm) noexcept;
/// Exact, case-sensitive.
std::optional<SignatureAlgorithm> parse_signature_algorithm(std::string_view text) noexcept;

/// RFC 7638, SHA-256, base64url; nullopt for a key type that is not known here.
std::optional<std::string> thumbprint(const core::json::Object& jwk);

/// One key, with or without its private part. Immutable, thread-safe; share it as std::shared_ptr<const SigningKey>.
class SigningKey {
public:
    /// A new key. Its kid is the thumbprint; of HS256 a random text.
    static SigningKey generate(SignatureAlgorithm algorithm);
    /// The public part of a foreign or own key. Refuses weak RSA keys, points off the curve, an `alg` or `use` that does not fit.
    /// An `oct` key becomes HS256. A JWK that names no `alg` gets that of its type. The error is a sentence.
    static std::expected<SigningKey, std::string> from_jwk(const core::json::Object& jwk);
    /// A row of signing_keys with its private part.
    static std::expected<SigningKey, std::string> unwrap(const MasterKey& master, SignatureAlgorithm algorithm,
                                                         std::string_view kid, std::string_view private_wrapped);

    SigningKey(SigningKey&&) noexcept;
    SigningKey& operator=(SigningKey&&) noexcept;
    ~SigningKey();

    SignatureAlgorithm algorithm() const noexcept { return algorithm_; }
    const std::string& kid() const noexcept { return kid_; }
    bool can_sign() const noexcept;
    /// As JWKS shows it: kty, the public members, kid, alg, use. Of HS256 nothing but kty, kid, alg, use: it is never in a JWKS.
    core::json::Object public_jwk() const;
    /// signing_keys.private_wrapped. REQUIRES can_sign().
    std::string wrap_private(const MasterKey& master) const;

    /// A JOSE signature (ES256: r and s, 32 bytes each). REQUIRES can_sign().
    std::string sign(std::string_view message) const;
    bool verify(std::string_view message, std::string_view signature) const;

private:
    struct State;
    SigningKey(SignatureAlgorithm algorithm, std::string kid, std::unique_ptr<State> state);
    SignatureAlgorithm algorithm_;
    std::string kid_;
    std::unique_ptr<State> state_;
};

/// The row of signing_keys under another master key.
std::expected<std::string, OpenFault> rewrap_signing_key(std::string_view private_wrapped, SignatureAlgorithm algorithm,
                                                         std::string_view kid, const MasterKey& from, const MasterKey& to);

}  // namespace sentinel::crypto
