#pragma once
/// What the fields of a request must say for it to have one meaning: its host, its body's framing, its expectation.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "platform/http/header.hpp"
#include "platform/http/request_refusal.hpp"

namespace sentinel::http {

/// How the body is delimited, and what the client asks of the connection.
struct Framing {
    bool is_chunked = false;
    std::size_t content_length = 0;
    bool expects_continue = false;
    bool wants_close = false;
};

/// Exactly one Host of sound form; at most one Content-Length of digits that fit 32 bits; no Transfer-Encoding but one that is
/// exactly `chunked`, and never both; no Expect but `100-continue`.
std::expected<Framing, Refusal> check_fields(const HeaderFields& fields);
/// A name or address with an optional port.
bool is_host(std::string_view text) noexcept;

}  // namespace sentinel::http
