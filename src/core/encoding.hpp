#pragma once
/// RFC 4648 texts of bytes. Decoding is strict: only the alphabet, only the canonical padding, no stray bits; so that two texts
/// never mean the same bytes.

#include <optional>
#include <string>
#include <string_view>

namespace sentinel::core {

/// Without padding, as JOSE and our tokens write it.
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

/// With padding.
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);
/// Without padding, as PHC strings write it.
std::string to_base64_unpadded(std::string_view bytes);
std::optional<std::string> from_base64_unpadded(std::string_view text);

/// With padding, upper case.
std::string to_base32(std::string_view bytes);
std::optional<std::string> from_base32(std::string_view text);

/// Lower case; reads either case, not both in one text.
std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);

}  // namespace sentinel::core
