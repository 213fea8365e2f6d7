#pragma once
/// The texts of single values, shared by answers, headers and OpenAPI.

#include <string>

#include "core/ids.hpp"
#include "core/time.hpp"

namespace sentinel::http {

/// Lower case with hyphens.
void append_uuid(std::string& out, const core::Uuid& uuid);
/// Everything but unreserved characters (RFC 3986) as %XX.
void append_percent_encoded(std::string& out, std::string_view text);

}  // namespace sentinel::http
