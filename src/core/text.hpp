#pragma once
/// Questions about UTF-8 text.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sentinel::core {

/// Well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text) noexcept;
/// Number of code points. REQUIRES is_utf8(text).
std::size_t code_points(std::string_view text) noexcept;
/// Unicode normalisation form C. REQUIRES is_utf8(text). Plain ASCII is answered without a look-up.
bool is_nfc(std::string_view text);
/// The text in normalisation form C. REQUIRES is_utf8(text).
std::string to_nfc(std::string_view text);
/// True when a code point is a control (Cc), format (Cf), line or paragraph separator (Zl, Zp).
/// REQUIRES is_utf8(text).
bool has_control_or_format(std::string_view text) noexcept;
/// True when the first or last code point is white space (Unicode White_Space). REQUIRES is_utf8(text), not empty.
bool has_blank_end(std::string_view text) noexcept;
/// For comparing without regard to case: NFC of the Unicode case folding. REQUIRES is_utf8(text).
std::string case_folded(std::string_view text);
/// Likewise with compatibility forms made one (NFKC), so that look-alikes of width and style are equal. REQUIRES is_utf8(text).
std::string compatibility_folded(std::string_view text);
/// ASCII letters to lower case, all else untouched.
char to_lower_ascii(char letter) noexcept;
bool equals_ignoring_ascii_case(std::string_view left, std::string_view right) noexcept;

}  // namespace sentinel::core
