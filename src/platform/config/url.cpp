#include "platform/config/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sentinel::config {

namespace {

bool is_host_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '-' || letter == '.' || letter == '_';
}

bool is_port(std::string_view text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

/// `name`, `name:port`, `1.2.3.4`, `[::1]:port`.
bool is_host_and_port(std::string_view text) {
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos || !core::IpAddress::parse(text.substr(1, close - 1))) return false;
        const std::string_view after = text.substr(close + 1);
        return after.empty() || (after.front() == ':' && is_port(after.substr(1)));
    }
    const auto colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    if (name.empty() || !std::ranges::all_of(name, is_host_letter)) return false;
    return colon == std::string_view::npos || is_port(text.substr(colon + 1));
}

bool is_web(std::string_view scheme) { return scheme == "https" || scheme == "http"; }

}  // namespace

UrlParts split_url(std::string_view url) noexcept {
    UrlParts parts;
    const auto colon = url.find(':');
    if (colon == std::string_view::npos) return parts;
    parts.scheme = url.substr(0, colon);
    url.remove_prefix(colon + 1);
    if (!url.starts_with("//")) {
        parts.rest = url;
        return parts;
    }
    url.remove_prefix(2);
    const auto end = std::min(url.find_first_of("/?#"), url.size());
    parts.rest = url.substr(end);
    std::string_view authority = url.substr(0, end);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        const std::string_view account = authority.substr(0, at);
        const auto between = std::min(account.find(':'), account.size());
        parts.user = account.substr(0, between);
        parts.password = between < account.size() ? account.substr(between + 1) : std::string_view();
        authority.remove_prefix(at + 1);
    }
    parts.host = authority;
    return parts;
}

std::string url_fault(const Setting& setting, std::string_view text) {
    const UrlParts parts = split_url(text);
    if (std::ranges::find(setting.allowed, parts.scheme) == setting.allowed.end()) {
        return fmt::format("is no URL that begins with {}", fmt::join(setting.allowed, ":, ")) + ":";
    }
    if (text.contains(' ')) return "has blanks";
    if (!setting.secret && text.contains('@')) return "must not carry a name or password";
    if (is_web(parts.scheme)) {
        if (!is_host_and_port(parts.host)) return "has no usable host";
        if (parts.rest.find_first_of("?#") != std::string_view::npos) return "must not have a query";
    } else if (parts.scheme == "console" || parts.scheme == "file") {
        if (!parts.host.empty()) return "must not have a host";
        if (parts.scheme == "file" && parts.rest.size() < 2) return "has no folder";
    } else if (parts.host.empty() && !parts.rest.contains('?')) {
        // PostgreSQL may name its host, as of a socket, in the query.
        return "has no host";
    }
    return {};
}

bool is_origin(std::string_view text) noexcept {
    const UrlParts parts = split_url(text);
    const bool lower_case = std::ranges::none_of(text, [](char letter) { return letter >= 'A' && letter <= 'Z'; });
    return is_web(parts.scheme) && parts.rest.empty() && lower_case && !text.contains('@') && is_host_and_port(parts.host);
}

}  // namespace sentinel::config
