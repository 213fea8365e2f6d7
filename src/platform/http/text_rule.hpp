#pragma once
/// Texts held to spec 00 section 1: NFC, without control characters, lengths in code points.

#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "platform/http/member_rule.hpp"
#include "platform/http/reader.hpp"

namespace sentinel::http {

/// What a message calls a value: the text in quotes where it is short enough to be shown, else `the value`.
std::string named(std::string_view text);

/// A control character (Cc); tab and newline are none where `has_lines`. REQUIRES UTF-8.
bool has_control(std::string_view text, bool has_lines) noexcept;

/// The text as it is to be kept, or nullopt after a fault. `is_secret`: no message shows it. REQUIRES UTF-8.
std::optional<std::string> checked_text(Reader& reader, const MemberRule& rule, std::string_view text, bool is_secret);

/// Normalises all texts of a document and holds it to its limits; false after a fault.
bool check_document(Reader& reader, const DocumentLimits& limits, core::json::Value& document);

}  // namespace sentinel::http
