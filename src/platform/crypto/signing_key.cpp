#include "platform/crypto/signing_key.hpp"

#include <array>
#include <utility>

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "core/encoding.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/crypto/failure.hpp"
#include "platform/crypto/jwk.hpp"
#include "platform/crypto/openssl.hpp"
#include "platform/crypto/random.hpp"

namespace sentinel::crypto {

namespace json = core::json;

namespace {

using PrivateKeyInfo = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Releaser<PKCS8_PRIV_KEY_INFO_free>>;

constexpr std::array<std::string_view, 4> algorithm_texts{"ES256", "EdDSA", "RS256", "HS256"};
constexpr std::size_t half = 32;  // r and s of P-256
constexpr std::size_t rsa_bits = 3072;

const char* digest_of(SignatureAlgorithm algorithm) { return algorithm == SignatureAlgorithm::eddsa ? nullptr : "SHA256"; }

const char* key_type_of(SignatureAlgorithm algorithm) {
    if (algorithm == SignatureAlgorithm::es256) return "EC";
    return algorithm == SignatureAlgorithm::eddsa ? "ED25519" : "RSA";
}

PublicKey generate_pair(SignatureAlgorithm algorithm) {
    if (algorithm == SignatureAlgorithm::es256) return PublicKey(EVP_EC_gen("P-256"));
    if (algorithm == SignatureAlgorithm::eddsa) return PublicKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    return PublicKey(EVP_RSA_gen(rsa_bits));
}

/// DER to r ‖ s.
std::string joined(std::string_view der) {
    const unsigned char* cursor = bytes_of(der);
    const EcdsaSignature parts(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(der.size())));
    require(parts != nullptr, "ES256 signature");
    std::string signature(2 * half, '\0');
    require(BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), bytes_of(signature.data()), half) == half, "ES256 signature");
    require(BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), bytes_of(signature.data() + half), half) == half, "ES256 signature");
    return signature;
}

/// r ‖ s to DER. REQUIRES: 64 bytes.
std::string separated(std::string_view signature) {
    const EcdsaSignature parts(ECDSA_SIG_new());
    BigNumber r(BN_bin2bn(bytes_of(signature), half, nullptr));
    BigNumber s(BN_bin2bn(bytes_of(signature.substr(half)), half, nullptr));
    require(parts != nullptr && ECDSA_SIG_set0(parts.get(), r.get(), s.get()) == 1, "ES256 signature");
    static_cast<void>(r.release());
    static_cast<void>(s.release());
    std::string der(80, '\0');
    unsigned char* cursor = bytes_of(der.data());
    const int size = i2d_ECDSA_SIG(parts.get(), &cursor);
    require(size > 0, "ES256 signature");
    der.resize(static_cast<std::size_t>(size));
    return der;
}

platform::Secret to_pkcs8(const EVP_PKEY* key) {
    const PrivateKeyInfo info(EVP_PKEY2PKCS8(key));
    unsigned char* der = nullptr;
    const int size = info == nullptr ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der);
    require(size > 0, "private key");
    platform::Secret text(std::string(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)));
    OPENSSL_clear_free(der, static_cast<std::size_t>(size));
    return text;
}

PublicKey from_pkcs8(const platform::Secret& der, SignatureAlgorithm algorithm) {
    const unsigned char* cursor = bytes_of(der.reveal());
    const PrivateKeyInfo info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &cursor, static_cast<long>(der.reveal().size())));
    PublicKey key(info == nullptr ? nullptr : EVP_PKCS82PKEY(info.get()));
    if (key == nullptr || EVP_PKEY_is_a(key.get(), key_type_of(algorithm)) != 1) return nullptr;
    return key;
}

KeyPlace place_of(SignatureAlgorithm algorithm, std::string_view kid) {
    return {"signing_keys", text_of(algorithm), core::platform_tenant, kid};
}

}  // namespace

std::string_view text_of(SignatureAlgorithm algorithm) noexcept { return algorithm_texts[static_cast<std::size_t>(algorithm)]; }

std::optional<SignatureAlgorithm> parse_signature_algorithm(std::string_view text) noexcept {
    for (std::size_t index = 0; index < algorithm_texts.size(); ++index) {
        if (algorithm_texts[index] == text) return static_cast<SignatureAlgorithm>(index);
    }
    return std::nullopt;
}

/// A pair of keys, or a shared secret.
struct SigningKey::State {
    State(PublicKey pair, bool is_private) : key(std::move(pair)), can_sign(is_private) {
        require(key != nullptr, "signing key");
    }
    explicit State(platform::Secret shared) : secret(std::move(shared)), hmac(std::in_place, secret), can_sign(true) {}

    std::string sign(std::string_view message, const char* digest) const {
        const MdContext context(EVP_MD_CTX_new());
        std::size_t size = 0;
        require(EVP_DigestSignInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key.get(), nullptr) == 1, "signing");
        require(EVP_DigestSign(context.get(), nullptr, &size, bytes_of(message), message.size()) == 1, "signing");
        std::string signature(size, '\0');
        require(EVP_DigestSign(context.get(), bytes_of(signature.data()), &size, bytes_of(message), message.size()) == 1,
                "signing");
        signature.resize(size);
        return signature;
    }

    bool verify(std::string_view message, std::string_view signature, const char* digest) const {
        const MdContext context(EVP_MD_CTX_new());
        require(EVP_DigestVerifyInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key.get(), nullptr) == 1, "verifying");
        const bool genuine =
            EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
        // A refused signature leaves an error in the thread's queue, which would grow and be blamed on the next call.
        if (!genuine) ERR_clear_error();
        return genuine;
    }

    PublicKey key;
    platform::Secret secret;
    std::optional<HmacKey> hmac;
    bool can_sign;
};

SigningKey::SigningKey(SignatureAlgorithm algorithm, std::string kid, std::unique_ptr<State> state)
    : algorithm_(algorithm), kid_(std::move(kid)), state_(std::move(state)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

SigningKey SigningKey::generate(SignatureAlgorithm algorithm) {
    if (algorithm == SignatureAlgorithm::hs256) {
        return {algorithm, core::to_base64url(random_bytes(16)), std::make_unique<State>(random_secret(32))};
    }
    auto state = std::make_unique<State>(generate_pair(algorithm), true);
    std::string kid = thumbprint(public_members(state->key.get(), algorithm)).value();
    return {algorithm, std::move(kid), std::move(state)};
}

std::expected<SigningKey, std::string> SigningKey::from_jwk(const json::Object& jwk) {
    auto use = read_jwk_use(jwk);
    if (!use) return std::unexpected(std::move(use.error()));
    if (use->algorithm == SignatureAlgorithm::hs256) {
        auto secret = read_shared_secret(jwk);
        if (!secret) return std::unexpected(std::move(secret.error()));
        return SigningKey(use->algorithm, std::move(use->kid), std::make_unique<State>(std::move(*secret)));
    }
    auto key = read_public_key(jwk, use->algorithm);
    ERR_clear_error();
    if (!key) return std::unexpected(std::move(key.error()));
    return SigningKey(use->algorithm, std::move(use->kid), std::make_unique<State>(std::move(*key), false));
}

std::expected<SigningKey, std::string> SigningKey::unwrap(const MasterKey& master, SignatureAlgorithm algorithm,
                                                          std::string_view kid, std::string_view private_wrapped) {
    auto secret = master.unwrap(private_wrapped, place_of(algorithm, kid));
    if (!secret) {
        const bool other_master = secret.error() == OpenFault::unknown_key;
        return std::unexpected("signing key " + std::string(kid) + " does not open (" +
                               (other_master ? "another master key)" : "damaged)"));
    }
    if (algorithm == SignatureAlgorithm::hs256)
        return SigningKey(algorithm, std::string(kid), std::make_unique<State>(std::move(*secret)));
    PublicKey key = from_pkcs8(*secret, algorithm);
    ERR_clear_error();
    if (key == nullptr) return std::unexpected("signing key " + std::string(kid) + " is not a key of its algorithm");
    return SigningKey(algorithm, std::string(kid), std::make_unique<State>(std::move(key), true));
}

bool SigningKey::can_sign() const noexcept { return state_->can_sign; }

json::Object SigningKey::public_jwk() const {
    json::Object jwk = public_members(state_->key.get(), algorithm_);
    jwk.set("alg", text_of(algorithm_));
    jwk.set("kid", kid_);
    jwk.set("use", "sig");
    return jwk;
}

std::string SigningKey::wrap_private(const MasterKey& master) const {
    require(can_sign(), "private part of a public key");
    const bool shared = algorithm_ == SignatureAlgorithm::hs256;
    return master.wrap(shared ? state_->secret : to_pkcs8(state_->key.get()), place_of(algorithm_, kid_));
}

std::string SigningKey::sign(std::string_view message) const {
    require(can_sign(), "signing with a public key");
    if (state_->hmac) return state_->hmac->mac(message).text();
    std::string signature = state_->sign(message, digest_of(algorithm_));
    return algorithm_ == SignatureAlgorithm::es256 ? joined(signature) : signature;
}

bool SigningKey::verify(std::string_view message, std::string_view signature) const {
    if (state_->hmac) return state_->hmac->verify(message, signature);
    if (algorithm_ != SignatureAlgorithm::es256) return state_->verify(message, signature, digest_of(algorithm_));
    return signature.size() == 2 * half && state_->verify(message, separated(signature), digest_of(algorithm_));
}

std::expected<std::string, OpenFault> rewrap_signing_key(std::string_view private_wrapped, SignatureAlgorithm algorithm,
                                                         std::string_view kid, const MasterKey& from, const MasterKey& to) {
    return rewrap(private_wrapped, place_of(algorithm, kid), from, to);
}

}  // namespace sentinel::crypto
