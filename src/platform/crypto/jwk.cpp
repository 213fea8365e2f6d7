#include "platform/crypto/jwk.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "core/encoding.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/crypto/failure.hpp"

namespace sentinel::crypto {

namespace json = core::json;

namespace {

using Parameters = std::unique_ptr<OSSL_PARAM, Releaser<OSSL_PARAM_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Releaser<OSSL_PARAM_BLD_free>>;

constexpr int smallest_modulus_bits = 2048;
constexpr int largest_modulus_bits = 8192;  // verifying with more would be a way to keep the machine busy
constexpr std::size_t coordinate_bytes = 32;
constexpr std::size_t smallest_secret_bytes = 32;

const std::string* text_member(const json::Object& jwk, std::string_view name) {
    const json::Value* value = jwk.find(name);
    return value == nullptr ? nullptr : value->text();
}

std::optional<std::string> bytes_member(const json::Object& jwk, std::string_view name) {
    const std::string* text = text_member(jwk, name);
    return text == nullptr ? std::nullopt : core::from_base64url(*text);
}

std::optional<SignatureAlgorithm> algorithm_of_type(const json::Object& jwk) {
    const std::string* type = text_member(jwk, "kty");
    const std::string* curve = text_member(jwk, "crv");
    if (type == nullptr) return std::nullopt;
    if (*type == "RSA") return SignatureAlgorithm::rs256;
    if (*type == "oct") return SignatureAlgorithm::hs256;
    if (*type == "EC" && curve != nullptr && *curve == "P-256") return SignatureAlgorithm::es256;
    if (*type == "OKP" && curve != nullptr && *curve == "Ed25519") return SignatureAlgorithm::eddsa;
    return std::nullopt;
}

bool may_verify(const json::Object& jwk) {
    if (const json::Value* use = jwk.find("use"); use != nullptr && (use->text() == nullptr || *use->text() != "sig"))
        return false;
    const json::Value* operations = jwk.find("key_ops");
    if (operations == nullptr) return true;
    return operations->array() != nullptr && std::ranges::any_of(*operations->array(), [](const json::Value& operation) {
               return operation.text() != nullptr && (*operation.text() == "verify" || *operation.text() == "sign");
           });
}

BigNumber number_of(std::string_view bytes) {
    return BigNumber(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

/// Keys of a broken generator (CVE-2017-15361): their modulus is a power of 65537 modulo every small prime, which of other keys
/// one in 2^27 is.
bool is_roca(const BIGNUM* modulus) {
    constexpr std::array<BN_ULONG, 17> primes{11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157};
    return std::ranges::all_of(primes, [modulus](BN_ULONG prime) {
        const BN_ULONG wanted = BN_mod_word(modulus, prime);
        BN_ULONG power = 1;
        do {
            if (power == wanted) return true;
            power = power * 65537 % prime;
        } while (power != 1);
        return false;
    });
}

PublicKey key_from(const char* type, OSSL_PARAM_BLD* builder) {
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
    const PublicKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        return nullptr;
    }
    return PublicKey(key);
}

std::expected<PublicKey, std::string> read_rsa(const json::Object& jwk) {
    const auto modulus = bytes_member(jwk, "n");
    const auto exponent = bytes_member(jwk, "e");
    if (!modulus || !exponent || modulus->size() > largest_modulus_bits / 8 || exponent->size() > 4) {
        return std::unexpected("the RSA key lacks n or e, or they are too long");
    }
    const BigNumber n = number_of(*modulus);
    const BigNumber e = number_of(*exponent);
    if (BN_num_bits(n.get()) < smallest_modulus_bits || BN_is_odd(n.get()) == 0)
        return std::unexpected("the RSA key is too short");
    if (BN_is_odd(e.get()) == 0 || BN_get_word(e.get()) < 65537) return std::unexpected("the RSA exponent is too small");
    if (is_roca(n.get())) return std::unexpected("the RSA key comes from a generator known to be broken");
    const ParameterBuilder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    PublicKey key = key_from("RSA", builder.get());
    if (key == nullptr) return std::unexpected("the RSA key is not usable");
    return key;
}

std::expected<PublicKey, std::string> read_elliptic(const json::Object& jwk) {
    const auto x = bytes_member(jwk, "x");
    const auto y = bytes_member(jwk, "y");
    if (!x || !y || x->size() != coordinate_bytes || y->size() != coordinate_bytes) {
        return std::unexpected("the EC key lacks x or y of 32 bytes");
    }
    const std::string point = '\x04' + *x + *y;
    const ParameterBuilder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    PublicKey key = key_from("EC", builder.get());
    const PublicKeyContext context(key == nullptr ? nullptr : EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    if (context == nullptr || EVP_PKEY_public_check(context.get()) != 1)
        return std::unexpected("the EC key is no point of its curve");
    return key;
}

std::expected<PublicKey, std::string> read_edwards(const json::Object& jwk) {
    const auto x = bytes_member(jwk, "x");
    if (!x || x->size() != coordinate_bytes) return std::unexpected("the OKP key lacks x of 32 bytes");
    PublicKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(*x), x->size()));
    if (key == nullptr) return std::unexpected("the OKP key is not usable");
    return key;
}

std::string number_text(const EVP_PKEY* key, const char* name, std::size_t bytes) {
    BIGNUM* raw = nullptr;
    require(EVP_PKEY_get_bn_param(key, name, &raw) == 1, "public key");
    const BigNumber number(raw);
    std::string text(std::max(bytes, static_cast<std::size_t>(BN_num_bytes(number.get()))), '\0');
    require(BN_bn2binpad(number.get(), bytes_of(text.data()), static_cast<int>(text.size())) >= 0, "public key");
    return core::to_base64url(text);
}

std::string edwards_text(const EVP_PKEY* key) {
    std::string bytes(coordinate_bytes, '\0');
    std::size_t size = bytes.size();
    require(EVP_PKEY_get_raw_public_key(key, bytes_of(bytes.data()), &size) == 1 && size == bytes.size(), "public key");
    return core::to_base64url(bytes);
}

}  // namespace

std::optional<std::string> thumbprint(const json::Object& jwk) {
    const std::string* type = text_member(jwk, "kty");
    if (type == nullptr) return std::nullopt;
    constexpr std::array<std::string_view, 3> rsa{"e", "kty", "n"};
    constexpr std::array<std::string_view, 4> elliptic{"crv", "kty", "x", "y"};
    constexpr std::array<std::string_view, 3> edwards{"crv", "kty", "x"};
    constexpr std::array<std::string_view, 2> shared{"k", "kty"};
    std::span<const std::string_view> names;
    if (*type == "RSA") names = rsa;
    if (*type == "EC") names = elliptic;
    if (*type == "OKP") names = edwards;
    if (*type == "oct") names = shared;
    json::Object required_members;
    for (const std::string_view name : names) {
        const std::string* text = text_member(jwk, name);
        if (text == nullptr) return std::nullopt;
        required_members.set(name, *text);
    }
    if (names.empty()) return std::nullopt;
    const Digest digest = sha256(json::to_text(required_members));
    return core::to_base64url(digest.view());
}

std::expected<JwkUse, std::string> read_jwk_use(const json::Object& jwk) {
    const auto algorithm = algorithm_of_type(jwk);
    if (!algorithm) return std::unexpected("the key's type or curve is not offered");
    if (!may_verify(jwk)) return std::unexpected("the key is not for signatures");
    if (const json::Value* named = jwk.find("alg");
        named != nullptr && (named->text() == nullptr || *named->text() != text_of(*algorithm))) {
        return std::unexpected("the key's alg does not fit its type");
    }
    JwkUse use{*algorithm, {}};
    if (const json::Value* kid = jwk.find("kid"); kid != nullptr) {
        if (kid->text() == nullptr) return std::unexpected("the key's kid is not text");
        use.kid = *kid->text();
    } else if (*algorithm != SignatureAlgorithm::hs256) {
        use.kid = thumbprint(jwk).value_or("");
    }
    return use;
}

std::expected<PublicKey, std::string> read_public_key(const json::Object& jwk, SignatureAlgorithm algorithm) {
    switch (algorithm) {
        case SignatureAlgorithm::rs256: return read_rsa(jwk);
        case SignatureAlgorithm::es256: return read_elliptic(jwk);
        case SignatureAlgorithm::eddsa: return read_edwards(jwk);
        case SignatureAlgorithm::hs256: break;
    }
    return std::unexpected("a shared secret has no public key");
}

std::expected<platform::Secret, std::string> read_shared_secret(const json::Object& jwk) {
    auto bytes = bytes_member(jwk, "k");
    if (!bytes || bytes->size() < smallest_secret_bytes)
        return std::unexpected("the shared secret is missing or shorter than 32 bytes");
    return platform::Secret(std::move(*bytes));
}

json::Object public_members(const EVP_PKEY* key, SignatureAlgorithm algorithm) {
    switch (algorithm) {
        case SignatureAlgorithm::rs256:
            return {{"kty", "RSA"},
                    {"n", number_text(key, OSSL_PKEY_PARAM_RSA_N, 0)},
                    {"e", number_text(key, OSSL_PKEY_PARAM_RSA_E, 0)}};
        case SignatureAlgorithm::es256:
            return {{"kty", "EC"},
                    {"crv", "P-256"},
                    {"x", number_text(key, OSSL_PKEY_PARAM_EC_PUB_X, coordinate_bytes)},
                    {"y", number_text(key, OSSL_PKEY_PARAM_EC_PUB_Y, coordinate_bytes)}};
        case SignatureAlgorithm::eddsa: return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", edwards_text(key)}};
        case SignatureAlgorithm::hs256: break;
    }
    return {{"kty", "oct"}};
}

}  // namespace sentinel::crypto
