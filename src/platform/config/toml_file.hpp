#pragma once
/// Reads sentinel.toml into names and texts.

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "platform/config/load.hpp"

namespace sentinel::config {

/// One line of the file: a key as it stands there, and its value as a text; what it is not, parse_value says later.
struct FileEntry {
    std::string key;
    std::string text;
    bool is_plain = true;  ///< false: a table, a date or a list of such, which no setting is
    unsigned line = 0;
};

struct SettingsFile {
    std::string name;
    std::vector<FileEntry> entries;
    bool readable_by_others = false;
};

/// A fault never quotes the file: it may hold secrets.
std::expected<SettingsFile, ConfigFault> read_settings_file(const std::filesystem::path& path);

/// A file of at most 1 MiB; the error says what is wrong with it.
std::expected<std::string, std::string> read_small_file(const std::filesystem::path& path);

}  // namespace sentinel::config
