#pragma once
/// What can go wrong, as values: a closed set of kinds, and faults that name the member at fault.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sentinel::core {

/// The closed set of error kinds. A new one must also be mapped in: error_text (core/error.cpp), the command
/// line's exit codes (app/), and later the HTTP mapping.
enum class ErrorKind : std::uint8_t {
    validation_failed,
    not_found,
    conflict,
    forbidden,
    unauthenticated,
    rate_limited,
    unavailable,
};
/// `validation_failed` …
std::string_view error_text(ErrorKind kind) noexcept;

/// One fault of an input, addressed by an RFC 6901 JSON Pointer ("" is the whole input).
struct Fault {
    std::string pointer;
    std::string code;  ///< machine-readable: required, format, unknown_member, type, range, reference, duplicate, limit, cycle, …
    std::string message;  ///< one human sentence that says what was wrong with which value
    friend bool operator==(const Fault&, const Fault&) = default;
};
using Faults = std::vector<Fault>;

/// `pointer` extended by one reference token, escaped as RFC 6901 section 3 says.
std::string pointer_to(std::string_view pointer, std::string_view member);
std::string pointer_to(std::string_view pointer, std::size_t index);

}  // namespace sentinel::core
