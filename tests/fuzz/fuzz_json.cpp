// What parses is written so that it parses to the same value and the same text again.

#include <cstdint>
#include <string_view>

#include "core/json.hpp"
#include "requirement.hpp"

namespace json = sentinel::core::json;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto value = json::parse({reinterpret_cast<const char*>(data), size}, {.depth = 64, .safe_integers = false});
    if (!value) {
        sentinel::fuzz::require(value.error().offset <= size, "an error lies behind the end of the text");
        return 0;
    }
    const auto text = json::to_text(*value);
    const auto again = json::parse(text, {.depth = 64, .safe_integers = false});
    sentinel::fuzz::require(again.has_value(), "what was written does not parse");
    sentinel::fuzz::require(*again == *value, "what was written parses to another value");
    sentinel::fuzz::require(json::to_text(*again) == text, "the same value is written in two ways");
    return 0;
}
