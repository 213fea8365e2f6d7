#pragma once
/// Decoding of single UTF-8 sequences, shared by text and json.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sentinel::core::utf8 {

/// Length in bytes of the well-formed sequence that `text` begins with (Unicode table 3-7); 0 when there is none.
inline std::size_t sequence_length(std::string_view text) noexcept {
    if (text.empty()) return 0;
    const auto byte = [&](std::size_t index) -> unsigned {
        return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
    };
    const auto continues = [&](std::size_t index) { return (byte(index) & 0xC0U) == 0x80U; };
    const unsigned lead = byte(0);
    const unsigned second = byte(1);
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4 || !continues(1)) return 0;
    if (lead < 0xE0) return 2;
    if (lead < 0xF0) {
        const bool overlong = lead == 0xE0 && second < 0xA0;
        const bool surrogate = lead == 0xED && second >= 0xA0;
        return !overlong && !surrogate && continues(2) ? 3 : 0;
    }
    const bool overlong = lead == 0xF0 && second < 0x90;
    const bool beyond = lead == 0xF4 && second >= 0x90;
    return !overlong && !beyond && continues(2) && continues(3) ? 4 : 0;
}

/// The code point of the sequence that `text` begins with. REQUIRES: sequence_length(text) == length, not 0.
inline std::uint32_t decode(std::string_view text, std::size_t length) noexcept {
    const auto byte = [&](std::size_t index) -> std::uint32_t { return static_cast<unsigned char>(text[index]); };
    switch (length) {
        case 1: return byte(0);
        case 2: return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
        case 3: return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
        default: return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
    }
}

/// Appends a code point. REQUIRES: no surrogate, at most U+10FFFF.
inline void append(std::string& out, std::uint32_t code_point) {
    const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code_point < 0x80) return put(code_point);
    if (code_point < 0x800) {
        put(0xC0 | code_point >> 6);
        return put(0x80 | (code_point & 0x3F));
    }
    if (code_point < 0x10000) {
        put(0xE0 | code_point >> 12);
    } else {
        put(0xF0 | code_point >> 18);
        put(0x80 | (code_point >> 12 & 0x3F));
    }
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
}

}  // namespace sentinel::core::utf8
