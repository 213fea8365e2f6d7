#pragma once
/// AES-256-GCM as Sentinel stores it: key version (4 bytes, big endian), nonce (12), text, tag (16).

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/service/secret.hpp"

namespace sentinel::crypto {

enum class OpenFault : std::uint8_t {
    malformed,    ///< shorter than any sealed text
    unknown_key,  ///< sealed under a version that is not here (destroyed, or of another owner)
    forged,       ///< altered, moved to another place, or sealed under another key
};
std::string_view text_of(OpenFault fault) noexcept;

inline constexpr std::size_t cipher_key_bytes = 32;
/// How much longer a sealed text is.
inline constexpr std::size_t seal_overhead = 4 + 12 + 16;

/// The key version that a sealed text names; nullopt when it is too short to be one.
std::optional<std::uint32_t> sealed_version(std::string_view sealed) noexcept;

/// One version of a key. Thread-safe. Nonces are random: rotate before 2^32 texts.
class CipherKey {
public:
    /// REQUIRES: 32 bytes.
    CipherKey(std::uint32_t version, const platform::Secret& key);
    CipherKey(CipherKey&&) noexcept;
    CipherKey& operator=(CipherKey&&) noexcept;
    ~CipherKey();

    std::uint32_t version() const noexcept { return version_; }
    /// `bound_to` is authenticated, not stored: opening needs the same.
    std::string seal(std::string_view plaintext, std::string_view bound_to) const;
    std::expected<std::string, OpenFault> open(std::string_view sealed, std::string_view bound_to) const;

private:
    struct State;
    std::uint32_t version_;
    std::unique_ptr<State> state_;
};

}  // namespace sentinel::crypto
