// The change feed that statement triggers write (spec 15 section 6, rule 13).
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "schema_testing.hpp"

namespace sentinel::postgres::testing {
namespace {

class PolicyChanges : public ::testing::Test {
protected:
    /// `kind op ids` of the tenant's changes of one revision, in order; ids as the list of the rows in question.
    std::vector<std::string> changes(const std::string& tenant, int revision) {
        std::vector<std::string> lines;
        for (const SetupRow& row :
             app_.query("select kind || ' ' || op || ' ' || coalesce(array_to_string(object_ids, ','), 'all') from "
                        "sentinel_private.policy_changes where tenant_id = $1 and revision = $2 order by seq",
                        {tenant, std::to_string(revision)})) {
            lines.push_back(*row[0]);
        }
        return lines;
    }
    std::string fresh() { return id_of(Schema::instance().fresh()); }
    /// A tenant with a user, a role, a group and a permission, all of the tenant's own id.
    std::string furnished() {
        const std::string tenant = make_tenant(app_);
        As writer(app_, tenant);
        writer.revision(tenant, 2);
        app_.run(insert_user(tenant, tenant));
        app_.run(insert_role(tenant, tenant));
        app_.run(fmt::format("insert into sentinel.groups (tenant_id, id, name) values ('{0}', '{0}', 'g')", tenant));
        app_.run(fmt::format(
            "insert into sentinel.permissions (tenant_id, id, name, name_folded, resource_type, resource_path, actions) "
            "values ('{0}', '{0}', 'p', 'p', '*', '**', '{{read}}')",
            tenant));
        writer.commit();
        return tenant;
    }

    SetupConnection app_ = Schema::instance().app();
};

TEST_F(PolicyChanges, FollowEveryPolicyTableInOrder) {
    const std::string tenant = furnished();
    EXPECT_EQ(changes(tenant, 1), std::vector<std::string>{"tenant created " + tenant});
    EXPECT_EQ(changes(tenant, 2), (std::vector<std::string>{"user created " + tenant, "role created " + tenant,
                                                            "group created " + tenant, "permission created " + tenant}));
    As writer(app_, tenant);
    writer.revision(tenant, 3);
    std::vector<std::string> expected;
    for (const auto& [table, columns] :
         std::vector<std::pair<std::string, std::string>>{{"user_roles", "user_id, role_id"},
                                                          {"user_groups", "user_id, group_id"},
                                                          {"group_roles", "group_id, role_id"},
                                                          {"role_permissions", "role_id, permission_id"}}) {
        app_.run(fmt::format("insert into sentinel.{0} (tenant_id, id, {1}) values ('{2}', '{2}', '{2}', '{2}')", table, columns,
                             tenant));
        app_.run(fmt::format("update sentinel.{} set granted_by = '{}'", table == "user_groups" ? "user_roles" : table, tenant));
        app_.run(fmt::format("delete from sentinel.{}", table));
        expected.push_back(table + " created " + tenant);
        expected.push_back(table + " deleted " + tenant);
    }
    app_.run(fmt::format(
        "insert into sentinel.inherited_role_assignments (tenant_id, id, subject_type, subject_id, role_tenant_id, role_id) "
        "values ('{0}', '{0}', 'group', '{0}', '{1}', '{0}')",
        tenant, platform_tenant));
    app_.run("update sentinel.inherited_role_assignments set is_active = false");
    expected.push_back("inherited_role_assignments created " + tenant);
    expected.push_back("inherited_role_assignments updated " + tenant);
    app_.run("update sentinel.tenants set settings = '{\"approval_required\": true}', name = 'other', name_folded = 'other'");
    expected.push_back("tenant updated " + tenant);
    app_.run("update sentinel.tenants set name = 'third', name_folded = 'third', metadata = '{\"a\": 1}'");
    EXPECT_EQ(changes(tenant, 3), expected);
    writer.commit();
}

struct UserChange {
    const char* set;
    bool is_policy;
    friend void PrintTo(const UserChange& change, std::ostream* out) { *out << change.set; }
};

class PolicyColumnsOfUsers : public PolicyChanges, public ::testing::WithParamInterface<UserChange> {};

TEST_P(PolicyColumnsOfUsers, AreWhatCounts) {
    const std::string tenant = furnished();
    const std::string update = fmt::format("update sentinel.users set {}", GetParam().set);
    As writer(app_, tenant);
    EXPECT_EQ(writer.state_of(update), GetParam().is_policy ? revision_missing : "");
    writer.revision(tenant, 3);
    EXPECT_EQ(writer.state_of(update), "");
    EXPECT_EQ(changes(tenant, 3),
              GetParam().is_policy ? std::vector<std::string>{"user updated " + tenant} : std::vector<std::string>{});
}

INSTANTIATE_TEST_SUITE_P(
    All, PolicyColumnsOfUsers,
    ::testing::Values(UserChange{"is_active = false", true}, UserChange{"deleted_at = now()", true},
                      UserChange{"email_index = sha256('new')", true}, UserChange{"email_encrypted = 'other letter case'", true},
                      UserChange{"username = 'another'", true}, UserChange{"attributes = '{\"a\": 1}'", true},
                      UserChange{"attributes_encrypted = 'sealed'", true}, UserChange{"lock_kind = 'admin'", true},
                      UserChange{"lock_kind = 'admin', locked_until = now()", true}, UserChange{"is_active = is_active", false},
                      UserChange{"lock_kind = 'auto', locked_until = now(), failed_login_count = 5", false},
                      UserChange{"last_login = now(), login_count = login_count + 1", false},
                      UserChange{"preferences = '{\"a\": 1}'", false},
                      UserChange{"password_hash = 'hash', password_changed_at = now()", false},
                      UserChange{"token_epoch = 7", false}, UserChange{"avatar_id = id", false},
                      UserChange{"allowed_cidrs = '{10.0.0.0/8}'", false}, UserChange{"mfa_enabled = true", false}));

TEST_F(PolicyChanges, AnAdministratorsLockCountsWhenItComesMovesAndGoes) {
    const std::string tenant = furnished();
    As writer(app_, tenant);
    int revision = 3;
    for (const char* change :
         {"lock_kind = 'admin', locked_until = null", "locked_until = now() + interval '1 day'", "lock_kind = null"}) {
        writer.revision(tenant, revision);
        app_.run(fmt::format("update sentinel.users set {}", change));
        EXPECT_EQ(changes(tenant, revision).size(), 1U) << change;
        ++revision;
    }
}

TEST_F(PolicyChanges, NeedARevisionOfTheVeryTenant) {
    const std::string tenant = furnished();
    const std::string other = make_tenant(app_);
    As writer(app_, tenant);
    const std::string write = insert_role(tenant, fresh());
    EXPECT_EQ(writer.state_of(write), revision_missing);
    writer.revisions("");
    EXPECT_EQ(writer.state_of(write), revision_missing);
    writer.revision(other, 5);
    EXPECT_EQ(writer.state_of(write), revision_missing);
    writer.revision(tenant, 5);
    EXPECT_EQ(writer.state_of(write), "");
    EXPECT_EQ(writer.state_of("delete from sentinel.roles where false"), "") << "a statement that touches no row changes nothing";
    EXPECT_EQ(changes(tenant, 5).size(), 1U);
}

TEST_F(PolicyChanges, OfRolesReachTheDescendantsThatAreNamedAndOfPeopleDoNot) {
    const std::string parent = furnished();
    const std::string child = make_child(app_, parent);
    const std::string stranger = make_tenant(app_);
    As writer(app_, parent);
    writer.revisions(fmt::format(R"({{"{}": 7, "{}": 4, "{}": 9}})", parent, child, stranger));
    app_.run("update sentinel.roles set priority = 5");
    app_.run("update sentinel.users set username = 'renamed'");
    EXPECT_EQ(changes(parent, 7), (std::vector<std::string>{"role updated " + parent, "user updated " + parent}));
    EXPECT_EQ(changes(child, 4), std::vector<std::string>{"role updated " + parent});
    EXPECT_EQ(
        app_.value("select source_tenant_id from sentinel_private.policy_changes where tenant_id = $1 and revision = 4", {child}),
        parent);
    EXPECT_EQ(changes(stranger, 9), std::vector<std::string>{});
}

TEST_F(PolicyChanges, SuspendingAFamilyInOneStatementTellsEachMember) {
    const std::string parent = make_tenant(app_);
    const std::string child = make_child(app_, parent);
    As writer(app_, parent);
    writer.revisions(fmt::format(R"({{"{}": 2, "{}": 2}})", parent, child));
    app_.run("update sentinel.tenants set is_active = false, suspended_at = now()");
    EXPECT_EQ(changes(parent, 2), std::vector<std::string>{"tenant updated " + parent});
    const std::vector<std::string> of_child = changes(child, 2);
    EXPECT_EQ(of_child.size(), 2U) << "its own change, and that of its parent";
}

TEST_F(PolicyChanges, PastAThousandIdsARowSaysAll) {
    const std::string tenant = furnished();
    As writer(app_, tenant);
    const auto insert = [&](int count, const char* prefix) {
        app_.query(
            "insert into sentinel.roles (tenant_id, id, name) select $1, gen_random_uuid(), $2 || number from generate_series(1, "
            "$3::integer) number",
            {tenant, prefix, std::to_string(count)});
    };
    writer.revision(tenant, 3);
    insert(1000, "few");
    writer.revision(tenant, 4);
    insert(1001, "many");
    EXPECT_EQ(
        app_.value("select cardinality(object_ids) from sentinel_private.policy_changes where tenant_id = $1 and revision = 3",
                   {tenant}),
        "1000");
    EXPECT_EQ(changes(tenant, 4), std::vector<std::string>{"role created all"});
}

TEST_F(PolicyChanges, OfAUserInvalidateThatUserAndOfARoleEverything) {
    const std::string tenant = furnished();
    As writer(app_, tenant);
    writer.revision(tenant, 3);
    app_.run("update sentinel.users set is_active = false");
    app_.run("update sentinel.roles set priority = 9");
    const SetupRows rows = app_.query(
        "select invalidates ->> 'users', invalidates ->> 'resources' from sentinel_private.policy_changes where tenant_id = $1 "
        "and revision = 3 order by seq",
        {tenant});
    EXPECT_EQ(rows, (SetupRows{{"[\"" + tenant + "\"]", "[]"}, {"all", "all"}}));
}

TEST_F(PolicyChanges, ComeFromCascadesAsWell) {
    const std::string tenant = furnished();
    As writer(app_, tenant);
    writer.revision(tenant, 3);
    app_.run(fmt::format(
        "insert into sentinel.user_roles (tenant_id, id, user_id, role_id, granted_by) values ('{0}', '{0}', '{0}', '{0}', "
        "'{0}')",
        tenant));
    writer.revision(tenant, 4);
    app_.run("delete from sentinel.roles");
    EXPECT_EQ(changes(tenant, 4).size(), 2U);
}

TEST_F(PolicyChanges, AreGoneWithARollback) {
    const std::string tenant = furnished();
    {
        As writer(app_, tenant);
        writer.revision(tenant, 3);
        app_.run("update sentinel.roles set priority = 9");
        EXPECT_EQ(changes(tenant, 3).size(), 1U);
    }
    EXPECT_EQ(changes(tenant, 3), std::vector<std::string>{});
}

}  // namespace
}  // namespace sentinel::postgres::testing
