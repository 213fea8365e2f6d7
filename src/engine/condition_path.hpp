#pragma once
/// Attribute paths as written: `resource.x`, `user.x`, bare `x` …

#include <expected>
#include <string>
#include <string_view>

#include "engine/condition_program.hpp"

namespace sentinel::engine::conditions {

/// Splits a path and adds its segments, views of `text`, to the program; or one sentence about what is wrong with it.
std::expected<Path, std::string> compile_path(Program& program, std::string_view text);

}  // namespace sentinel::engine::conditions
