#pragma once
/// Every named statement of the program, for the tests of them all.

#include <vector>

#include "modules/auth/auth.hpp"
#include "modules/tenants/repository.hpp"
#include "modules/users/repository.hpp"
#include "platform/access/access_statements.hpp"
#include "platform/delivery/mail_delivery.hpp"
#include "platform/postgres/setup_testing.hpp"
#include "platform/upkeep/upkeep.hpp"
#include "platform/writes/statements.hpp"

namespace sentinel::app::testing {

inline std::vector<const postgres::Statement*> all_statements() {
    std::vector<const postgres::Statement*> all;
    for (const postgres::StatementList list :
         {writes::audit_statements(), writes::idempotency_statements(), writes::job_statements(), writes::tenant_key_statements(),
          writes::policy_lock_statements(), writes::outbox_statements(), tenants::statements(), auth::statements(),
          users::statements(), access::statements(), delivery::statements(), upkeep::statements()}) {
        all.insert(all.end(), list.begin(), list.end());
    }
    return all;
}

inline void prepare(postgres::SetupConnection& connection, const postgres::Statement& statement) {
    connection.run("PREPARE \"" + std::string(statement.name) + "\" AS " + std::string(statement.text));
}

/// A migrated database of the test program's own.
inline const postgres::testing::TestServer& migrated_server() {
    static const postgres::testing::TestServer server;
    static const bool is_migrated = [] {
        postgres::SetupConnection owner = server.owner();
        postgres::migrate_up(owner);
        return true;
    }();
    static_cast<void>(is_migrated);
    return server;
}

}  // namespace sentinel::app::testing
