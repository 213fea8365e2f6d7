// updated_at and version (the ETag) move only when a row really differs.
#include <string>

#include "schema_testing.hpp"

namespace sentinel::postgres::testing {
namespace {

class RowVersion : public ::testing::Test {
protected:
    RowVersion() {
        As writer(app_, tenant_);
        writer.revision(tenant_, 2);
        app_.run(insert_user(tenant_, tenant_));
        app_.run(insert_role(tenant_, tenant_));
        app_.run(fmt::format(
            "insert into sentinel.user_roles (tenant_id, id, user_id, role_id) values ('{0}', '{0}', '{0}', '{0}')", tenant_));
        writer.commit();
    }
    /// What one update in a transaction of its own does to the version of its row.
    std::string version_after(const std::string& table, const std::string& set) {
        As writer(app_, tenant_);
        writer.revision(tenant_, 3);
        return app_.value(
            fmt::format("update sentinel.{} set {} returning version || case when updated_at = now() then ' touched' else '' end",
                        table, set));
    }
    SetupConnection app_ = Schema::instance().app();
    std::string tenant_ = make_tenant(app_);
};

TEST_F(RowVersion, MovesWithARealChangeAlone) {
    EXPECT_EQ(version_after("roles", "priority = 5"), "2 touched");
    EXPECT_EQ(version_after("roles", "metadata = '{\"a\": 1}'"), "2 touched");
    EXPECT_EQ(version_after("roles", "priority = priority, name = name"), "1");
    EXPECT_EQ(version_after("roles", "version = 99, updated_at = now() + interval '1 day', created_at = now()"), "1");
    EXPECT_EQ(version_after("roles", "version = 99, priority = 5"), "2 touched");
}

TEST_F(RowVersion, OfAUserIgnoresLoginsAndTheAutomaticLock) {
    EXPECT_EQ(version_after("users", "last_login = now(), login_count = 4, failed_login_count = 2"), "1");
    EXPECT_EQ(version_after("users", "lock_kind = 'auto', locked_until = now(), lock_reason = 'tries'"), "1");
    EXPECT_EQ(version_after("users", "lock_kind = 'admin', lock_reason = 'asked'"), "2 touched");
    EXPECT_EQ(version_after("users", "preferences = '{\"a\": 1}', login_count = 4"), "2 touched");
}

TEST_F(RowVersion, TablesWithoutOneKeepUpdatedAt) {
    As writer(app_, tenant_);
    writer.revision(tenant_, 3);
    EXPECT_EQ(app_.value("update sentinel.user_roles set reason = reason returning updated_at = now()"), "f");
    EXPECT_EQ(app_.value("update sentinel.user_roles set reason = 'why' returning updated_at = now()"), "t");
}

}  // namespace
}  // namespace sentinel::postgres::testing
