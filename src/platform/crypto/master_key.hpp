#pragma once
/// The key that wraps all others (MASTER_KEY). It encrypts keys alone, never data.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/vocabulary.hpp"
#include "platform/crypto/cipher.hpp"
#include "platform/service/secret.hpp"

namespace sentinel::crypto {

/// What a wrapped key is: bound to its wrapping, so that no row can stand in for another.
struct KeyPlace {
    std::string_view table;    ///< tenant_keys, server_keys, signing_keys
    std::string_view purpose;  ///< data, token, … ; of a signing key its algorithm
    core::TenantId tenant;     ///< platform tenant for the server's own
    std::string_view name;     ///< version in decimal; of a signing key its kid
};

/// Thread-safe.
class MasterKey {
public:
    /// Of 32 bytes in base64 (with padding; one trailing newline is allowed, as files have it). The error says what is wrong, without the value.
    static std::expected<MasterKey, std::string> parse(const platform::Secret& text);
    static MasterKey generate();
    /// REQUIRES: 32 bytes.
    explicit MasterKey(platform::Secret bytes);

    /// As MASTER_KEY is written: to keep a generated one.
    platform::Secret text() const;
    /// Looks made up or well known: few different bytes, a run of numbers, or readable text. Refused in production.
    bool is_weak() const noexcept;

    std::string wrap(const platform::Secret& key, const KeyPlace& place) const;
    /// `unknown_key`: wrapped by another master key.
    std::expected<platform::Secret, OpenFault> unwrap(std::string_view wrapped, const KeyPlace& place) const;

private:
    platform::Secret bytes_;
    CipherKey cipher_;
};

/// The same key wrapped by another master key.
std::expected<std::string, OpenFault> rewrap(std::string_view wrapped, const KeyPlace& place, const MasterKey& from,
                                             const MasterKey& to);

}  // namespace sentinel::crypto
