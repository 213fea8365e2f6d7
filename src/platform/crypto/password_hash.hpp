#pragma once
/// Argon2id in PHC strings. These calls take 50 ms and more: from a request go through PasswordHasher.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/service/secret.hpp"

namespace sentinel::crypto {

/// What a hash costs (ARGON2_…).
struct PasswordCost {
    std::uint32_t memory_kib = 19456;
    std::uint32_t iterations = 2;
    std::uint32_t parallelism = 1;
    friend bool operator==(const PasswordCost&, const PasswordCost&) = default;
};

/// The parts of a PHC string of ours.
struct PasswordHash {
    PasswordCost cost;
    std::string salt;
    std::string tag;
};

/// Strict: argon2id, version 19, m, t, p in this order, no signs, leading zeros, padding or stray bits, and no cost beyond what
/// could be configured (1 GiB, 64 passes, 16 lanes), so that a planted string cannot take the machine.
std::optional<PasswordHash> parse_password_hash(std::string_view phc);

/// Normalised to NFC first, with a new salt of 16 bytes; the tag has 32.
std::string hash_password(const platform::Secret& password, const PasswordCost& cost);
/// False also for a string that is no hash.
bool verify_password(const platform::Secret& password, std::string_view phc);
/// Whether some parameter of `phc` is below `cost`, or it is no hash: make a new one at the next login.
bool needs_rehash(std::string_view phc, const PasswordCost& cost);

}  // namespace sentinel::crypto
