#include "core/ids.hpp"

#include <algorithm>
#include <stdexcept>

#include <openssl/evp.h>

#include "core/digits.hpp"

namespace sentinel::core {
namespace {

constexpr std::string_view hexadecimal = "0123456789abcdef";
constexpr std::size_t text_length = 36;

/// The counter of version 7: 12 bits in rand_a, 6 at the top of rand_b: room for 2^17 ids a millisecond at least.
constexpr unsigned counter_bits = 18;
constexpr unsigned counter_low_bits = counter_bits - 12;
constexpr unsigned random_bits = 62 - counter_low_bits;

constexpr bool hyphen_at(std::size_t index) noexcept { return index == 8 || index == 13 || index == 18 || index == 23; }

void put_big_endian(std::uint8_t* out, std::uint64_t value, unsigned count) noexcept {
    for (unsigned index = 0; index < count; ++index) {
        out[index] = static_cast<std::uint8_t>(value >> (8 * (count - 1 - index)) & 0xFF);
    }
}

void mark(Uuid& uuid, unsigned version) noexcept {
    uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0FU) | version << 4);
    uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3FU) | 0x80U);
}

std::int64_t milliseconds(Instant instant) noexcept {
    return std::max<std::int64_t>(0, instant.seconds * 1000 + instant.nanoseconds / 1'000'000);
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) noexcept {
    if (text.size() != text_length) return std::nullopt;
    Uuid uuid;
    std::size_t nibble = 0;
    for (std::size_t index = 0; index < text_length; ++index) {
        if (hyphen_at(index)) {
            if (text[index] != '-') return std::nullopt;
            continue;
        }
        const int value = hex_value(text[index]);
        if (value < 0) return std::nullopt;
        auto& byte = uuid.bytes[nibble / 2];
        byte = static_cast<std::uint8_t>(byte << 4 | value);
        ++nibble;
    }
    return uuid;
}

Uuid Uuid::v5(const Uuid& name_space, std::string_view name) {
    std::string input(reinterpret_cast<const char*>(name_space.bytes.data()), name_space.bytes.size());
    input += name;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    if (EVP_Q_digest(nullptr, "SHA1", nullptr, input.data(), input.size(), digest.data(), nullptr) != 1) {
        throw std::runtime_error("OpenSSL offers no SHA-1, so name-based ids cannot be made");
    }
    Uuid uuid;
    std::copy_n(digest.begin(), uuid.bytes.size(), uuid.bytes.begin());
    mark(uuid, 5);
    return uuid;
}

std::string Uuid::text() const {
    std::string result(text_length, '-');
    std::size_t nibble = 0;
    for (std::size_t index = 0; index < text_length; ++index) {
        if (hyphen_at(index)) continue;
        const unsigned byte = bytes[nibble / 2];
        result[index] = hexadecimal[nibble % 2 == 0 ? byte >> 4 : byte & 0x0F];
        ++nibble;
    }
    return result;
}

std::int64_t Uuid::unix_milliseconds() const noexcept {
    std::int64_t value = 0;
    for (std::size_t index = 0; index < 6; ++index) value = value << 8 | bytes[index];
    return value;
}

Uuid UuidV7Generator::next() {
    const std::int64_t now = milliseconds(clock_->now());
    const bool counter_is_full = counter_ + 1 >= 1U << counter_bits;
    if (now > last_milliseconds_ || counter_is_full) {
        last_milliseconds_ = std::max(now, last_milliseconds_ + 1);
        counter_ = static_cast<std::uint32_t>(random_() >> (64 - (counter_bits - 1)));  // its top bit is room to count
    } else {
        ++counter_;
    }
    Uuid uuid;
    put_big_endian(uuid.bytes.data(), static_cast<std::uint64_t>(last_milliseconds_), 6);
    put_big_endian(uuid.bytes.data() + 6, counter_ >> counter_low_bits, 2);
    const std::uint64_t counter_low = counter_ & ((1U << counter_low_bits) - 1);
    put_big_endian(uuid.bytes.data() + 8, counter_low << random_bits | random_() >> (64 - random_bits), 8);
    mark(uuid, 7);
    return uuid;
}

}  // namespace sentinel::core
