#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/encoding.hpp"
#include "core/text.hpp"
#include "platform/config/list.hpp"
#include "platform/config/setting.hpp"
#include "platform/config/url.hpp"

namespace sentinel::config {

namespace {

using Parsed = std::expected<SettingValue, std::string>;

std::unexpected<std::string> fault(std::string message) { return std::unexpected(std::move(message)); }

std::string allowed_text(const Setting& setting) { return fmt::format("{}", fmt::join(setting.allowed, ", ")); }

Parsed parse_boolean(std::string_view text) {
    const auto is = [&](std::string_view word) { return core::equals_ignoring_ascii_case(text, word); };
    if (is("true") || is("1") || is("yes") || is("on")) return true;
    if (is("false") || is("0") || is("no") || is("off")) return false;
    return fault("is neither true nor false");
}

/// The whole of a decimal number, without blanks or a plus sign.
template <class Number>
std::optional<Number> parse_decimal(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

Parsed parse_integer(const Setting& setting, std::string_view text) {
    const auto number = parse_decimal<std::int64_t>(text);
    if (!number) return fault("is no whole number");
    if (static_cast<double>(*number) < setting.minimum || static_cast<double>(*number) > setting.maximum) {
        return fault(fmt::format("is outside {:.0f} to {:.0f}", setting.minimum, setting.maximum));
    }
    return *number;
}

Parsed parse_number(const Setting& setting, std::string_view text) {
    const auto number = parse_decimal<double>(text);
    if (!number || !std::isfinite(*number)) return fault("is no number");
    if (*number < setting.minimum || *number > setting.maximum) {
        return fault(fmt::format("is outside {} to {}", setting.minimum, setting.maximum));
    }
    return *number;
}

Parsed parse_choice(const Setting& setting, std::string_view text) {
    const auto found = std::ranges::find(setting.allowed, text);
    if (found == setting.allowed.end()) return fault("is none of " + allowed_text(setting));
    return static_cast<std::int64_t>(found - setting.allowed.begin());
}

bool is_identifier(std::string_view text) {
    const auto may_begin = [](char letter) { return (letter >= 'a' && letter <= 'z') || letter == '_'; };
    const auto may_follow = [&](char letter) { return may_begin(letter) || (letter >= '0' && letter <= '9'); };
    return !text.empty() && may_begin(text.front()) && std::ranges::all_of(text, may_follow);
}

bool is_word(std::string_view text) {
    return std::ranges::all_of(text, [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
               letter == '_' || letter == '-';
    });
}

/// `a@b`, or `Name <a@b>`.
bool is_mail_address(std::string_view text) {
    if (text.ends_with('>')) {
        const auto open = text.rfind('<');
        if (open == std::string_view::npos) return false;
        text = text.substr(open + 1, text.size() - open - 2);
    }
    const auto at = text.find('@');
    const auto is_part = [](std::string_view part) {
        return !part.empty() && part.find_first_of(" <>,;\"@") == std::string_view::npos;
    };
    return at != std::string_view::npos && is_part(text.substr(0, at)) && is_part(text.substr(at + 1));
}

bool is_base64_key(std::string_view text) {
    const auto bytes = core::from_base64(text);
    return bytes && bytes->size() == 32;
}

/// What every text must be, whatever it names; empty when it is.
std::string_view text_fault(std::string_view text) {
    if (!core::is_utf8(text)) return "is no UTF-8";
    if (core::has_control_or_format(text)) return "has control characters";
    return {};
}

Parsed parse_text(const Setting& setting, std::string_view text) {
    const auto length = static_cast<double>(core::code_points(text));
    if (length < setting.minimum) return fault("must not be empty");
    if (length > setting.maximum) return fault(fmt::format("is longer than {:.0f} characters", setting.maximum));
    if (text.empty()) return std::string();
    switch (setting.type) {
        case SettingType::identifier:
            if (!is_identifier(text)) return fault("is no identifier (lower case letters, digits, _)");
            break;
        case SettingType::address:
            if (!is_mail_address(text)) return fault("is no mail address");
            break;
        case SettingType::base64_key:
            if (!is_base64_key(text)) return fault("is not the base64 of 32 bytes");
            break;
        case SettingType::url:
            if (auto why = url_fault(setting, text); !why.empty()) return fault(std::move(why));
            // Paths are put behind it.
            while (text.ends_with('/')) text.remove_suffix(1);
            break;
        default: break;
    }
    return std::string(text);
}

Parsed parse_port_or_endpoint(std::string_view text) {
    if (const auto port = parse_decimal<std::uint16_t>(text)) {
        return *port == 0 ? std::string() : fmt::format("127.0.0.1:{}", *port);
    }
    const auto endpoint = Endpoint::parse(text);
    if (!endpoint) return fault("is neither a port nor host:port");
    return endpoint->text();
}

/// Why an item of a list is none; empty when it is one.
std::string item_fault(const Setting& setting, std::string_view item) {
    switch (setting.type) {
        case SettingType::choices:
            return std::ranges::find(setting.allowed, item) != setting.allowed.end()
                       ? ""
                       : "has what is none of " + allowed_text(setting);
        case SettingType::endpoints: return Endpoint::parse(item) ? "" : "has what is no host:port of an IP address";
        case SettingType::networks:
            return core::IpNetwork::parse(item) ? "" : "has what is no network (address/length, host bits 0)";
        case SettingType::origins: return is_origin(item) ? "" : "has what is no origin (https://host or https://host:port)";
        default: return is_word(item) ? "" : "has what is no word of letters, digits, - and _";
    }
}

Parsed parse_list(const Setting& setting, std::string_view text) {
    std::vector<std::string> items = split_list(text);
    const auto count = static_cast<double>(items.size());
    if (count < setting.minimum) return fault("must not be empty");
    if (count > setting.maximum) return fault(fmt::format("has more than {:.0f} items", setting.maximum));
    for (auto item = items.begin(); item != items.end(); ++item) {
        if (item->empty()) return fault("has an empty item");
        if (auto why = item_fault(setting, *item); !why.empty()) return fault(std::move(why));
        if (std::find(items.begin(), item, *item) != item) return fault("names an item twice");
    }
    return items;
}

}  // namespace

std::string Setting::key() const {
    std::string key(name);
    std::ranges::transform(key, key.begin(), core::to_lower_ascii);
    return key;
}

std::string Setting::flag() const {
    std::string flag = "--" + key();
    std::ranges::replace(flag, '_', '-');
    return flag;
}

std::expected<SettingValue, std::string> parse_value(const Setting& setting, std::string_view text) {
    if (const auto why = text_fault(text); !why.empty()) return fault(std::string(why));
    switch (setting.type) {
        case SettingType::boolean: return parse_boolean(text);
        case SettingType::integer: return parse_integer(setting, text);
        case SettingType::number: return parse_number(setting, text);
        case SettingType::choice: return parse_choice(setting, text);
        case SettingType::port_or_endpoint: return parse_port_or_endpoint(text);
        case SettingType::choices:
        case SettingType::words:
        case SettingType::endpoints:
        case SettingType::networks:
        case SettingType::origins: return parse_list(setting, text);
        default: return parse_text(setting, text);
    }
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) noexcept {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const auto port = parse_decimal<std::uint16_t>(text.substr(colon + 1));
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    const auto address = core::IpAddress::parse(host == "localhost" ? "127.0.0.1" : host);
    const bool written_as_v6 = host.contains(':');
    if (!port || !address || bracketed != written_as_v6) return std::nullopt;
    return Endpoint{*address, *port};
}

std::string Endpoint::text() const {
    std::array<char, INET6_ADDRSTRLEN> host{};
    ::inet_ntop(address.is_v6 ? AF_INET6 : AF_INET, address.bytes.data(), host.data(), host.size());
    return fmt::format(fmt::runtime(address.is_v6 ? "[{}]:{}" : "{}:{}"), host.data(), port);
}

}  // namespace sentinel::config
