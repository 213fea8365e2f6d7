#include "platform/http/forwarded.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "core/text.hpp"

namespace sentinel::http {

using core::equals_ignoring_ascii_case;
using core::IpAddress;
using core::IpNetwork;

namespace {

constexpr std::size_t most_hops = 32;

/// One proxy's word: the address it was called from, and whether by TLS.
struct Hop {
    std::optional<IpAddress> address;
    std::optional<bool> is_secure;
};

/// The elements of all fields of that name in their order.
std::vector<std::string_view> elements_of(const HeaderFields& fields, std::string_view name) {
    std::vector<std::string_view> elements;
    for (const HeaderField& field : fields.all()) {
        if (!equals_ignoring_ascii_case(field.name, name)) continue;
        std::string_view rest = field.value;
        while (true) {
            const auto comma = rest.find(',');
            elements.push_back(trimmed(rest.substr(0, comma)));
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
    return elements;
}

bool is_port(std::string_view text) noexcept {
    return text.empty() || (text.size() > 1 && text.size() <= 6 && text.front() == ':' &&
                            text.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

/// `a.b.c.d`, `a.b.c.d:port`, an IPv6 address, or one in brackets with an optional port.
std::optional<IpAddress> parse_node(std::string_view text) noexcept {
    if (const auto plain = IpAddress::parse(text)) return plain;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos || !is_port(text.substr(end + 1))) return std::nullopt;
        return IpAddress::parse(text.substr(1, end - 1));
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || !is_port(text.substr(colon))) return std::nullopt;
    return IpAddress::parse(text.substr(0, colon));
}

std::optional<bool> parse_scheme(std::string_view text) noexcept {
    if (equals_ignoring_ascii_case(text, "https")) return true;
    if (equals_ignoring_ascii_case(text, "http")) return false;
    return std::nullopt;
}

std::string_view unquoted(std::string_view text) noexcept {
    return text.size() >= 2 && text.starts_with('"') && text.ends_with('"') ? text.substr(1, text.size() - 2) : text;
}

/// `for=…;proto=…` (RFC 7239).
Hop parse_forwarded(std::string_view element) noexcept {
    Hop hop;
    while (!element.empty()) {
        const auto end = std::min(element.find(';'), element.size());
        const std::string_view pair = trimmed(element.substr(0, end));
        const auto equals = std::min(pair.find('='), pair.size());
        const std::string_view name = pair.substr(0, equals);
        const std::string_view value = unquoted(pair.substr(std::min(equals + 1, pair.size())));
        if (equals_ignoring_ascii_case(name, "for")) hop.address = parse_node(value);
        if (equals_ignoring_ascii_case(name, "proto")) hop.is_secure = parse_scheme(value);
        element.remove_prefix(std::min(end + 1, element.size()));
    }
    return hop;
}

/// From the right, past trusted addresses; nullopt where a hop on the way cannot be read.
std::optional<Hop> client_of(std::span<const Hop> hops, std::span<const IpNetwork> trusted) {
    if (hops.size() > most_hops) return std::nullopt;
    for (std::size_t index = hops.size(); index-- > 0;) {
        if (!hops[index].address) return std::nullopt;
        if (index == 0 || !is_in(trusted, *hops[index].address)) return hops[index];
    }
    return std::nullopt;
}

std::vector<Hop> hops_of_x_forwarded(const HeaderFields& fields) {
    std::vector<Hop> hops;
    for (const auto element : elements_of(fields, "X-Forwarded-For")) hops.push_back({parse_node(element), std::nullopt});
    // Its elements do not belong to those of the other field one by one: the nearest proxy's word counts.
    const auto schemes = elements_of(fields, "X-Forwarded-Proto");
    if (!schemes.empty()) {
        for (Hop& hop : hops) hop.is_secure = parse_scheme(schemes.back());
    }
    return hops;
}

}  // namespace

bool is_in(std::span<const IpNetwork> networks, const IpAddress& address) noexcept {
    return std::ranges::any_of(networks, [&](const IpNetwork& network) { return network.contains(address); });
}

Origin origin_through_proxy(const HeaderFields& fields, const IpAddress& peer, std::span<const IpNetwork> trusted) {
    const Origin direct{.client = peer};
    std::vector<Hop> standard;
    for (const auto element : elements_of(fields, "Forwarded")) standard.push_back(parse_forwarded(element));
    const std::vector<Hop> customary = hops_of_x_forwarded(fields);
    if (standard.empty() && customary.empty()) {
        const auto schemes = elements_of(fields, "X-Forwarded-Proto");
        return {peer, !schemes.empty() && parse_scheme(schemes.back()).value_or(false)};
    }
    const auto by_standard = client_of(standard, trusted);
    const auto by_custom = client_of(customary, trusted);
    const bool unreadable = (!standard.empty() && !by_standard) || (!customary.empty() && !by_custom);
    if (unreadable || (by_standard && by_custom && by_standard->address != by_custom->address)) return direct;
    const Hop& hop = by_standard ? *by_standard : *by_custom;
    return {*hop.address, hop.is_secure.value_or(false)};
}

}  // namespace sentinel::http
