#pragma once
/// Keys with names of our choice and hand-made tokens, for the tests of access tokens.

#include <memory>
#include <string>
#include <string_view>

#include "core/encoding.hpp"
#include "platform/crypto/jwt.hpp"

namespace sentinel::crypto::testing {

/// A new key under a kid of our choice.
inline KeySet::Key named_key(SignatureAlgorithm algorithm, std::string_view kid) {
    const MasterKey master = MasterKey::generate();
    const SigningKey key = SigningKey::generate(algorithm);
    const auto secret =
        master.unwrap(key.wrap_private(master), {"signing_keys", text_of(algorithm), core::platform_tenant, key.kid()}).value();
    const std::string wrapped = master.wrap(secret, {"signing_keys", text_of(algorithm), core::platform_tenant, kid});
    return std::make_shared<const SigningKey>(SigningKey::unwrap(master, algorithm, kid, wrapped).value());
}

/// A token of these texts, genuinely signed.
inline std::string signed_token(const SigningKey& key, std::string_view header, std::string_view payload) {
    const std::string text = core::to_base64url(header) + '.' + core::to_base64url(payload);
    return text + '.' + core::to_base64url(key.sign(text));
}

}  // namespace sentinel::crypto::testing
