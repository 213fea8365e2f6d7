#pragma once
/// Brings the settings together: default < sentinel.toml < environment < flag.

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "platform/config/setting.hpp"

namespace sentinel::config {

enum class Source : std::uint8_t { standard, file, environment, flag };
/// `default`, `file`, `environment`, `flag`.
std::string_view text_of(Source source) noexcept;

/// What is there to read.
struct Sources {
    /// The file to read; absent = SENTINEL_CONFIG, else `sentinel.toml` in the working directory if it is there.
    std::optional<std::filesystem::path> file;
    /// Name and value of each variable.
    std::vector<std::pair<std::string, std::string>> environment;
    /// Name of the setting (upper case) and value of each flag.
    std::vector<std::pair<std::string, std::string>> flags;
};
/// The variables of this process.
std::vector<std::pair<std::string, std::string>> process_environment();

/// One thing that is wrong: the name at fault and a sentence. Never holds the value of a secret.
struct ConfigFault {
    std::string name;
    std::string message;
    /// `name: message`.
    std::string text() const;
};

/// A setting as it is in force.
struct EffectiveValue {
    const Setting* setting = nullptr;
    std::string text;  ///< of a secret: `********`, or empty when there is none
    Source source = Source::standard;
    std::string origin;  ///< the variable, flag, or file and line it comes from; empty for a default
};

struct Loaded {
    Settings settings;
    std::vector<EffectiveValue> values;  ///< in the order of the table
    std::vector<std::string> warnings;
};

/// All settings, or everything that is wrong with them (the program then ends with exit code 78).
std::expected<Loaded, std::vector<ConfigFault>> load(const Sources& sources);

}  // namespace sentinel::config
