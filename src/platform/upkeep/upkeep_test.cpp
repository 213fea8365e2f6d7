#include "platform/upkeep/upkeep.hpp"

#include <gtest/gtest.h>

#include "platform/service/error.hpp"
#include "platform/writes/writes_testing.hpp"

namespace sentinel::upkeep {
namespace {

using writes::testing::TestDatabase;
using writes::testing::WritingNode;

class UpkeepTest : public ::testing::Test {
protected:
    std::string filled(std::string sql) const {
        for (const auto& [name, value] :
             {std::pair{"$t", "'" + tenant_.text() + "'"}, std::pair{"$u", "'" + user_.text() + "'"}}) {
            for (std::size_t at = sql.find(name); at != std::string::npos; at = sql.find(name)) sql.replace(at, 2, value);
        }
        return sql;
    }
    void sql(const std::string& script) { other_.sql().run(filled(script)); }
    std::string value(const std::string& query) { return other_.sql().value(filled(query)); }
    std::int64_t run() {
        const core::json::Object result = node_.worker(0).run(upkeep_.run({}));
        return static_cast<std::int64_t>(*result.find("removed")->number());
    }
    /// One row with each of these instants in `column`, numbered from 1; which numbers are left after a run.
    std::string left_of(const std::string& table, const std::string& columns, const std::string& values,
                        const std::vector<std::string>& instants) {
        for (std::size_t index = 0; index < instants.size(); ++index) {
            std::string row = values;
            const std::string number = std::to_string(index + 1);
            for (std::size_t at = row.find("$n"); at != std::string::npos; at = row.find("$n")) row.replace(at, 2, number);
            for (std::size_t at = row.find("$at"); at != std::string::npos; at = row.find("$at"))
                row.replace(at, 3, instants[index]);
            sql("insert into " + table + " (" + columns + ") values (" + row + ")");
        }
        run();
        return value("select coalesce(string_agg(right(id::text, 1), ',' order by id), '') from " + table +
                     " where tenant_id = $t");
    }

    WritingNode node_;
    access::testing::OtherNode other_;
    core::TenantId tenant_ = other_.tenant();
    core::UserId user_ = other_.user(tenant_);
    Upkeep upkeep_{node_.worker(0).database()};
};

constexpr const char* id = "'00000000-0000-4000-8000-00000000000$n'";
const std::vector<std::string> expiries = {"now() - interval '61 minutes'", "now() - interval '59 minutes'",
                                           "now() + interval '1 minute'"};

TEST_F(UpkeepTest, WhatExpiredGoesAnHourLater) {
    const std::string hash = "sha256('$n')";
    EXPECT_EQ(left_of("sentinel.password_reset_tokens", "tenant_id, id, user_id, purpose, token_hash, expires_at, used_at",
                      std::string("$t, ") + id + ", $u, 'reset', " + hash + ", $at, now()", expiries),
              "2,3");
    EXPECT_EQ(left_of("sentinel.login_challenges", "tenant_id, id, user_id, purpose, token_hash, expires_at, ip_hash",
                      std::string("$t, ") + id + ", $u, 'mfa', " + hash + ", $at, sha256('')", expiries),
              "2,3");
    EXPECT_EQ(
        left_of("sentinel.idempotency_keys", "tenant_id, id, principal_id, route, key_hash, request_hash, status, expires_at",
                std::string("$t, ") + id + ", $u, 'r', " + hash + ", sha256(''), 200, $at", expiries),
        "2,3");
    EXPECT_EQ(left_of("sentinel.token_blacklist", "tenant_id, id, jti_hash, user_id, token_type, revoked_at, expires_at",
                      std::string("$t, ") + id + ", " + hash + ", $u, 'access', now() - interval '2 hours', $at", expiries),
              "2,3");
}

TEST_F(UpkeepTest, SharedTablesAreKeptTheSameWay) {
    for (const std::string& expiry : expiries) {
        sql("insert into sentinel_private.revocations (tenant_id, kind, ref, expires_at) values ($t, 'jti', 'x', " + expiry +
            ")");
        sql("insert into sentinel_private.rate_limits (identifier, action_type, expires_at) values "
            "(sha256(gen_random_uuid()::text::bytea), "
            "$t, " +
            expiry + ")");
    }
    const std::string job =
        "insert into sentinel_private.jobs (id, tenant_id, kind, state, finished_at) values (gen_random_uuid(), $t, ";
    sql(job + "'x', 'done', now() - interval '31 days')");
    sql(job + "'x', 'parked', now() - interval '31 days')");
    sql(job + "'x', 'done', now() - interval '29 days')");
    sql(job + "'x', 'queued', null)");
    run();
    EXPECT_EQ(value("select count(*)::text from sentinel_private.revocations where tenant_id = $t"), "2");
    EXPECT_EQ(value("select count(*)::text from sentinel_private.rate_limits where action_type = $t"), "2");
    EXPECT_EQ(
        value("select string_agg(state, ',' order by state) from sentinel_private.jobs where tenant_id = $t and kind = 'x'"),
        "done,parked,queued");
}

TEST_F(UpkeepTest, SessionsEndOfThemselvesAndGoAfterNinetyDays) {
    const std::string columns =
        "tenant_id, id, user_id, auth_method, amr, auth_time, ip_hash, last_used_at, idle_expires_at, expires_at, ended_at, "
        "end_reason";
    const std::string row = std::string("$t, ") + id + ", $u, 'password', '{}', now(), sha256(''), now(), $at";
    EXPECT_EQ(left_of("sentinel.sessions", columns, row,
                      {"now() + interval '1 day', now() + interval '1 day', null, null",
                       "now() - interval '59 minutes', now() + interval '1 day', null, null",
                       "now() - interval '2 days', now() + interval '1 day', null, null",
                       "now() - interval '91 days', now() - interval '80 days', null, null",
                       "now() + interval '1 day', now() + interval '1 day', now() - interval '91 days', 'logout'",
                       "now() - interval '91 days', now() - interval '91 days', now() - interval '89 days', 'admin'"}),
              "1,2,3,6");
    EXPECT_EQ(value("select end_reason from sentinel.sessions where tenant_id = $t and id::text like '%3' and ended_at = "
                    "idle_expires_at"),
              "expired");
    EXPECT_EQ(value("select count(*)::text from sentinel.sessions where tenant_id = $t and ended_at is null"), "2");
}

TEST_F(UpkeepTest, ARefreshTokenGoesWithItsExpiryOrItsSession) {
    sql("insert into sentinel.sessions (tenant_id, id, user_id, auth_method, amr, auth_time, ip_hash, last_used_at, "
        "idle_expires_at, "
        "expires_at) values ($t, $u, $u, 'password', '{}', now(), sha256(''), now(), now() + interval '1 day', now() + interval "
        "'1 day')");
    EXPECT_EQ(left_of("sentinel.refresh_tokens", "tenant_id, id, user_id, session_id, token_hash, created_at, expires_at",
                      std::string("$t, ") + id + ", $u, $u, sha256('$n'), now() - interval '2 days', $at", expiries),
              "2,3");
}

TEST_F(UpkeepTest, OutboxesAreKeptForThirtyDays) {
    EXPECT_EQ(left_of("sentinel.event_outbox", "tenant_id, id, event, created_at", std::string("$t, ") + id + ", 'x', $at",
                      {"now() - interval '31 days'", "now() - interval '29 days'"}),
              "2");
    EXPECT_EQ(left_of("sentinel.mail_outbox", "tenant_id, id, to_encrypted, template, data_encrypted, updated_at, status",
                      std::string("$t, ") + id + ", '\\x00', 'x', '\\x00', $at",
                      {"now() - interval '31 days', 'sent'", "now() - interval '31 days', 'failed'",
                       "now() - interval '31 days', 'pending'", "now() - interval '29 days', 'sent'"}),
              "3,4");
}

TEST_F(UpkeepTest, ChangesGoByWholeRevisions) {
    sql("delete from sentinel_private.policy_changes where tenant_id = $t");
    const std::string insert =
        "insert into sentinel_private.policy_changes (tenant_id, revision, source_tenant_id, kind, op, invalidates, at) select "
        "$t, ";
    sql(insert + "1, $t, 'user', 'updated', '{}', now() - interval '25 hours' from generate_series(1, 3)");
    sql(insert + "2, $t, 'user', 'updated', '{}', now() - interval '25 hours'");
    sql(insert + "2, $t, 'role', 'updated', '{}', now() - interval '23 hours'");
    sql(insert + "3, $t, 'role', 'updated', '{}', now()");
    run();
    EXPECT_EQ(value("select string_agg(revision::text, ',' order by revision, seq) from sentinel_private.policy_changes where "
                    "tenant_id = $t"),
              "2,2,3")
        << "half of revision 2 would pass for all of it";
    sql(insert + "n, $t, 'user', 'updated', '{}', now() from generate_series(4, 100010) n");
    run();
    EXPECT_EQ(value("select min(revision)::text || ' ' || count(*) from sentinel_private.policy_changes where tenant_id = $t"),
              "10 100001");
    sql("update sentinel_private.policy_changes set at = now() - interval '25 hours' where tenant_id = $t");
    run();
    EXPECT_EQ(value("select count(*)::text from sentinel_private.policy_changes where tenant_id = $t"), "0");
}

TEST_F(UpkeepTest, MoreThanABatchGoesInOneRun) {
    sql("insert into sentinel.idempotency_keys (tenant_id, id, principal_id, route, key_hash, request_hash, status, expires_at) "
        "select $t, gen_random_uuid(), $u, n::text, sha256(''), sha256(''), 200, now() - interval '1 day' from "
        "generate_series(1, 20001) n");
    EXPECT_GE(run(), 20'001);
    EXPECT_EQ(value("select count(*)::text from sentinel.idempotency_keys where tenant_id = $t"), "0");
    EXPECT_EQ(run(), 0);
}

TEST_F(UpkeepTest, EachTenantHasItsTurn) {
    const std::string insert =
        "insert into sentinel.event_outbox (tenant_id, id, event, created_at) select id, gen_random_uuid(), 'x', "
        "now() - interval '31 days' from sentinel.tenants";
    for (int count = 0; count < 3; ++count) other_.tenant();
    sql(insert);
    run();
    EXPECT_EQ(value("select count(*)::text from sentinel.event_outbox where created_at < now() - interval '30 days'"), "0");
}

TEST_F(UpkeepTest, MakesTheNextMonths) {
    const std::string last = value("select 'audit_logs_' || to_char(now() at time zone 'UTC' + interval '3 months', 'YYYY_MM')");
    sql("drop table sentinel." + last);
    run();
    EXPECT_EQ(value("select count(*)::text from pg_inherits where inhparent = 'sentinel.audit_logs'::regclass and inhrelid = "
                    "to_regclass('sentinel." +
                    last + "')"),
              "1");
}

TEST_F(UpkeepTest, AStoppedRunEndsAndIsDoneLater) {
    sql("insert into sentinel.event_outbox (tenant_id, id, event, created_at) values ($t, gen_random_uuid(), 'x', now() - "
        "interval '31 days')");
    upkeep_.stop();
    EXPECT_THROW(run(), platform::ServiceError);
    Upkeep next(node_.worker(0).database());
    node_.worker(0).run(next.run({}));
    EXPECT_EQ(value("select count(*)::text from sentinel.event_outbox where tenant_id = $t"), "0");
}

}  // namespace
}  // namespace sentinel::upkeep
