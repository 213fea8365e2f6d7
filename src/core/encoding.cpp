#include "core/encoding.hpp"

#include <array>
#include <cstdint>

namespace sentinel::core {

namespace {

/// One alphabet: `bits` a letter, letters in groups of `group` where padding is written.
class Codec {
public:
    constexpr Codec(std::string_view alphabet, unsigned bits, std::size_t group)
        : alphabet_(alphabet), bits_(bits), group_(group) {
        values_.fill(-1);
        for (std::size_t index = 0; index < alphabet.size(); ++index) {
            values_[static_cast<unsigned char>(alphabet[index])] = static_cast<std::int8_t>(index);
        }
    }

    std::string encode(std::string_view bytes, bool padded) const {
        std::string text;
        text.reserve((bytes.size() * 8 + bits_ - 1) / bits_ + group_);
        const std::uint32_t mask = (1U << bits_) - 1;
        std::uint32_t buffer = 0;
        unsigned held = 0;
        for (const char byte : bytes) {
            buffer = buffer << 8 | static_cast<unsigned char>(byte);
            held += 8;
            while (held >= bits_) text.push_back(alphabet_[buffer >> (held -= bits_) & mask]);
        }
        if (held > 0) text.push_back(alphabet_[buffer << (bits_ - held) & mask]);
        while (padded && text.size() % group_ != 0) text.push_back('=');
        return text;
    }

    std::optional<std::string> decode(std::string_view text, bool padded) const {
        if (padded) {
            if (text.size() % group_ != 0) return std::nullopt;
            const std::size_t last = text.find_last_not_of('=');
            const std::size_t letters = last == std::string_view::npos ? 0 : last + 1;
            if (text.size() - letters >= group_) return std::nullopt;
            text = text.substr(0, letters);
        }
        std::string bytes;
        bytes.reserve(text.size() * bits_ / 8);
        std::uint32_t buffer = 0;
        unsigned held = 0;
        for (const char letter : text) {
            const int value = values_[static_cast<unsigned char>(letter)];
            if (value < 0) return std::nullopt;
            buffer = buffer << bits_ | static_cast<std::uint32_t>(value);
            held += bits_;
            if (held >= 8) bytes.push_back(static_cast<char>(buffer >> (held -= 8) & 0xFFU));
        }
        // A whole letter left over encodes nothing, and stray bits would be a second text of the same bytes.
        if (held >= bits_ || (buffer & ((1U << held) - 1)) != 0) return std::nullopt;
        return bytes;
    }

private:
    std::string_view alphabet_;
    unsigned bits_;
    std::size_t group_;
    std::array<std::int8_t, 256> values_{};
};

constexpr Codec base64url("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 6, 4);
constexpr Codec base64("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6, 4);
constexpr Codec base32("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5, 8);
constexpr Codec hex("0123456789abcdef", 4, 2);
constexpr Codec hex_upper("0123456789ABCDEF", 4, 2);

}  // namespace

std::string to_base64url(std::string_view bytes) { return base64url.encode(bytes, false); }
std::optional<std::string> from_base64url(std::string_view text) { return base64url.decode(text, false); }
std::string to_base64(std::string_view bytes) { return base64.encode(bytes, true); }
std::optional<std::string> from_base64(std::string_view text) { return base64.decode(text, true); }
std::string to_base64_unpadded(std::string_view bytes) { return base64.encode(bytes, false); }
std::optional<std::string> from_base64_unpadded(std::string_view text) { return base64.decode(text, false); }
std::string to_base32(std::string_view bytes) { return base32.encode(bytes, true); }
std::optional<std::string> from_base32(std::string_view text) { return base32.decode(text, true); }
std::string to_hex(std::string_view bytes) { return hex.encode(bytes, false); }

std::optional<std::string> from_hex(std::string_view text) {
    const bool upper = text.find_first_of("ABCDEF") != std::string_view::npos;
    return upper ? hex_upper.decode(text, false) : hex.decode(text, false);
}

}  // namespace sentinel::core
