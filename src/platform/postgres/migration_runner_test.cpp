#include "platform/postgres/migration_runner.hpp"

#include <algorithm>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "platform/postgres/bootstrap_roles.hpp"
#include "platform/postgres/setup_testing.hpp"

namespace sentinel::postgres {
namespace {

using testing::setup_error_of;
using Kind = SetupError::Kind;

std::vector<Migration> with_one_more(std::string_view text) {
    const auto embedded = embedded_migrations();
    std::vector<Migration> migrations(embedded.begin(), embedded.end());
    static constexpr std::string_view checksum = "00000000000000000000000000000000000000000000000000000000000000aa";
    migrations.push_back({static_cast<int>(migrations.size()) + 1, "one_more", checksum, text});
    return migrations;
}

// One server for all tests of the program: each begins with an empty database.
testing::TestServer& server() {
    static testing::TestServer instance;
    return instance;
}

SetupConnection empty_database() {
    SetupConnection owner = server().owner();
    owner.run("drop schema if exists sentinel, sentinel_private cascade");
    return owner;
}

class MigrationRunner : public ::testing::Test {
protected:
    SetupConnection owner_ = empty_database();
};

TEST_F(MigrationRunner, AppliesAllOnceAndThenNothing) {
    EXPECT_EQ(migration_status(owner_).at(0).state, MigrationState::pending);
    EXPECT_FALSE(schema_faults(owner_).empty());
    EXPECT_EQ(migrate_up(owner_).size(), embedded_migrations().size());
    const std::string first = owner_.value(
        "select string_agg(version || ' ' || applied_at, ',' order by version) "
        "from sentinel_private.schema_migrations");
    const std::string incarnation = owner_.value("select sentinel_private.incarnation()");
    EXPECT_TRUE(migrate_up(owner_).empty());
    EXPECT_EQ(
        owner_.value(
            "select string_agg(version || ' ' || applied_at, ',' order by version) from sentinel_private.schema_migrations"),
        first);
    EXPECT_EQ(owner_.value("select sentinel_private.incarnation()"), incarnation);
    for (const MigrationStatus& status : migration_status(owner_))
        EXPECT_EQ(status.state, MigrationState::applied) << status.name;
    EXPECT_EQ(schema_faults(owner_), std::vector<std::string>{});
    SetupConnection app = server().app();
    EXPECT_NO_THROW(require_sound_schema(app));
    const auto as_owner = setup_error_of([&] { require_sound_schema(owner_); });
    EXPECT_EQ(as_owner.first, Kind::wrong_schema);
}

TEST_F(MigrationRunner, RefusesAChangedChecksum) {
    migrate_up(owner_);
    owner_.run("update sentinel_private.schema_migrations set checksum = sha256('other') where version = 2");
    EXPECT_EQ(migration_status(owner_).at(1).state, MigrationState::changed);
    const auto [kind, message] = setup_error_of([&] { migrate_up(owner_); });
    EXPECT_EQ(kind, Kind::wrong_schema);
    EXPECT_NE(message.find("migration 2 (identity)"), std::string::npos) << message;
    SetupConnection app = server().app();
    EXPECT_EQ(setup_error_of([&] { require_sound_schema(app); }).first, Kind::wrong_schema);
}

TEST_F(MigrationRunner, RefusesADatabaseOfANewerProgram) {
    migrate_up(owner_, with_one_more("create table sentinel_private.newer (id integer)"));
    EXPECT_EQ(migration_status(owner_).back().state, MigrationState::unknown);
    const auto [kind, message] = setup_error_of([&] { migrate_up(owner_); });
    EXPECT_EQ(kind, Kind::wrong_schema);
    EXPECT_NE(message.find("newer than this program"), std::string::npos) << message;
}

TEST_F(MigrationRunner, LeavesNothingBehindWhenAMigrationFails) {
    const auto failing = with_one_more("create table sentinel_private.half (id integer); select 1 / 0");
    EXPECT_EQ(setup_error_of([&] { migrate_up(owner_, failing); }).first, Kind::statement);
    EXPECT_EQ(owner_.value("select count(*) from pg_class where relname = 'half'"), "0");
    EXPECT_EQ(migration_status(owner_, failing).back().state, MigrationState::pending);
    EXPECT_TRUE(migrate_up(owner_).empty()) << "those before it stay";
}

TEST_F(MigrationRunner, RefusesAMigrationThatEndsItsTransaction) {
    const auto [kind, message] =
        setup_error_of([&] { migrate_up(owner_, with_one_more("create table sentinel_private.kept (id integer); commit")); });
    EXPECT_EQ(kind, Kind::wrong_schema) << message;
}

TEST_F(MigrationRunner, TwoAtOnceApplyEachMigrationOnce) {
    std::vector<std::size_t> applied(4, 0);
    {
        std::vector<std::jthread> runners;
        for (std::size_t& count : applied) {
            runners.emplace_back([&] {
                SetupConnection owner = server().owner();
                count = migrate_up(owner).size();
            });
        }
    }
    std::ranges::sort(applied);
    EXPECT_EQ(applied, (std::vector<std::size_t>{0, 0, 0, embedded_migrations().size()}));
    EXPECT_EQ(schema_faults(owner_), std::vector<std::string>{});
}

TEST_F(MigrationRunner, SaysWhoMayNotMigrate) {
    SetupConnection app = server().app();
    const auto [kind, message] = setup_error_of([&] { migrate_up(app); });
    EXPECT_EQ(kind, Kind::not_permitted);
    EXPECT_NE(message.find("logs in as sentinel_app"), std::string::npos) << message;
}

struct Gap {
    const char* statement;
    const char* fault;
    friend void PrintTo(const Gap& gap, std::ostream* out) { *out << gap.statement; }
};

class SchemaGap : public ::testing::TestWithParam<Gap> {
protected:
    static void SetUpTestSuite() {
        SetupConnection owner = empty_database();
        migrate_up(owner);
    }
};

TEST_P(SchemaGap, IsNamed) {
    SetupConnection owner = server().owner();
    owner.run("begin");
    owner.run(GetParam().statement);
    const std::vector<std::string> faults = schema_faults(owner);
    ASSERT_EQ(faults.size(), 1U) << ::testing::PrintToString(faults);
    EXPECT_NE(faults[0].find(GetParam().fault), std::string::npos) << faults[0];
    owner.run("rollback");
    EXPECT_EQ(schema_faults(owner), std::vector<std::string>{});
}

INSTANTIATE_TEST_SUITE_P(
    Catalogue, SchemaGap,
    ::testing::Values(
        Gap{"alter table sentinel.roles disable row level security", "row security is off on sentinel.roles"},
        Gap{"alter table sentinel.audit_logs_default disable row level security",
            "row security is off on sentinel.audit_logs_default"},
        Gap{"drop policy own_tenant on sentinel.users", "the policies of sentinel.users"},
        Gap{"create policy everybody on sentinel.users using (true)", "the policies of sentinel.users"},
        Gap{"alter policy own_tenant on sentinel.groups using (true)", "the policies of sentinel.groups"},
        Gap{"alter policy own_family on sentinel.tenants with check (true)", "the policies of sentinel.tenants"},
        Gap{"create policy own_tenant on sentinel.audit_logs_default using (true)",
            "the policies of sentinel.audit_logs_default"},
        Gap{"grant insert on sentinel.audit_logs to sentinel_app",
            "sentinel_app may INSERT, SELECT on sentinel.audit_logs and should"},
        Gap{"grant select on sentinel.audit_logs_default to sentinel_app",
            "on sentinel.audit_logs_default and should do nothing"},
        Gap{"revoke delete on sentinel.sessions from sentinel_app", "on sentinel.sessions"},
        Gap{"grant truncate on sentinel.users to sentinel_app", "on sentinel.users"},
        Gap{"grant update on sentinel_private.audit_head to sentinel_app", "on sentinel_private.audit_head"},
        Gap{"grant select on sentinel_private.server_keys to public",
            "others than sentinel_app have rights on sentinel_private.server_keys"},
        Gap{"grant update (mac) on sentinel.audit_logs to sentinel_app", "a column of sentinel.audit_logs"},
        Gap{"create table sentinel.naked (tenant_id uuid); alter table sentinel.naked enable row level security; "
            "grant select, insert, update, delete on sentinel.naked to sentinel_app",
            "the policies of sentinel.naked"},
        Gap{"alter table sentinel.users disable trigger note_updated",
            "the trigger note_updated of sentinel.users is switched off"},
        Gap{"grant create on schema sentinel to sentinel_app", "create objects in the schema sentinel"},
        Gap{"do $$ begin execute format('grant temp on database %I to sentinel_app', current_database()); end $$",
            "temporary tables"},
        Gap{"create function sentinel.leak() returns integer language sql security definer set search_path = pg_catalog, pg_temp "
            "return 1; "
            "revoke all on function sentinel.leak() from public",
            "sentinel.leak() runs with its owner's rights"},
        Gap{"alter function sentinel.apply_retention(text, integer) reset search_path", "without a fixed search_path"},
        Gap{"grant execute on function sentinel_private.place_tenant() to public",
            "everybody may execute sentinel_private.place_tenant()"},
        Gap{"grant execute on all procedures in schema sentinel_private to sentinel_app; revoke execute on procedure "
            "sentinel_private.keep_touched(regclass), sentinel_private.follow_policy_table(regclass, text, text[], text, text) "
            "from sentinel_app",
            "may execute the procedure sentinel_private.guard_tenant_table"},
        Gap{"alter default privileges in schema sentinel grant select on tables to sentinel_app", "ALTER DEFAULT PRIVILEGES"}));

}  // namespace
}  // namespace sentinel::postgres
