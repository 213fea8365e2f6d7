#pragma once
/// OpenSSL's objects with owners, for this folder's sources alone.

#include <array>
#include <atomic>
#include <memory>
#include <string_view>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

namespace sentinel::crypto {

template <auto Release>
struct Releaser {
    template <class T>
    void operator()(T* object) const noexcept {
        Release(object);
    }
};
using MdContext = std::unique_ptr<EVP_MD_CTX, Releaser<EVP_MD_CTX_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Releaser<EVP_MAC_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Releaser<EVP_CIPHER_CTX_free>>;
using PublicKeyContext = std::unique_ptr<EVP_PKEY_CTX, Releaser<EVP_PKEY_CTX_free>>;
using PublicKey = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using BigNumber = std::unique_ptr<BIGNUM, Releaser<BN_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Releaser<ECDSA_SIG_free>>;

inline const unsigned char* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* bytes_of(char* text) noexcept { return reinterpret_cast<unsigned char*>(text); }

/// SHA-256, fetched once: a look-up by name costs as much as a small digest.
const EVP_MD* sha256_algorithm();

/// Contexts of one key, lent to one caller at a time without a lock. Takes what it is given back while there is room.
template <class Context>
class ContextPool {
public:
    using Pointer = typename Context::pointer;
    ContextPool() = default;
    ContextPool(const ContextPool&) = delete;
    ContextPool& operator=(const ContextPool&) = delete;
    ~ContextPool() {
        for (auto& slot : slots_) Context(slot.exchange(nullptr));
    }

    /// A context that lies ready, or null pointer.
    Context take() noexcept {
        for (auto& slot : slots_) {
            // A plain look first: an exchange takes the cache line from the other cores even where there is nothing to take.
            if (slot.load(std::memory_order_relaxed) == nullptr) continue;
            if (Pointer found = slot.exchange(nullptr, std::memory_order_acquire)) return Context(found);
        }
        return nullptr;
    }

    void give_back(Context context) noexcept {
        for (auto& slot : slots_) {
            Pointer expected = nullptr;
            if (slot.compare_exchange_strong(expected, context.get(), std::memory_order_release, std::memory_order_relaxed)) {
                static_cast<void>(context.release());
                return;
            }
        }
    }

private:
    std::array<std::atomic<Pointer>, 4> slots_{};
};

}  // namespace sentinel::crypto
