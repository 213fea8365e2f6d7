#pragma once
/// API keys of service accounts (spec 02): `svc_`, key id (10), secret, CRC-32 checksum (6), in base62.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "platform/service/secret.hpp"

namespace sentinel::crypto {

inline constexpr std::size_t min_api_key_length = 40;
inline constexpr std::size_t max_api_key_length = 128;
inline constexpr std::size_t default_api_key_length = 64;

struct ApiKey {
    std::string key_id;     ///< public: lists, audit, `key_prefix`
    platform::Secret text;  ///< the whole key: shown once, hashed with KeyRing::hash("svc_", text)
};

/// A new key of that many characters. REQUIRES: 40 to 128.
ApiKey make_api_key(std::size_t length = default_api_key_length);
/// nullopt for a wrong form or checksum: such a key is refused without touching the store. Any length that could ever be set is read.
std::optional<ApiKey> parse_api_key(std::string_view text);

}  // namespace sentinel::crypto
