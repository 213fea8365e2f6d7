#pragma once
/// The server's own keys (table server_keys): one list of versions for each purpose.

#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/crypto/digest.hpp"
#include "platform/crypto/master_key.hpp"

namespace sentinel::crypto {

enum class ServerKeyPurpose : std::uint8_t {
    token,           ///< hashes of tokens, API keys, addresses
    audit,           ///< mac of audit records
    cursor,          ///< cursors of lists
    rate,            ///< identifiers of rate_limits
    incoming_state,  ///< OIDC nonce and PKCE verifier
};
inline constexpr std::array all_server_key_purposes{ServerKeyPurpose::token, ServerKeyPurpose::audit, ServerKeyPurpose::cursor,
                                                    ServerKeyPurpose::rate, ServerKeyPurpose::incoming_state};
std::string_view text_of(ServerKeyPurpose purpose) noexcept;
std::optional<ServerKeyPurpose> parse_server_key_purpose(std::string_view text) noexcept;

/// A row of server_keys.
struct WrappedServerKey {
    ServerKeyPurpose purpose = ServerKeyPurpose::token;
    std::uint32_t version = 1;
    std::string wrapped;
};

/// A new random key as a row.
WrappedServerKey make_server_key(const MasterKey& master, ServerKeyPurpose purpose, std::uint32_t version);
/// The row under another master key.
std::expected<WrappedServerKey, OpenFault> rewrap(const WrappedServerKey& row, const MasterKey& from, const MasterKey& to);

/// All of them, unwrapped. Immutable, thread-safe.
class ServerKeys {
public:
    /// The error is a sentence that names the row at fault: another master key, a damaged row, a purpose without key.
    static std::expected<ServerKeys, std::string> load(const MasterKey& master, std::span<const WrappedServerKey> rows);

    /// The newest version: what is made is made with it.
    std::uint32_t current_version(ServerKeyPurpose purpose) const noexcept;
    const HmacKey& current(ServerKeyPurpose purpose) const noexcept;
    /// Null pointer for a version that is not there.
    const HmacKey* find(ServerKeyPurpose purpose, std::uint32_t version) const noexcept;
    /// Key material of every version of a purpose, newest first: for deriving tenants' keys of it.
    std::vector<const platform::Secret*> secrets(ServerKeyPurpose purpose) const;

private:
    struct Key {
        platform::Secret secret;
        HmacKey hmac;
    };
    using Versions = std::map<std::uint32_t, Key, std::greater<>>;
    std::array<Versions, all_server_key_purposes.size()> keys_;
};

}  // namespace sentinel::crypto
