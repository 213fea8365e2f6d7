/// Every named statement of the program against a real schema: its name is its own, and the serving role can prepare it.

#include <set>
#include <string_view>

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
