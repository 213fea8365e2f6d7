#pragma once
/// A libFuzzer mutator for inputs that are JSON texts: it changes the value, so that most inputs stay readable and reach
/// what lies behind the parser.

#include <cstddef>
#include <cstdint>

#include "core/json.hpp"

namespace sentinel::fuzz {

/// Changes the text in `data` (of `size` bytes, at most `capacity` afterwards) and returns its new size. `vocabulary`
/// (not empty) are values worth putting in, the texts among them also as names. Every fourth time, and where the text is no
/// JSON, libFuzzer's own byte mutations are used, so that the parser is met with broken text too.
std::size_t mutate_json(std::uint8_t* data, std::size_t size, std::size_t capacity, unsigned seed,
                        const core::json::Array& vocabulary);

}  // namespace sentinel::fuzz
