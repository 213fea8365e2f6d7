#pragma once
/// IP addresses and networks.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sentinel::core {

/// An IPv4 or IPv6 address. IPv4-mapped IPv6 (::ffff:a.b.c.d) parses to the IPv4 address.
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};  ///< network order; an IPv4 address fills the first four
    bool is_v6 = false;

    /// Strict literals: dotted decimal without leading zeros, RFC 4291 section 2.2 text; no zone id, no port, no blanks.
    static std::optional<IpAddress> parse(std::string_view text) noexcept;
    /// Dotted decimal, or RFC 5952 (lower case, the longest run of zeros as `::`).
    std::string text() const;
    friend bool operator==(const IpAddress&, const IpAddress&) noexcept = default;
};

/// A CIDR block. Families never mix.
struct IpNetwork {
    IpAddress address;
    unsigned prefix_length = 0;

    /// `address/length` in canonical decimal; a missing length or host bits set: nullopt. A mapped IPv6 network with a
    /// length of 96 or more is the IPv4 network it covers; a shorter one whose address is mapped is refused.
    static std::optional<IpNetwork> parse(std::string_view text) noexcept;
    bool contains(const IpAddress& candidate) const noexcept;
    /// `address/length`.
    std::string text() const;
    friend bool operator==(const IpNetwork&, const IpNetwork&) noexcept = default;
};

}  // namespace sentinel::core
