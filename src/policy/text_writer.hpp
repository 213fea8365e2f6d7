#pragma once
/// JSON values as text for people: YAML in block style, JSON with indentation; short lists of scalars stay on one line.
/// Both read back (read_node) as the same value.

#include <string>

#include "core/json.hpp"

namespace sentinel::policy {

std::string yaml_text(const core::json::Object& object);
std::string json_text(const core::json::Object& object);

}  // namespace sentinel::policy
