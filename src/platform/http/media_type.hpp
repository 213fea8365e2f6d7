#pragma once
/// The media type of a body (spec 00 section 1).

#include <string_view>

#include "platform/http/route.hpp"

namespace sentinel::http {

/// What a body turned out to be.
enum class BodyKind : std::uint8_t { json, form, raw };

/// Throws UNSUPPORTED_MEDIA_TYPE when the route does not take what `Content-Type` says (or when that stands there twice).
BodyKind body_kind(const Route& route, const Request& request);

/// `application/json`, with at most `charset=utf-8` behind it.
bool is_media_type(std::string_view value, std::string_view type) noexcept;

}  // namespace sentinel::http
