// Trees of roles, groups and tenants: no cycle, at most 32 deep (spec 15 section 6, rule 5).
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "schema_testing.hpp"

namespace sentinel::postgres::testing {
namespace {

/// The detail of the error that a statement fails with.
std::string refusal_of(SetupConnection& app, const std::string& statement) {
    app.run("savepoint here");
    try {
        app.run(statement);
    } catch (const SetupError& error) {
        app.run("rollback to here");
        return error.sqlstate() + " " + error.what();
    }
    return "passes";
}

struct Tree {
    const char* table;
    const char* parent_column;
    friend void PrintTo(const Tree& tree, std::ostream* out) { *out << tree.table; }
};

class Hierarchy : public ::testing::TestWithParam<Tree> {
protected:
    std::string insert(const std::string& id, const std::string& parent = {}) const {
        return fmt::format("insert into sentinel.{} (tenant_id, id, name, {}) values ('{}', '{}', 'n-{}', {})", GetParam().table,
                           GetParam().parent_column, tenant_, id, id, parent.empty() ? "null" : "'" + parent + "'");
    }
    std::string move(const std::string& id, const std::string& parent) const {
        return fmt::format("update sentinel.{} set {} = '{}' where id = '{}'", GetParam().table, GetParam().parent_column, parent,
                           id);
    }
    std::string fresh() const { return id_of(Schema::instance().fresh()); }

    SetupConnection app_ = Schema::instance().app();
    std::string tenant_ = make_tenant(app_);
};

TEST_P(Hierarchy, RefusesACycleAndNamesItsPath) {
    As writer(app_, tenant_);
    writer.revision(tenant_, 2);
    const std::string a = fresh();
    const std::string b = fresh();
    const std::string c = fresh();
    app_.run(insert(a));
    app_.run(insert(b, a));
    app_.run(insert(c, b));
    EXPECT_NE(refusal_of(app_, move(a, c)).find(fmt::format("({},{},{},{})", a, c, b, a)), std::string::npos)
        << refusal_of(app_, move(a, c));
    EXPECT_NE(refusal_of(app_, move(a, a)).find(fmt::format("({},{})", a, a)), std::string::npos);
    EXPECT_EQ(writer.state_of(move(a, c)), hierarchy_refused);
    EXPECT_EQ(writer.state_of(move(c, a)), "");
}

TEST_P(Hierarchy, NestsThirtyTwoDeepAndNoDeeper) {
    As writer(app_, tenant_);
    writer.revision(tenant_, 2);
    std::string last = fresh();
    app_.run(insert(last));
    for (int level = 2; level <= 32; ++level) {
        const std::string next = fresh();
        app_.run(insert(next, last));
        last = next;
    }
    EXPECT_EQ(writer.state_of(insert(fresh(), last)), hierarchy_refused);
    // A subtree of two does not fit below level 31 either.
    const std::string top = fresh();
    const std::string below = fresh();
    app_.run(insert(top));
    app_.run(insert(below, top));
    const std::string level_31 =
        app_.value(fmt::format("select {} from sentinel.{} where id = '{}'", GetParam().parent_column, GetParam().table, last));
    EXPECT_EQ(writer.state_of(move(top, level_31)), hierarchy_refused);
    EXPECT_EQ(writer.state_of(move(below, level_31)), "");
}

TEST_P(Hierarchy, OfTwoTransactionsThatCloseACycleOneFails) {
    const std::string a = fresh();
    const std::string b = fresh();
    {
        As setup(app_, tenant_);
        setup.revision(tenant_, 2);
        app_.run(insert(a));
        app_.run(insert(b));
        setup.commit();
    }
    SetupConnection second = Schema::instance().app();
    As first_writer(app_, tenant_);
    first_writer.revision(tenant_, 3);
    app_.run(move(a, b));
    std::string state = "not run";
    const int waiting_process = std::stoi(second.value("select pg_backend_pid()"));
    std::jthread other([&] {
        As second_writer(second, tenant_);
        second_writer.revision(tenant_, 4);
        state = second_writer.state_of(move(b, a));
    });
    SetupConnection watcher = Schema::instance().app();
    while (watcher.value("select cardinality(pg_blocking_pids($1)) > 0", {std::to_string(waiting_process)}) != "t") {
        std::this_thread::yield();
    }
    first_writer.commit();
    other.join();
    EXPECT_EQ(state, hierarchy_refused);
}

TEST_P(Hierarchy, IsNotWrittenOnAnOldSnapshot) {
    As writer(app_, tenant_, "repeatable read");
    writer.revision(tenant_, 2);
    const std::string a = fresh();
    app_.run(insert(a));
    EXPECT_EQ(writer.state_of(insert(fresh(), a)), "0A000");
}

INSTANTIATE_TEST_SUITE_P(Trees, Hierarchy, ::testing::Values(Tree{"roles", "parent_role_id"}, Tree{"groups", "parent_group_id"}),
                         [](const auto& tree) { return std::string(tree.param.table); });

TEST(TenantHierarchy, IsFixedAndAtMostThirtyTwoDeep) {
    SetupConnection app = Schema::instance().app();
    const std::string root = make_tenant(app);
    As platform(app, platform_tenant);
    std::string revisions = "{";
    std::vector<std::string> family{root};
    for (int level = 2; level <= 33; ++level) family.push_back(id_of(Schema::instance().fresh()));
    for (const std::string& member : family) revisions += fmt::format(R"({}"{}": 2)", revisions == "{" ? "" : ",", member);
    platform.revisions(revisions + "}");
    std::string ancestors = root;
    for (std::size_t level = 2; level <= 33; ++level) {
        const std::string insert =
            insert_tenant(family[level - 1], fmt::format("DEEP-{}", level), "{" + ancestors + "}", family[level - 2]);
        EXPECT_EQ(platform.state_of(insert), level <= 32 ? "" : hierarchy_refused) << level;
        ancestors += "," + family[level - 1];
    }
    for (const char* change : {"code = 'OTHER'", "type = 'sub_tenant'", "parent_tenant_id = id", "id = gen_random_uuid()"}) {
        EXPECT_EQ(platform.state_of(fmt::format("update sentinel.tenants set {} where id = '{}'", change, root)), place_refused)
            << change;
    }
    EXPECT_EQ(platform.state_of(fmt::format("delete from sentinel.tenants where id = '{}'", root)), foreign_key_violation);
}

}  // namespace
}  // namespace sentinel::postgres::testing
