#pragma once
/// The settings as text.

#include <string>

#include "platform/config/load.hpp"

namespace sentinel::config {

/// A line for each setting: name, value, source. Secrets are masked.
std::string to_text(const Loaded& loaded);
/// `{"settings":[{"name","value","source","origin","secret"}],"warnings":[]}`. Secrets are masked.
std::string to_json(const Loaded& loaded);
/// `sentinel.toml.example`: every setting, commented out, with its meaning and default.
std::string example_file();

}  // namespace sentinel::config
