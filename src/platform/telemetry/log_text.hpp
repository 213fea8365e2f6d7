#pragma once
/// Text of clients, made fit for one line of a log and for a terminal.

#include <cstddef>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace sentinel::telemetry {

/// Appends `"text"` as a JSON string in which every control, format and separator character (also DEL, C1, U+2028, U+2029 and
/// what reorders text) is escaped and every byte that is no UTF-8 is U+FFFD. Reads at most `most_bytes`, cut at a code point; the
/// rest becomes `…`.
void append_quoted(std::string& out, std::string_view text, std::size_t most_bytes);

/// `2026-01-02T03:04:05.000006Z`: always six digits, so that lines sort.
void append_timestamp(std::string& out, core::Instant instant);

/// Whether a field of this name would show a secret.
bool names_secret(std::string_view name) noexcept;

}  // namespace sentinel::telemetry
