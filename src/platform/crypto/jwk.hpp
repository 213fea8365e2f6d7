#pragma once
/// Public keys as JSON Web Keys, for signing_key.cpp alone.

#include <expected>
#include <string>

#include "core/json.hpp"
#include "platform/crypto/openssl.hpp"
#include "platform/crypto/signing_key.hpp"

namespace sentinel::crypto {

/// What a JWK says besides its key.
struct JwkUse {
    SignatureAlgorithm algorithm = SignatureAlgorithm::es256;
    std::string kid;  ///< the thumbprint where none is given
};
/// Judges kty, crv, alg, use, key_ops and kid together.
std::expected<JwkUse, std::string> read_jwk_use(const core::json::Object& jwk);
/// REQUIRES: an algorithm that is not HS256, as read_jwk_use found it.
std::expected<PublicKey, std::string> read_public_key(const core::json::Object& jwk, SignatureAlgorithm algorithm);
/// The secret of an `oct` key: 32 bytes at least.
std::expected<platform::Secret, std::string> read_shared_secret(const core::json::Object& jwk);
/// kty and the public members.
core::json::Object public_members(const EVP_PKEY* key, SignatureAlgorithm algorithm);

}  // namespace sentinel::crypto
