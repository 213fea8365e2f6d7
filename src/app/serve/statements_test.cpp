/// Every named statement of the program against a real schema: its name is its own, and the serving role can prepare it.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "app/serve/statements_testing.hpp"

namespace sentinel::app {
namespace {

using postgres::Statement;
using testing::all_statements;

TEST(StatementsTest, HaveNamesOfTheirOwn) {
    std::set<std::string_view> names;
    for (const Statement* statement : all_statements()) EXPECT_TRUE(names.insert(statement->name).second) << statement->name;
    EXPECT_GT(names.size(), 60U);
}

/// Names of the statements that a source file declares.
std::set<std::string> declared_in(const std::filesystem::path& path) {
    static const std::regex declaration(R"(Statement\s+\w+\s*\{\s*"([a-z_]+\.[a-z_]+)\")");
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    std::set<std::string> names;
    for (auto found = std::sregex_iterator(text.begin(), text.end(), declaration); found != std::sregex_iterator(); ++found)
        names.insert((*found)[1]);
    return names;
}

bool is_source(const std::filesystem::path& path) {
    const std::string name = path.filename();
    return (name.ends_with(".cpp") && !name.ends_with("_test.cpp")) ||
           (name.ends_with(".hpp") && !name.ends_with("_testing.hpp"));
}

TEST(StatementsTest, NoneIsLeftOutOfTheLists) {
    std::set<std::string> declared;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(SENTINEL_SOURCE_DIR "/src")) {
        if (is_source(entry.path())) declared.merge(declared_in(entry.path()));
    }
    std::erase_if(declared,
                  [](const std::string& name) { return name.starts_with("sentinel."); });  // BEGIN, COMMIT and their like
    std::set<std::string> listed;
    for (const Statement* statement : all_statements()) listed.emplace(statement->name);
    std::vector<std::string> in_one_only;
    std::ranges::set_symmetric_difference(declared, listed, std::back_inserter(in_one_only));
    EXPECT_EQ(in_one_only, std::vector<std::string>());
}

TEST(StatementsTest, CanBePreparedByTheServingRole) {
    postgres::SetupConnection connection = testing::migrated_server().app();
    for (const Statement* statement : all_statements()) {
        try {
            testing::prepare(connection, *statement);
        } catch (const postgres::SetupError& error) { ADD_FAILURE() << statement->name << ": " << error.what(); }
    }
}

}  // namespace
}  // namespace sentinel::app
