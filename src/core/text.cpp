#include "core/text.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include <utf8proc.h>

#include "core/utf8.hpp"

namespace sentinel::core {
namespace {

/// Every code point below is its own normal form and composes with nothing before it.
constexpr std::uint32_t first_that_composes = 0x300;

bool is_ascii(char letter) noexcept { return static_cast<unsigned char>(letter) < 0x80; }

/// Bytes at the front of `text` that are ASCII, a word at a time.
std::size_t ascii_prefix(std::string_view text) noexcept {
    std::size_t index = 0;
    while (index + 8 <= text.size()) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + index, 8);
        if ((word & 0x8080808080808080ULL) != 0) break;
        index += 8;
    }
    while (index < text.size() && is_ascii(text[index])) ++index;
    return index;
}

/// Calls `visit(code_point)` until it returns false; true when it never did. REQUIRES is_utf8(text).
template <class Visit>
bool all_code_points(std::string_view text, Visit visit) {
    while (!text.empty()) {
        const std::size_t length = utf8::sequence_length(text);
        if (length == 0 || !visit(utf8::decode(text, length))) return false;
        text.remove_prefix(length);
    }
    return true;
}

bool is_white_space(std::uint32_t code_point) noexcept {
    if (code_point < 0x80) return code_point == ' ' || (code_point >= '\t' && code_point <= '\r');
    switch (code_point) {
        case 0x85:
        case 0xA0:
        case 0x1680:
        case 0x2028:
        case 0x2029:
        case 0x202F:
        case 0x205F:
        case 0x3000: return true;
        default: return code_point >= 0x2000 && code_point <= 0x200A;
    }
}

bool is_control_or_format(std::uint32_t code_point) noexcept {
    if (code_point < 0x80) return code_point < 0x20 || code_point == 0x7F;
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(code_point))) {
        case UTF8PROC_CATEGORY_CC:
        case UTF8PROC_CATEGORY_CF:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP: return true;
        default: return false;
    }
}

std::string mapped(std::string_view text, int options) {
    utf8proc_uint8_t* raw = nullptr;
    const auto length =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &raw,
                     static_cast<utf8proc_option_t>(UTF8PROC_STABLE | options));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> result(raw, &std::free);
    if (length < 0) throw std::bad_alloc();  // of UTF-8 the only thing that can fail
    return {reinterpret_cast<const char*>(result.get()), static_cast<std::size_t>(length)};
}

std::string composition(std::string_view text) { return mapped(text, UTF8PROC_COMPOSE); }

}  // namespace

bool is_utf8(std::string_view text) noexcept {
    for (;;) {
        text.remove_prefix(ascii_prefix(text));
        if (text.empty()) return true;
        const std::size_t length = utf8::sequence_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
}

std::size_t code_points(std::string_view text) noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

bool is_nfc(std::string_view text) {
    const std::string_view rest = text.substr(ascii_prefix(text));
    if (all_code_points(rest, [](std::uint32_t code_point) { return code_point < first_that_composes; })) return true;
    return text == composition(text);
}

std::string to_nfc(std::string_view text) { return is_nfc(text) ? std::string(text) : composition(text); }

std::string case_folded(std::string_view text) { return mapped(text, UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD); }

std::string compatibility_folded(std::string_view text) {
    // Folding can undo a normal form (U+0345), so it is made again.
    const std::string folded = mapped(text, UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
    return mapped(folded, UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
}

bool has_control_or_format(std::string_view text) noexcept {
    return !all_code_points(text, [](std::uint32_t code_point) { return !is_control_or_format(code_point); });
}

bool has_blank_end(std::string_view text) noexcept {
    std::size_t last = text.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0U) == 0x80U) --last;
    const auto blank_at = [text](std::size_t start) {
        const std::string_view rest = text.substr(start);
        return is_white_space(utf8::decode(rest, utf8::sequence_length(rest)));
    };
    return blank_at(0) || blank_at(last);
}

char to_lower_ascii(char letter) noexcept {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
}

bool equals_ignoring_ascii_case(std::string_view left, std::string_view right) noexcept {
    return std::ranges::equal(left, right, {}, to_lower_ascii, to_lower_ascii);
}

}  // namespace sentinel::core
