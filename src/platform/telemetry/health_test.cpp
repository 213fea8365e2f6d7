#include "platform/telemetry/health.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sentinel::telemetry {
namespace {

using enum Component;
using enum ComponentState;
namespace json = core::json;

class Health : public testing::Test {
protected:
    void record_all(ComponentState state) {
        for (const Component component : {database, snapshot, audit, auth, cache, ai_engine, jobs, mail, webhooks}) {
            model_.record(component, {.state = state});
        }
    }
    void make_ready() {
        model_.disable(biometrics);
        record_all(healthy);
        record_all(healthy);
        ASSERT_TRUE(model_.is_ready());
    }
    void pass(std::int64_t seconds) { clock_.set(clock_.now().plus_seconds(seconds)); }
    std::string ready_text() const { return json::to_text(model_.ready().body); }
    std::string status() const { return *model_.health().body.find("status")->text(); }
    std::string service(std::string_view name) const {
        return *model_.health().body.find("services")->object()->find(name)->text();
    }

    core::FixedClock clock_{{1767323045, 6789}};
    HealthModel model_{clock_, {.version = "1.2.3", .cache_backend = "memory"}};
};

TEST_F(Health, IsAliveWhateverElse) {
    EXPECT_EQ(model_.live().status, 200);
    EXPECT_EQ(json::to_text(model_.live().body), R"({"status":"alive"})");
    record_all(unhealthy);
    model_.begin_drain();
    EXPECT_EQ(model_.live().status, 200);
}

TEST_F(Health, StartsStepByStep) {
    EXPECT_EQ(model_.startup().status, 503);
    model_.note_started(StartStep::configuration);
    model_.note_started(StartStep::keys);
    EXPECT_EQ(json::to_text(model_.startup().body), R"({"failing":["migrations","snapshot"],"status":"starting"})");
    model_.note_started(StartStep::migrations);
    model_.note_started(StartStep::snapshot);
    EXPECT_EQ(model_.startup().status, 200);
}

TEST_F(Health, IsUnreadyBeforeTheFirstChecks) {
    EXPECT_EQ(model_.ready().status, 503);
    EXPECT_EQ(ready_text(), R"({"failing":["database","snapshot","audit","auth"],"status":"unready"})");
    EXPECT_EQ(model_.health().status, 503);
}

TEST_F(Health, IsReadyWithTheFirstGoodChecks) {
    record_all(healthy);
    EXPECT_TRUE(model_.is_ready());
}

TEST_F(Health, NeedsTwoGoodChecksToComeBack) {
    record_all(healthy);
    model_.record(auth, {.state = unhealthy});
    EXPECT_EQ(ready_text(), R"({"failing":["auth"],"status":"unready"})");
    model_.record(auth, {.state = healthy});
    EXPECT_FALSE(model_.is_ready());
    model_.record(auth, {.state = degraded});
    EXPECT_TRUE(model_.is_ready());
}

TEST_F(Health, BearsWithADatabaseThatIsAwayForTenSeconds) {
    make_ready();
    model_.record(database, {.state = unhealthy});
    EXPECT_TRUE(model_.is_ready());
    EXPECT_EQ(model_.health().status, 503);
    pass(10);
    model_.record(database, {.state = unhealthy});
    EXPECT_TRUE(model_.is_ready());
    pass(1);
    EXPECT_FALSE(model_.is_ready());
    model_.record(database, {.state = healthy});
    EXPECT_FALSE(model_.is_ready());
    model_.record(database, {.state = healthy});
    EXPECT_TRUE(model_.is_ready());
}

TEST_F(Health, DistrustsOldResults) {
    make_ready();
    pass(health_result_life.count());
    EXPECT_TRUE(model_.is_ready());
    EXPECT_EQ(status(), "healthy");
    pass(1);
    EXPECT_FALSE(model_.is_ready());
    EXPECT_EQ(status(), "unhealthy");
    EXPECT_EQ(service("biometrics"), "disabled");
    record_all(healthy);
    EXPECT_FALSE(model_.is_ready());
    record_all(healthy);
    EXPECT_TRUE(model_.is_ready());
}

TEST_F(Health, IsNeverReadyOnceDraining) {
    make_ready();
    model_.begin_drain();
    EXPECT_TRUE(model_.is_draining());
    EXPECT_EQ(model_.ready().status, 503);
    EXPECT_EQ(ready_text(), R"({"failing":[],"status":"draining"})");
    record_all(healthy);
    EXPECT_FALSE(model_.is_ready());
}

TEST_F(Health, TellsTheWorstOfWhatStandsBehindAService) {
    make_ready();
    EXPECT_EQ(
        json::to_text(model_.health().body),
        R"({"cache_backend":"memory","services":{"ai_engine":"healthy","auth":"healthy","biometrics":"disabled","cache":"healthy",)"
        R"("database":"healthy"},"status":"healthy","timestamp":"2026-01-02T03:04:05.000006Z","version":"1.2.3"})");
    model_.record(snapshot, {.state = degraded});
    EXPECT_EQ(service("database"), "degraded");
    EXPECT_EQ(status(), "degraded");
    model_.record(audit, {.state = unhealthy});
    EXPECT_EQ(service("database"), "unhealthy");
    EXPECT_EQ(status(), "unhealthy");
    EXPECT_EQ(model_.health().status, 503);
}

TEST_F(Health, IsOnlyDegradedWithoutWhatReadyDoesNotNeed) {
    for (const Component component : {cache, ai_engine, jobs, mail, webhooks}) {
        make_ready();
        model_.record(component, {.state = unhealthy});
        EXPECT_EQ(status(), "degraded") << text_of(component);
        EXPECT_EQ(model_.health().status, 200);
        EXPECT_TRUE(model_.is_ready());
    }
}

TEST_F(Health, S39TellsNoDetailToThePublic) {
    make_ready();
    model_.record(database, {.state = unhealthy, .detail = "connection to 10.0.0.5 refused", .error_code = "08006"});
    for (const auto& answer : {model_.health(), model_.ready(), model_.live(), model_.startup()}) {
        const std::string text = json::to_text(answer.body);
        EXPECT_FALSE(text.contains("10.0.0.5") || text.contains("08006")) << text;
    }
    const HealthModel quiet(clock_, {.version = "1.2.3", .cache_backend = "memory", .public_detail = false});
    EXPECT_EQ(json::to_text(quiet.health().body), R"({"status":"unhealthy","timestamp":"2026-01-02T03:04:05.000006Z"})");
}

TEST_F(Health, TellsOperatorsOfEachComponent) {
    model_.record(database,
                  {.state = unhealthy, .latency = std::chrono::microseconds(1500), .detail = "no answer", .error_code = "08006"});
    pass(5);
    model_.record(database, {.state = healthy, .latency = std::chrono::microseconds(250)});
    const json::Object components = model_.components();
    EXPECT_EQ(components.size(), component_count);
    EXPECT_EQ(
        json::to_text(*components.find("database")),
        R"({"detail":null,"last_error_code":"08006","latency_ms":0.25,"since":"2026-01-02T03:04:10.000006Z","state":"healthy"})");
    EXPECT_EQ(
        json::to_text(*components.find("mail")),
        R"({"detail":null,"last_error_code":null,"latency_ms":null,"since":"2026-01-02T03:04:05.000006Z","state":"unhealthy"})");
}

}  // namespace
}  // namespace sentinel::telemetry
