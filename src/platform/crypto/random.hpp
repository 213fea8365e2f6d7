#pragma once
/// Random bytes for keys, nonces, tokens and ids. All functions are thread-safe.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "platform/service/secret.hpp"

namespace sentinel::crypto {

std::string random_bytes(std::size_t count);
/// As random_bytes, for keys.
platform::Secret random_secret(std::size_t count);
/// The source of randomness that core::UuidV7Generator asks for.
std::uint64_t random_number();
/// `count` letters of the alphabet, each equally likely. REQUIRES: 2 to 256 letters.
std::string random_text(std::size_t count, std::string_view alphabet);

}  // namespace sentinel::crypto
