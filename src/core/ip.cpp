#include "core/ip.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "core/digits.hpp"

namespace sentinel::core {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr unsigned bits_v4 = 32;
constexpr unsigned bits_v6 = 128;
constexpr unsigned bits_mapped = 96;  ///< ::ffff:0:0/96

/// A decimal number without sign or leading zero, at most `highest`; consumes it.
std::optional<unsigned> take_decimal(std::string_view& text, unsigned highest) noexcept {
    unsigned value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) {
        value = value * 10 + static_cast<unsigned>(text[digits] - '0');
        if (value > highest) return std::nullopt;
        ++digits;
    }
    if (digits == 0 || (digits > 1 && text[0] == '0')) return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char expected) noexcept {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

/// Four octets into `out`; the text must end there.
bool parse_v4(std::string_view text, std::uint8_t* out) noexcept {
    for (int index = 0; index < 4; ++index) {
        if (index > 0 && !take(text, '.')) return false;
        const auto octet = take_decimal(text, 255);
        if (!octet) return false;
        out[index] = static_cast<std::uint8_t>(*octet);
    }
    return text.empty();
}

/// One to four hexadecimal digits as two bytes; consumes them.
bool take_group(std::string_view& text, std::uint8_t* out) noexcept {
    unsigned value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && digits < 4 && hex_value(text[digits]) >= 0) {
        value = value << 4 | static_cast<unsigned>(hex_value(text[digits]));
        ++digits;
    }
    if (digits == 0) return false;
    text.remove_prefix(digits);
    out[0] = static_cast<std::uint8_t>(value >> 8);
    out[1] = static_cast<std::uint8_t>(value & 0xFF);
    return true;
}

/// RFC 4291 section 2.2, all three forms, without interpreting mapped addresses.
std::optional<Bytes> parse_v6(std::string_view text) noexcept {
    Bytes bytes{};
    std::size_t filled = 0;
    std::optional<std::size_t> gap;  // where "::" stands
    if (text.starts_with("::")) {
        gap = 0;
        text.remove_prefix(2);
    }
    while (!text.empty()) {
        if (filled > 0 && gap != filled && !take(text, ':')) return std::nullopt;
        const std::string_view group = text.substr(0, text.find(':'));
        if (group.find('.') != std::string_view::npos) {
            if (filled > 12 || !parse_v4(text, bytes.data() + filled)) return std::nullopt;
            filled += 4;
            break;
        }
        if (filled > 14 || !take_group(text, bytes.data() + filled)) return std::nullopt;
        filled += 2;
        if (text.starts_with("::")) {
            if (gap) return std::nullopt;
            gap = filled;
            text.remove_prefix(2);
        }
    }
    if (!gap) return filled == 16 ? std::optional(bytes) : std::nullopt;
    if (filled > 14) return std::nullopt;  // "::" stands for at least one group
    std::rotate(bytes.begin() + static_cast<std::ptrdiff_t>(*gap), bytes.begin() + static_cast<std::ptrdiff_t>(filled),
                bytes.end());
    return bytes;
}

bool is_mapped(const Bytes& bytes) noexcept {
    return std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t byte) { return byte == 0; }) && bytes[10] == 0xFF &&
           bytes[11] == 0xFF;
}

IpAddress from_mapped(const Bytes& bytes) noexcept {
    IpAddress address;
    std::copy_n(bytes.begin() + 12, 4, address.bytes.begin());
    return address;
}

/// Bits of `byte` (the `index`th) that belong to a prefix of `length` bits.
std::uint8_t prefix_mask(unsigned length, unsigned index) noexcept {
    const unsigned before = index * 8;
    if (length >= before + 8) return 0xFF;
    if (length <= before) return 0;
    return static_cast<std::uint8_t>(0xFF00U >> (length - before));
}

bool has_host_bits(const Bytes& bytes, unsigned length, unsigned bits) noexcept {
    for (unsigned index = 0; index < bits / 8; ++index) {
        if ((bytes[index] & static_cast<std::uint8_t>(~prefix_mask(length, index))) != 0) return true;
    }
    return false;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) noexcept {
    IpAddress address;
    if (text.find(':') == std::string_view::npos) {
        return parse_v4(text, address.bytes.data()) ? std::optional(address) : std::nullopt;
    }
    const auto bytes = parse_v6(text);
    if (!bytes) return std::nullopt;
    if (is_mapped(*bytes)) return from_mapped(*bytes);
    return IpAddress{*bytes, true};
}

std::string IpAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    // glibc writes the form of RFC 5952.
    inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes.data(), buffer.data(), buffer.size());
    return buffer.data();
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) noexcept {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    const bool written_as_v6 = text.substr(0, slash).find(':') != std::string_view::npos;
    std::string_view rest = text.substr(slash + 1);
    auto length = take_decimal(rest, written_as_v6 ? bits_v6 : bits_v4);
    if (!length || !rest.empty()) return std::nullopt;
    if (written_as_v6 && !address->is_v6) {
        if (*length < bits_mapped) return std::nullopt;
        *length -= bits_mapped;
    }
    if (has_host_bits(address->bytes, *length, address->is_v6 ? bits_v6 : bits_v4)) return std::nullopt;
    return IpNetwork{*address, *length};
}

bool IpNetwork::contains(const IpAddress& candidate) const noexcept {
    if (candidate.is_v6 != address.is_v6) return false;
    for (unsigned index = 0; index * 8 < prefix_length; ++index) {
        if (((candidate.bytes[index] ^ address.bytes[index]) & prefix_mask(prefix_length, index)) != 0) return false;
    }
    return true;
}

std::string IpNetwork::text() const { return address.text() + '/' + std::to_string(prefix_length); }

}  // namespace sentinel::core
