/// Every named statement of the program against a real schema: its name is its own, and the serving role can prepare it.

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "modules/auth/auth.hpp"
#include "modules/tenants/repository.hpp"
#include "modules/users/repository.hpp"
#include "platform/access/access_statements.hpp"
#include "platform/delivery/mail_delivery.hpp"
#include "platform/postgres/setup_testing.hpp"
#include "platform/writes/statements.hpp"

namespace sentinel::app {
namespace {

using postgres::Statement;
using postgres::StatementList;

std::vector<const Statement*> all_statements() {
    std::vector<const Statement*> all;
    for (const StatementList list :
         {writes::audit_statements(), writes::idempotency_statements(), writes::job_statements(), writes::tenant_key_statements(),
          writes::policy_lock_statements(), writes::outbox_statements(), tenants::statements(), auth::statements(),
          users::statements(), access::statements(), delivery::statements()}) {
        all.insert(all.end(), list.begin(), list.end());
    }
    return all;
}

class StatementsTest : public ::testing::Test {
protected:
    static postgres::SetupConnection& connection() {
        static postgres::testing::TestServer server;
        static postgres::SetupConnection app = [] {
            postgres::SetupConnection owner = server.owner();
            postgres::migrate_up(owner);
            return server.app();
        }();
        return app;
    }
};

TEST_F(StatementsTest, HaveNamesOfTheirOwn) {
    std::set<std::string_view> names;
    for (const Statement* statement : all_statements()) EXPECT_TRUE(names.insert(statement->name).second) << statement->name;
    EXPECT_GT(names.size(), 60U);
}

TEST_F(StatementsTest, CanBePreparedByTheServingRole) {
    for (const Statement* statement : all_statements()) {
        try {
            connection().run("PREPARE \"" + std::string(statement->name) + "\" AS " + std::string(statement->text));
        } catch (const postgres::SetupError& error) { ADD_FAILURE() << statement->name << ": " << error.what(); }
    }
}

}  // namespace
}  // namespace sentinel::app
