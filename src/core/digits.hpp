#pragma once
/// Single ASCII digits, shared by the parsers of this folder.

namespace sentinel::core {

constexpr bool is_digit(char letter) noexcept { return letter >= '0' && letter <= '9'; }

/// 0 to 15 for a hexadecimal digit of either case, else -1.
constexpr int hex_value(char letter) noexcept {
    if (is_digit(letter)) return letter - '0';
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
    return -1;
}

}  // namespace sentinel::core
