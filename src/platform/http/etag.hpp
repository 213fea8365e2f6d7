#pragma once
/// Row versions as entity tags (spec 00 section 6).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sentinel::http {

/// `"7"`.
std::string etag_of(std::int64_t version);

/// The versions that an `If-Match` names, as RequestContext::if_match wants them: `*` is the empty list. A tag that no version has
/// (weak, not a number) is -1, so that it is never taken for `*`. nullopt when the header is malformed.
std::optional<std::vector<std::int64_t>> parse_if_match(std::string_view value);

/// Whether `If-None-Match` names this tag (weak comparison) or is `*`. A malformed header names nothing.
bool names_tag(std::string_view if_none_match, std::string_view etag) noexcept;

}  // namespace sentinel::http
