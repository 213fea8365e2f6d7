#include "platform/crypto/api_key.hpp"

#include <cstdint>
#include <utility>

#include "platform/crypto/digest.hpp"
#include "platform/crypto/failure.hpp"
#include "platform/crypto/random.hpp"

namespace sentinel::crypto {

namespace {

constexpr std::string_view prefix = "svc_";
constexpr std::size_t key_id_length = 10;
constexpr std::size_t checksum_length = 6;
constexpr std::string_view base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// CRC-32 of IEEE 802.3: reflected, polynomial 0x04C11DB7.
constexpr std::uint32_t crc32(std::string_view text) noexcept {
    std::uint32_t remainder = 0xFFFFFFFFU;
    for (const char letter : text) {
        remainder ^= static_cast<unsigned char>(letter);
        for (int bit = 0; bit < 8; ++bit) remainder = remainder >> 1 ^ ((remainder & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    return ~remainder;
}
static_assert(crc32("123456789") == 0xCBF43926U);

std::string checksum_of(std::string_view text) {
    std::string digits(checksum_length, base62.front());
    std::uint32_t rest = crc32(text);
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
        *digit = base62[rest % base62.size()];
        rest /= static_cast<std::uint32_t>(base62.size());
    }
    return digits;
}

}  // namespace

ApiKey make_api_key(std::size_t length) {
    require(length >= min_api_key_length && length <= max_api_key_length, "length of an API key");
    std::string key_id = random_text(key_id_length, base62);
    std::string text = std::string(prefix) + key_id;
    text += platform::Secret(random_text(length - prefix.size() - key_id_length - checksum_length, base62)).reveal();
    text += checksum_of(text);
    return {std::move(key_id), platform::Secret(std::move(text))};
}

std::optional<ApiKey> parse_api_key(std::string_view text) {
    if (text.size() < min_api_key_length || text.size() > max_api_key_length || !text.starts_with(prefix)) return std::nullopt;
    if (text.substr(prefix.size()).find_first_not_of(base62) != std::string_view::npos) return std::nullopt;
    const std::size_t body = text.size() - checksum_length;
    if (!same(checksum_of(text.substr(0, body)), text.substr(body))) return std::nullopt;
    return ApiKey{std::string(text.substr(prefix.size(), key_id_length)), platform::Secret(std::string(text))};
}

}  // namespace sentinel::crypto
