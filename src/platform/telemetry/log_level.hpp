#pragma once
/// How much is logged, and in which shape.

#include <cstdint>
#include <string_view>

namespace sentinel::telemetry {

enum class LogLevel : std::uint8_t { debug, info, warning, error };
/// `DEBUG`, `INFO`, `WARNING`, `ERROR`.
std::string_view text_of(LogLevel level) noexcept;

/// `json`: for machines, one object a line. `text`: the same fields for people.
enum class LogFormat : std::uint8_t { json, text };

}  // namespace sentinel::telemetry
