#include "platform/crypto/master_key.hpp"

#include <algorithm>
#include <bitset>
#include <utility>

#include "core/encoding.hpp"
#include "platform/crypto/derivation.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/crypto/random.hpp"

namespace sentinel::crypto {

namespace {

std::string binding_of(const KeyPlace& place) {
    return Fields().add("sentinel key").add(place.table).add(place.purpose).add(place.tenant.text()).add(place.name).bytes();
}

/// Takes the place of the key version, so that a wrong master key is told from a damaged row.
std::uint32_t fingerprint_of(const platform::Secret& key) {
    const platform::Secret derived = derive_key(key, {}, "sentinel master key fingerprint", 4);
    std::uint32_t number = 0;
    for (const char byte : derived.reveal()) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
}

CipherKey wrapping_cipher(const platform::Secret& key) {
    return {fingerprint_of(key), derive_key(key, {}, "sentinel key wrapping", cipher_key_bytes)};
}

bool is_arithmetic_run(std::string_view bytes) {
    const auto step = static_cast<unsigned char>(bytes[1] - bytes[0]);
    return std::ranges::adjacent_find(
               bytes, [step](char left, char right) { return static_cast<unsigned char>(right - left) != step; }) == bytes.end();
}

}  // namespace

MasterKey::MasterKey(platform::Secret bytes) : bytes_(std::move(bytes)), cipher_(wrapping_cipher(bytes_)) {}

std::expected<MasterKey, std::string> MasterKey::parse(const platform::Secret& text) {
    std::string_view trimmed = text.reveal();
    if (trimmed.ends_with('\n')) trimmed.remove_suffix(1);
    auto decoded = core::from_base64(trimmed);
    if (!decoded) return std::unexpected("the master key is not base64 with padding");
    platform::Secret bytes(std::move(*decoded));
    if (bytes.reveal().size() != cipher_key_bytes) {
        return std::unexpected("the master key has " + std::to_string(bytes.reveal().size()) + " bytes instead of 32");
    }
    return MasterKey(std::move(bytes));
}

MasterKey MasterKey::generate() { return MasterKey(random_secret(cipher_key_bytes)); }

platform::Secret MasterKey::text() const { return platform::Secret(core::to_base64(bytes_.reveal())); }

bool MasterKey::is_weak() const noexcept {
    const std::string& bytes = bytes_.reveal();
    std::bitset<256> seen;
    for (const char byte : bytes) seen.set(static_cast<unsigned char>(byte));
    // Of 32 random bytes about 30 differ; fewer than 16 never happens. All printable happens once in 10^14.
    const bool readable = std::ranges::all_of(bytes, [](char byte) { return byte >= ' ' && byte <= '~'; });
    return seen.count() < 16 || readable || is_arithmetic_run(bytes);
}

std::string MasterKey::wrap(const platform::Secret& key, const KeyPlace& place) const {
    return cipher_.seal(key.reveal(), binding_of(place));
}

std::expected<platform::Secret, OpenFault> MasterKey::unwrap(std::string_view wrapped, const KeyPlace& place) const {
    auto key = cipher_.open(wrapped, binding_of(place));
    if (!key) return std::unexpected(key.error());
    return platform::Secret(std::move(*key));
}

std::expected<std::string, OpenFault> rewrap(std::string_view wrapped, const KeyPlace& place, const MasterKey& from,
                                             const MasterKey& to) {
    const auto key = from.unwrap(wrapped, place);
    if (!key) return std::unexpected(key.error());
    return to.wrap(*key, place);
}

}  // namespace sentinel::crypto
