#pragma once
/// The target of a request: an absolute path with an optional query, and nothing that two readers could see differently.

#include <expected>
#include <string>
#include <string_view>

#include "platform/http/request_refusal.hpp"

namespace sentinel::http {

struct Target {
    std::string_view path;   ///< decoded
    std::string_view query;  ///< as it came
    bool has_query = false;
};

/// Refuses other forms than the origin form, characters outside RFC 3986, broken escapes, `//`, dot segments (also escaped), an
/// escaped `/`, `\` or NUL, and paths that do not decode to UTF-8 without control characters. Decodes into `decoded` where
/// there is an escape; the result's views lie in `text` or in `decoded`.
std::expected<Target, Refusal> parse_target(std::string_view text, std::string& decoded);

}  // namespace sentinel::http
