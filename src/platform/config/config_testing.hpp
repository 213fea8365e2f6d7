#pragma once
/// Loading settings in tests without the machine's own environment.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/temporary_folder_testing.hpp"
#include "platform/config/load.hpp"

namespace sentinel::config {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// A folder for settings and secrets.
class SettingsFolder : public core::testing::TemporaryFolder {
public:
    std::filesystem::path write(std::string_view name, std::string_view text) const {
        const auto file = path() / name;
        std::ofstream(file, std::ios::binary) << text;
        std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        return file;
    }
};

/// All faults, a line each; empty when there is none.
inline std::string faults_of(const Sources& sources) {
    const auto loaded = load(sources);
    std::string text;
    if (loaded) return text;
    for (const auto& fault : loaded.error()) text += fault.text() + "\n";
    return text;
}

inline Loaded must_load(const Sources& sources) {
    auto loaded = load(sources);
    EXPECT_TRUE(loaded) << faults_of(sources);
    return loaded ? std::move(*loaded) : Loaded();
}

inline const EffectiveValue& value_of(const Loaded& loaded, std::string_view name) {
    for (const auto& value : loaded.values) {
        if (value.setting->name == name) return value;
    }
    throw std::logic_error("no setting " + std::string(name));
}

}  // namespace sentinel::config
