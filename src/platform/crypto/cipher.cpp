#include "platform/crypto/cipher.hpp"

#include <array>
#include <cstring>
#include <utility>

#include "platform/crypto/failure.hpp"
#include "platform/crypto/openssl.hpp"
#include "platform/crypto/random.hpp"

namespace sentinel::crypto {

namespace {

constexpr std::size_t version_bytes = 4;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;

const EVP_CIPHER* aes_256_gcm() {
    static const std::unique_ptr<EVP_CIPHER, Releaser<EVP_CIPHER_free>> algorithm(
        EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
    require(algorithm != nullptr, "AES-256-GCM");
    return algorithm.get();
}

CipherContext new_context(const platform::Secret& key) {
    require(key.reveal().size() == cipher_key_bytes, "key of 32 bytes");
    CipherContext context(EVP_CIPHER_CTX_new());
    const bool done =
        context != nullptr && EVP_CipherInit_ex(context.get(), aes_256_gcm(), nullptr, bytes_of(key.reveal()), nullptr, 1) == 1;
    require(done, "AES-256-GCM key");
    return context;
}

void append_version(std::string& out, std::uint32_t version) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(version >> shift & 0xFFU));
}

/// One pass over `in` in the direction that the context was started in.
bool process(EVP_CIPHER_CTX* context, std::string_view bound_to, std::string_view in, char* out) {
    int written = 0;
    if (EVP_CipherUpdate(context, nullptr, &written, bytes_of(bound_to), static_cast<int>(bound_to.size())) != 1) return false;
    return in.empty() || EVP_CipherUpdate(context, bytes_of(out), &written, bytes_of(in), static_cast<int>(in.size())) == 1;
}

bool start(EVP_CIPHER_CTX* context, std::string_view nonce, bool sealing) {
    return context != nullptr && EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, bytes_of(nonce), sealing ? 1 : 0) == 1;
}

bool finish(EVP_CIPHER_CTX* context) {
    std::array<unsigned char, 16> nothing{};
    int written = 0;
    return EVP_CipherFinal_ex(context, nothing.data(), &written) == 1;
}

}  // namespace

std::string_view text_of(OpenFault fault) noexcept {
    switch (fault) {
        case OpenFault::malformed: return "malformed";
        case OpenFault::unknown_key: return "unknown_key";
        case OpenFault::forged: return "forged";
    }
    return "forged";
}

std::optional<std::uint32_t> sealed_version(std::string_view sealed) noexcept {
    if (sealed.size() < seal_overhead) return std::nullopt;
    std::uint32_t version = 0;
    for (const char byte : sealed.substr(0, version_bytes)) version = version << 8 | static_cast<unsigned char>(byte);
    return version;
}

struct CipherKey::State {
    explicit State(const platform::Secret& key) : keyed(new_context(key)) {}
    CipherContext keyed;  ///< never used itself: contexts are copied from it
    ContextPool<CipherContext> ready;

    CipherContext take() {
        if (CipherContext context = ready.take()) return context;
        CipherContext context(EVP_CIPHER_CTX_new());
        require(context != nullptr && EVP_CIPHER_CTX_copy(context.get(), keyed.get()) == 1, "AES-256-GCM");
        return context;
    }
};

CipherKey::CipherKey(std::uint32_t version, const platform::Secret& key)
    : version_(version), state_(std::make_unique<State>(key)) {}
CipherKey::CipherKey(CipherKey&&) noexcept = default;
CipherKey& CipherKey::operator=(CipherKey&&) noexcept = default;
CipherKey::~CipherKey() = default;

std::string CipherKey::seal(std::string_view plaintext, std::string_view bound_to) const {
    const std::string nonce = random_bytes(nonce_bytes);
    std::string sealed;
    sealed.reserve(plaintext.size() + seal_overhead);
    append_version(sealed, version_);
    sealed += nonce;
    sealed.resize(plaintext.size() + seal_overhead);

    CipherContext context = state_->take();
    char* const text = sealed.data() + version_bytes + nonce_bytes;
    const bool done = start(context.get(), nonce, true) && process(context.get(), bound_to, plaintext, text) &&
                      finish(context.get()) &&
                      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes, text + plaintext.size()) == 1;
    require(done, "sealing");
    state_->ready.give_back(std::move(context));
    return sealed;
}

std::expected<std::string, OpenFault> CipherKey::open(std::string_view sealed, std::string_view bound_to) const {
    const auto version = sealed_version(sealed);
    if (!version) return std::unexpected(OpenFault::malformed);
    if (*version != version_) return std::unexpected(OpenFault::unknown_key);
    const std::string_view nonce = sealed.substr(version_bytes, nonce_bytes);
    const std::string_view text = sealed.substr(version_bytes + nonce_bytes, sealed.size() - seal_overhead);
    std::string tag(sealed.substr(sealed.size() - tag_bytes));

    CipherContext context = state_->take();
    std::string plaintext(text.size(), '\0');
    const bool ready = start(context.get(), nonce, false) &&
                       EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()) == 1 &&
                       process(context.get(), bound_to, text, plaintext.data());
    require(ready, "opening");
    const bool genuine = finish(context.get());
    state_->ready.give_back(std::move(context));
    if (genuine) return plaintext;
    // What was decrypted without being genuine leaves no trace.
    explicit_bzero(plaintext.data(), plaintext.size());
    return std::unexpected(OpenFault::forged);
}

}  // namespace sentinel::crypto
