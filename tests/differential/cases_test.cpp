/// Replays every kept case in both evaluators: differences once found, and shapes worth keeping.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "compare.hpp"

namespace sentinel::differential {
namespace {

std::vector<std::filesystem::path> case_files() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(SENTINEL_CASES_DIR)) {
        if (entry.path().extension() == ".json") { files.push_back(entry.path()); }
    }
    std::ranges::sort(files);
    return files;
}

std::string contents(const std::filesystem::path& file) {
    std::ifstream stream(file);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

class KeptCase : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(KeptCase, EngineAndReferenceAgree) {
    const auto one = read_case(contents(GetParam()));
    ASSERT_TRUE(one) << one.error();
    ASSERT_FALSE(one->questions.empty());
    const auto difference = replay(*one);
    EXPECT_FALSE(difference) << one->note << "\n"
                             << difference->part << "\nengine: " << difference->engine << "reference: " << difference->reference;
}

INSTANTIATE_TEST_SUITE_P(Kept, KeptCase, testing::ValuesIn(case_files()), [](const auto& info) {
    auto name = info.param.stem().string();
    std::ranges::replace_if(name, [](char letter) { return std::isalnum(static_cast<unsigned char>(letter)) == 0; }, '_');
    return name;
});
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(KeptCase);

TEST(Replay, ShowsADifference) {
    // A policy that the engine refuses to build is a difference by itself.
    Case one;
    one.policy.permissions.push_back({.resource_type = "nonsense!", .resource_path = "//", .actions = {}});
    const auto difference = replay(one);
    ASSERT_TRUE(difference);
    EXPECT_TRUE(difference->part.starts_with("build"));
}

}  // namespace
}  // namespace sentinel::differential
