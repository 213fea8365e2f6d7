#pragma once
/// The version of this program.

#include <string_view>

namespace sentinel::app {

/// SENTINEL_VERSION comes from the build (project version of CMakeLists.txt).
inline constexpr std::string_view version = SENTINEL_VERSION;

}  // namespace sentinel::app
