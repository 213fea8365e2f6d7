#include "platform/crypto/digest.hpp"

#include <utility>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include "platform/crypto/failure.hpp"
#include "platform/crypto/openssl.hpp"

namespace sentinel::crypto {

namespace {

MacContext new_hmac(const platform::Secret& key) {
    const std::unique_ptr<EVP_MAC, Releaser<EVP_MAC_free>> algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    require(algorithm != nullptr, "HMAC");
    MacContext context(EVP_MAC_CTX_new(algorithm.get()));
    std::array<char, 7> name{"SHA256"};
    const std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                                OSSL_PARAM_construct_end()};
    // A null key means "the same as before" to OpenSSL: the empty key must still be an address.
    const auto* bytes = key.empty() ? bytes_of("") : bytes_of(key.reveal());
    require(context != nullptr && EVP_MAC_init(context.get(), bytes, key.reveal().size(), parameters.data()) == 1, "HMAC key");
    return context;
}

}  // namespace

const EVP_MD* sha256_algorithm() {
    static const std::unique_ptr<EVP_MD, Releaser<EVP_MD_free>> algorithm(EVP_MD_fetch(nullptr, "SHA2-256", nullptr));
    require(algorithm != nullptr, "SHA-256");
    return algorithm.get();
}

bool same(std::string_view left, std::string_view right) noexcept {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool same(const Digest& left, std::string_view right) noexcept { return same(left.view(), right); }

struct Sha256::State {
    MdContext context{EVP_MD_CTX_new()};
    void start() { require(EVP_DigestInit_ex(context.get(), sha256_algorithm(), nullptr) == 1, "SHA-256"); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) { state_->start(); }
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
    require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1, "SHA-256");
}

Digest Sha256::finish() {
    Digest digest;
    require(EVP_DigestFinal_ex(state_->context.get(), bytes_of(digest.bytes.data()), nullptr) == 1, "SHA-256");
    state_->start();
    return digest;
}

Digest sha256(std::initializer_list<std::string_view> parts) {
    Sha256 hash;
    for (const std::string_view part : parts) hash.update(part);
    return hash.finish();
}

struct HmacKey::State {
    explicit State(const platform::Secret& key) : keyed(new_hmac(key)) {}
    MacContext keyed;  ///< never used itself: contexts are copied from it
    ContextPool<MacContext> ready;
};

HmacKey::HmacKey(const platform::Secret& key) : state_(std::make_unique<State>(key)) {}
HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;
HmacKey::~HmacKey() = default;

Digest HmacKey::mac(std::initializer_list<std::string_view> parts) const {
    MacContext context = state_->ready.take();
    if (context == nullptr) context.reset(EVP_MAC_CTX_dup(state_->keyed.get()));
    bool done = context != nullptr && EVP_MAC_init(context.get(), nullptr, 0, nullptr) == 1;
    for (const std::string_view part : parts) done = done && EVP_MAC_update(context.get(), bytes_of(part), part.size()) == 1;
    Digest digest;
    std::size_t written = 0;
    done = done && EVP_MAC_final(context.get(), bytes_of(digest.bytes.data()), &written, digest.bytes.size()) == 1;
    require(done && written == digest.bytes.size(), "HMAC");
    state_->ready.give_back(std::move(context));
    return digest;
}

bool HmacKey::verify(std::string_view bytes, std::string_view mac_of_bytes) const { return same(mac(bytes), mac_of_bytes); }

Fields& Fields::add(std::string_view bytes) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes_.push_back(static_cast<char>(bytes.size() >> shift & 0xFFU));
    bytes_ += bytes;
    return *this;
}

Fields& Fields::add(std::uint64_t number) {
    std::array<char, 8> bytes{};
    for (std::size_t index = 0; index < bytes.size(); ++index)
        bytes[index] = static_cast<char>(number >> (56 - 8 * index) & 0xFFU);
    return add(std::string_view(bytes.data(), bytes.size()));
}

}  // namespace sentinel::crypto
