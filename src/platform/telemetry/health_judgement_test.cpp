#include "platform/telemetry/health_judgement.hpp"

#include <gtest/gtest.h>

namespace sentinel::telemetry {
namespace {

using enum ComponentState;
using namespace std::chrono_literals;

TEST(HealthJudgement, OfTheDatabase) {
    const DatabaseReading good{
        .answered = true, .writable = true, .schema_as_expected = true, .latency = 500ms, .pool_nearly_full_for = 29s};
    const auto judged = [&](auto change) {
        DatabaseReading reading = good;
        change(reading);
        return judge_database(reading);
    };
    EXPECT_EQ(judge_database(good), healthy);
    EXPECT_EQ(judged([](auto& reading) { reading.latency = 501ms; }), degraded);
    EXPECT_EQ(judged([](auto& reading) { reading.pool_nearly_full_for = 30s; }), degraded);
    EXPECT_EQ(judged([](auto& reading) { reading.answered = false; }), unhealthy);
    EXPECT_EQ(judged([](auto& reading) { reading.writable = false; }), unhealthy);
    EXPECT_EQ(judged([](auto& reading) { reading.schema_as_expected = false; }), unhealthy);
}

TEST(HealthJudgement, OfStaleness) {
    EXPECT_EQ(judge_staleness(3000ms, 30s), healthy);
    EXPECT_EQ(judge_staleness(3001ms, 30s), degraded);
    EXPECT_EQ(judge_staleness(30000ms, 30s), degraded);
    EXPECT_EQ(judge_staleness(30001ms, 30s), unhealthy);
    EXPECT_EQ(judge_staleness(std::nullopt, 30s), unhealthy);
    EXPECT_EQ(judge_staleness(2500ms, 2s), unhealthy);
}

TEST(HealthJudgement, OfTheAudit) {
    EXPECT_EQ(judge_audit({.write_lag = 5s, .disk_free_ratio = 0.11}), healthy);
    EXPECT_EQ(judge_audit({.write_lag = 5001ms}), degraded);
    EXPECT_EQ(judge_audit({.disk_free_ratio = 0.1}), degraded);
    EXPECT_EQ(judge_audit({.all_chains_whole = false}), degraded);
    EXPECT_EQ(judge_audit({.not_writable_for = 9s}), degraded);
    EXPECT_EQ(judge_audit({.not_writable_for = 10s}), unhealthy);
}

TEST(HealthJudgement, OfAuthentication) {
    const AuthReading good{.signing_key_life = 8 * 24h, .revocations_age = 1s, .clock_offset = -5s};
    const auto judged = [&](auto change) {
        AuthReading reading = good;
        change(reading);
        return judge_auth(reading, 30s);
    };
    EXPECT_EQ(judge_auth(good, 30s), healthy);
    EXPECT_EQ(judged([](auto& reading) { reading.signing_key_life = 7 * 24h; }), degraded);
    EXPECT_EQ(judged([](auto& reading) { reading.signing_key_life = 0s; }), unhealthy);
    EXPECT_EQ(judged([](auto& reading) { reading.signing_key_life = std::nullopt; }), unhealthy);
    EXPECT_EQ(judged([](auto& reading) { reading.revocations_age = 4s; }), degraded);
    EXPECT_EQ(judged([](auto& reading) { reading.revocations_age = 31s; }), unhealthy);
    EXPECT_EQ(judged([](auto& reading) { reading.revocations_age = std::nullopt; }), unhealthy);
    EXPECT_EQ(judged([](auto& reading) { reading.clock_offset = -5001ms; }), unhealthy);
    EXPECT_EQ(judged([](auto& reading) { reading.clock_offset = 5001ms; }), unhealthy);
}

TEST(HealthJudgement, OfJobsAndDeliveries) {
    EXPECT_EQ(judge_jobs(59s, 0), healthy);
    EXPECT_EQ(judge_jobs(60s, 0), degraded);
    EXPECT_EQ(judge_jobs(0s, 1), degraded);
    EXPECT_EQ(judge_delivery(0, 0), healthy);
    EXPECT_EQ(judge_delivery(95, 5), healthy);
    EXPECT_EQ(judge_delivery(94, 6), degraded);
    EXPECT_EQ(judge_delivery(0, 1), degraded);
}

}  // namespace
}  // namespace sentinel::telemetry
