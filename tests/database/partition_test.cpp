// Months of audit_logs: made ahead, guarded, removed oldest first.
#include <string>
#include <vector>

#include "schema_testing.hpp"

namespace sentinel::postgres::testing {
namespace {

class Partitions : public ::testing::Test {
protected:
    void SetUp() override { owner_.run("begin"); }
    void TearDown() override { owner_.run("rollback"); }
    std::string month(const std::string& offset) {
        return owner_.value("select to_char((now() at time zone 'UTC') + $1::interval, 'YYYY_MM')", {offset});
    }
    /// A record that append_audit would not write: of another time.
    void record_of(const std::string& tenant, const std::string& offset) {
        owner_.query(
            "insert into sentinel.audit_logs select $1, gen_random_uuid(), 1000 + (random() * 1e9)::bigint, null, 'system', "
            "'{}', 'a', "
            "null, null, null, '{}', 'success', null, '{}', null, null, '{}', now() + $2::interval, sha256('d'), sha256('m'), "
            "sha256('p'), sha256('r')",
            {tenant, offset});
    }
    SetupConnection owner_ = Schema::instance().owner();
};

TEST_F(Partitions, StandThreeMonthsAhead) {
    for (const char* offset : {"0", "1 month", "2 months", "3 months"}) {
        EXPECT_EQ(owner_.value("select to_regclass('sentinel.audit_logs_' || $1) is not null", {month(offset)}), "t") << offset;
    }
    EXPECT_EQ(owner_.value("select count(*) from sentinel.audit_logs_default"), "0");
}

TEST_F(Partitions, AreMadeOnceAndGuarded) {
    const std::string make = "select sentinel.make_month_partition('audit_logs', (now() + interval '5 months')::date)";
    EXPECT_EQ(owner_.value(make), "t");
    EXPECT_EQ(owner_.value(make), "f");
    EXPECT_EQ(schema_faults(owner_), std::vector<std::string>{});
    EXPECT_EQ(owner_.value("select count(*) from pg_index where indrelid = ('sentinel.audit_logs_' || $1)::regclass",
                           {month("5 months")}),
              owner_.value("select count(*) from pg_index where indrelid = 'sentinel.audit_logs'::regclass"));
}

TEST_F(Partitions, TakeOverWhatTheDefaultPartitionHeld) {
    record_of(platform_tenant, "6 months");
    EXPECT_EQ(owner_.value("select count(*) from sentinel.audit_logs_default"), "1");
    owner_.run("select sentinel.make_month_partition('audit_logs', (now() + interval '6 months')::date)");
    EXPECT_EQ(owner_.value("select count(*) from sentinel.audit_logs_default"), "0");
    EXPECT_EQ(owner_.value("select count(*) from sentinel.audit_logs_" + month("6 months")), "1");
}

TEST_F(Partitions, AreOnlyMadeWhereThatMakesSense) {
    SetupConnection app = Schema::instance().app();
    As anybody(app, platform_tenant);
    EXPECT_EQ(anybody.state_of("select sentinel.make_month_partition('audit_logs', (now() + interval '14 months')::date)"),
              "22023");
    EXPECT_EQ(anybody.state_of("select sentinel.make_month_partition('audit_logs', (now() - interval '3 months')::date)"),
              "22023");
    EXPECT_EQ(anybody.state_of("select sentinel.make_month_partition('users', now()::date)"), "42P01");
    EXPECT_EQ(anybody.state_of("select sentinel.make_month_partition('pg_class', now()::date)"), "42P01");
    EXPECT_EQ(anybody.state_of("select sentinel.apply_retention('audit_logs', 29)"), "22023");
    EXPECT_EQ(anybody.state_of("select sentinel.apply_retention('audit_logs', null)"), "22023");
    EXPECT_EQ(anybody.state_of("select sentinel.apply_retention('users', 100)"), "42P01");
    EXPECT_EQ(anybody.state_of("select sentinel.make_month_partition('audit_logs', (now() + interval '7 months')::date)"), "");
}

TEST_F(Partitions, OfThePastGoOldestFirst) {
    const std::string tenant = id_of(Schema::instance().fresh());
    for (const char* offset : {"-5 months", "-4 months", "-1 month"}) {
        owner_.query(
            "select set_config('sentinel.test_month', date_trunc('month', now() at time zone 'UTC' + $1::interval)::text, true)",
            {offset});
        owner_.run(
            "do $$ declare first date := current_setting('sentinel.test_month')::timestamp::date; begin execute format("
            "'create table sentinel.%I partition of sentinel.audit_logs for values from (%L) to (%L)', "
            "'audit_logs_' || to_char(first, 'YYYY_MM'), first::text || ' 00:00Z', (first + interval '1 month')::date::text || ' "
            "00:00Z'); "
            "end $$");
    }
    record_of(tenant, "-4 months");
    record_of(tenant, "-4 months");
    const SetupRows gone =
        owner_.query("select to_char(month, 'YYYY_MM'), tenant_id, records from sentinel.apply_retention('audit_logs', 62)");
    EXPECT_EQ(gone, (SetupRows{{month("-4 months"), tenant, "2"}})) << "an empty month goes without a row";
    EXPECT_EQ(owner_.value("select to_regclass('sentinel.audit_logs_' || $1) is null", {month("-5 months")}), "t");
    EXPECT_EQ(owner_.value("select to_regclass('sentinel.audit_logs_' || $1) is null", {month("-4 months")}), "t");
    EXPECT_EQ(owner_.value("select to_regclass('sentinel.audit_logs_' || $1) is null", {month("-1 month")}), "f");
    EXPECT_EQ(owner_.value("select count(*) from sentinel.apply_retention('audit_logs', 62)"), "0");
}

}  // namespace
}  // namespace sentinel::postgres::testing
