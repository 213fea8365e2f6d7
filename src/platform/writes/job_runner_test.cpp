#include "platform/writes/job_runner.hpp"

#include <gtest/gtest.h>

#include "platform/service/error.hpp"
#include "platform/writes/writes_testing.hpp"

namespace sentinel::writes {
namespace {

using boost::asio::awaitable;
using testing::WritingNode;

class NoSink final : public telemetry::LogSink {
public:
    void write_line(std::string_view) override {}
};

/// Each test has a kind of its own in the one table.
class JobRunnerTest : public ::testing::Test {
protected:
    JobRunnerTest() {
        runner_.handle(kind_, [this](const Job& job) { return work(job); });
    }
    awaitable<core::json::Object> work(const Job& job) {
        ran_.push_back(job);
        if (meanwhile_) meanwhile_();
        if (!failure_.empty()) throw std::runtime_error(failure_);
        co_return core::json::Object{{"attempt", job.attempts}};
    }
    void enqueue(NewJob job) {
        platform::RequestContext context = WritingNode::system_context(tenant_);
        job.kind = kind_;
        node_.worker(0).run(node_.worker(0).writer().write<void>(
            context, [&](WriteTransaction& write) -> awaitable<void> { co_await write.enqueue(job); }));
    }
    bool run_one() { return run_one(runner_); }
    bool run_one(JobRunner& runner) { return node_.worker(0).run(runner.run_one()); }
    void update(const std::string& changes) {
        testing::TestDatabase::instance().owner().run("update sentinel_private.jobs set " + changes + " where kind = '" + kind_ +
                                                      "'");
    }
    /// Of the kind's jobs in the order in which they are due.
    std::string told(const std::string& expression) {
        return testing::TestDatabase::instance().owner().value(
            "select coalesce(string_agg((" + expression +
            ")::text, ' ' order by run_at), '') from sentinel_private.jobs where kind = '" + kind_ + "'");
    }
    JobRunnerOptions options() { return {.node = access::testing::new_uuid(), .interval = std::chrono::milliseconds(10)}; }

    WritingNode node_;
    core::TenantId tenant_ = access::testing::OtherNode().tenant();
    std::string kind_ = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    NoSink sink_;
    core::SystemClock clock_;
    telemetry::Logger log_{sink_, clock_, telemetry::LogFormat::json, telemetry::LogLevel::error};
    JobRunner runner_{node_.worker(0).context().get_executor(), node_.worker(0).database(), log_, options()};
    std::vector<Job> ran_;
    std::function<void()> meanwhile_;
    std::string failure_;
};

TEST_F(JobRunnerTest, RunsWhatIsDueOnceAndKeepsItsResult) {
    enqueue({.payload = {{"what", "this"}}});
    EXPECT_TRUE(run_one());
    EXPECT_FALSE(run_one());
    ASSERT_EQ(ran_.size(), 1U);
    EXPECT_EQ(ran_.front().tenant, tenant_);
    EXPECT_EQ(*ran_.front().payload.find("what")->text(), "this");
    EXPECT_EQ(told("state || ' ' || result || ' ' || (finished_at is not null)"), R"(done {"attempt": 1} true)");
}

TEST_F(JobRunnerTest, LeavesWhatIsNotDueAndWhatItCannotDo) {
    enqueue({.run_at = core::Instant{.seconds = 4'000'000'000}});
    EXPECT_FALSE(run_one());
    update("run_at = now()");
    JobRunner other(node_.worker(0).context().get_executor(), node_.worker(0).database(), log_, options());
    other.handle("something else", [this](const Job& job) { return work(job); });
    EXPECT_FALSE(run_one(other));
    EXPECT_EQ(told("state || ' ' || attempts"), "queued 0");
}

TEST_F(JobRunnerTest, TriesAgainLaterAndParksAfterTheLastTry) {
    enqueue({.max_attempts = 2});
    failure_ = "the mail server is away";
    EXPECT_TRUE(run_one());
    EXPECT_EQ(told("state || ' ' || attempts || ' ' || (run_at between now() + interval '4 s' and now() + interval '6 s')"),
              "queued 1 true");
    EXPECT_FALSE(run_one()) << "not due yet";
    update("run_at = now()");
    EXPECT_TRUE(run_one());
    EXPECT_EQ(told("state || ': ' || last_error"), "parked: the mail server is away");
    update("run_at = now()");
    EXPECT_FALSE(run_one());
}

TEST_F(JobRunnerTest, WaitsLongerAfterEachFailure) {
    std::vector<std::int64_t> delays;
    for (int attempt = 1; attempt <= 12; ++attempt) delays.push_back(runner_.delay_after(attempt).count());
    EXPECT_EQ(delays, (std::vector<std::int64_t>{5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600}));
}

TEST_F(JobRunnerTest, TakesTheJobOfADeadNodeWhenItsLeaseIsOver) {
    enqueue({});
    update("state = 'running', attempts = 1, locked_by = gen_random_uuid(), locked_until = now() + interval '1 minute'");
    EXPECT_FALSE(run_one());
    update("locked_until = now() - interval '1 second'");
    EXPECT_TRUE(run_one());
    EXPECT_EQ(told("state || ' ' || attempts"), "done 2");
}

TEST_F(JobRunnerTest, WhoLostItsLeaseDoesNotWriteTheEnd) {
    enqueue({});
    meanwhile_ = [this] {
        meanwhile_ = {};
        update("locked_until = now() - interval '1 second'");
        testing::WritingWorker& second = node_.worker(1);
        JobRunner other(second.context().get_executor(), second.database(), log_, options());
        other.handle(kind_,
                     [](const Job&) -> awaitable<core::json::Object> { co_return core::json::Object{{"by", "the other"}}; });
        EXPECT_TRUE(second.run(other.run_one()));
    };
    EXPECT_TRUE(run_one());
    EXPECT_EQ(told("result"), R"({"by": "the other"})");
}

TEST_F(JobRunnerTest, AnOpenJobOfTheSameKeyIsTheSameJob) {
    enqueue({.unique_key = "k"});
    enqueue({.unique_key = "k"});
    enqueue({.unique_key = "other"});
    enqueue({});
    enqueue({});
    EXPECT_EQ(told("coalesce(unique_key, '-')"), "k other - -");
    while (run_one()) {}
    enqueue({.unique_key = "k"});
    EXPECT_EQ(told("state"), "done done done done queued");
}

class RecurringJobTest : public JobRunnerTest {
protected:
    RecurringJobTest() {
        runner_.handle_every(std::chrono::hours(1), kind_, [this](const Job& job) { return work(job); });
    }
    /// Runs the loop until a job has come to its end.
    void run_once() {
        const std::size_t before = ran_.size();
        auto running = boost::asio::co_spawn(node_.worker(0).context(), runner_.run(), boost::asio::use_future);
        while (ran_.size() == before || told("case when state = 'running' then 'r' end").find('r') != std::string::npos)
            std::this_thread::yield();
        boost::asio::post(node_.worker(0).context(), [this] { runner_.stop(); });
        running.get();
    }
    static constexpr const char* state =
        "state || case when run_at > now() + interval '59 minutes' then ' in an hour' else '' end";
};

TEST_F(RecurringJobTest, RunsAtOnceAndAnHourLater) {
    run_once();
    EXPECT_EQ(told(state), "done queued in an hour");
}

TEST_F(RecurringJobTest, ANewNodePlansNothingTwice) {
    run_once();
    JobRunner next(node_.worker(0).context().get_executor(), node_.worker(0).database(), log_, options());
    next.handle_every(std::chrono::hours(1), kind_, [this](const Job& job) { return work(job); });
    auto running = boost::asio::co_spawn(node_.worker(0).context(), next.run(), boost::asio::use_future);
    boost::asio::post(node_.worker(0).context(), [&] { next.stop(); });
    running.get();
    EXPECT_EQ(told(state), "done queued in an hour");
}

TEST_F(RecurringJobTest, AParkedRunDoesNotEndTheSeries) {
    run_once();
    update("run_at = now(), max_attempts = 1");
    failure_ = "away";
    EXPECT_TRUE(run_one());
    EXPECT_EQ(told(state), "done parked queued in an hour");
}

}  // namespace
}  // namespace sentinel::writes
