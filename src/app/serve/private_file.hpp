#pragma once
/// Small files with secrets: readable by their owner alone, whole or not there.

#include <filesystem>
#include <optional>

#include "platform/service/secret.hpp"

namespace sentinel::app {

/// nullopt where there is no such file. Throws StartError when it cannot be read, or others may read it.
std::optional<platform::Secret> read_private_file(const std::filesystem::path& file);
/// Throws StartError; never replaces a file that is there.
void write_private_file(const std::filesystem::path& file, const platform::Secret& text);

}  // namespace sentinel::app
