#pragma once
/// One request as the guard, the router and the binder see it: already held to the syntax of spec 00 sections 1 and 9.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/ip.hpp"
#include "platform/http/header.hpp"

namespace sentinel::http {

/// The methods that Sentinel speaks; any other is answered 501 before a handler sees it.
enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options };
inline constexpr std::size_t method_count = 7;
/// `GET` …
std::string_view text_of(Method method) noexcept;
/// Exact upper case.
std::optional<Method> parse_method(std::string_view text) noexcept;

/// All views live until the handler is done with the request (the answer may be written later).
struct Request {
    Method method = Method::get;
    std::string_view target;  ///< path and query as they came
    std::string_view path;    ///< percent-decoded once: UTF-8 without control characters, no empty or dot segment inside
    std::string_view query;   ///< after the `?`, still percent-encoded (every escape is well-formed, none is NUL)
    bool has_query = false;   ///< `/a?` has one, which is empty
    HeaderFields headers;
    std::string_view body;
    core::IpAddress peer_address;    ///< the other end of the connection
    core::IpAddress client_address;  ///< the same, or what a trusted proxy says
    bool is_secure = false;          ///< came by TLS, to here or as far as a trusted proxy says
    bool is_trusted_peer = false;    ///< the peer is one of TRUSTED_PROXIES: `traceparent`, forward-auth
    bool is_management = false;      ///< came in on the management listener
    std::string_view request_id;
    std::chrono::steady_clock::time_point started;

    std::optional<std::string_view> header(std::string_view name) const noexcept { return headers.find(name); }
};

}  // namespace sentinel::http
