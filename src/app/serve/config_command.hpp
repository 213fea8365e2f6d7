#pragma once
/// The server's settings on the command line: the flags of every command that loads them, and what a failure to load ends with.

#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/exit_code.hpp"
#include "platform/config/load.hpp"

namespace sentinel::app {

/// What was given on the command line.
struct SettingFlags {
    std::string file;
    std::vector<std::pair<std::string, std::string>> values;
};

/// Declares `--config FILE` and one flag for each setting that is no secret.
void add_setting_flags(CLI::App& command, SettingFlags& flags);

/// The settings in force; a failure names everything that is wrong, one line each.
Result<config::Loaded> load_settings(const SettingFlags& flags);

}  // namespace sentinel::app
