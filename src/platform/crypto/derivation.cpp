#include "platform/crypto/derivation.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "platform/crypto/failure.hpp"
#include "platform/crypto/openssl.hpp"

namespace sentinel::crypto {

namespace {

OSSL_PARAM octets(const char* name, std::string_view bytes) {
    // OpenSSL's parameters are not const, but a derivation only reads them.
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(bytes.data()), bytes.size());
}

}  // namespace

platform::Secret derive_key(const platform::Secret& key, std::string_view salt, std::string_view purpose, std::size_t bytes) {
    const std::unique_ptr<EVP_KDF, Releaser<EVP_KDF_free>> algorithm(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    require(algorithm != nullptr, "HKDF");
    const std::unique_ptr<EVP_KDF_CTX, Releaser<EVP_KDF_CTX_free>> context(EVP_KDF_CTX_new(algorithm.get()));
    std::array<char, 7> digest{"SHA256"};
    // OpenSSL refuses an empty salt or info; left out they mean the same (RFC 5869 section 2.2).
    std::vector<OSSL_PARAM> parameters{OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
                                       octets(OSSL_KDF_PARAM_KEY, key.reveal())};
    if (!salt.empty()) parameters.push_back(octets(OSSL_KDF_PARAM_SALT, salt));
    if (!purpose.empty()) parameters.push_back(octets(OSSL_KDF_PARAM_INFO, purpose));
    parameters.push_back(OSSL_PARAM_construct_end());
    std::string derived(bytes, '\0');
    require(context != nullptr && EVP_KDF_derive(context.get(), bytes_of(derived.data()), bytes, parameters.data()) == 1, "HKDF");
    return platform::Secret(std::move(derived));
}

}  // namespace sentinel::crypto
