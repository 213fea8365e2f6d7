#pragma once
/// Keys made of keys.

#include <cstddef>
#include <string_view>

#include "platform/service/secret.hpp"

namespace sentinel::crypto {

/// HKDF with SHA-256 (RFC 5869). `purpose` is its info: each use of one key has its own. REQUIRES: at most 8 160 bytes.
platform::Secret derive_key(const platform::Secret& key, std::string_view salt, std::string_view purpose, std::size_t bytes = 32);

}  // namespace sentinel::crypto
