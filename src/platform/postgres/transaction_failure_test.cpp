/// Connections and servers that go away in the middle.
#include <string>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "platform/postgres/commit_swallower_testing.hpp"
#include "platform/postgres/errors.hpp"
#include "platform/postgres/postgres_testing.hpp"

namespace sentinel::postgres {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Statement backend{"test.backend", "SELECT pg_backend_pid()"};
constexpr Statement sleep_long{"test.sleep_long", "SELECT pg_sleep(600)::text"};
constexpr Statement insert_row{"test.insert_row", "INSERT INTO rows_of_failures VALUES ($1)"};
constexpr Statement end_myself{"test.end_myself", "SELECT pg_terminate_backend(pg_backend_pid())"};

class FailureTest : public testing::DatabaseTest {
protected:
    void SetUp() override {
        cluster().execute("DROP TABLE IF EXISTS rows_of_failures; CREATE TABLE rows_of_failures (id integer)");
    }
    DatabaseOptions options() const override {
        DatabaseOptions options = DatabaseTest::options();
        options.size = 1;
        options.statement_timeout = statement_timeout_;
        options.response_grace = 100ms;
        return options;
    }
    asio::awaitable<int> backend_pid() {
        return database().read_private([](Transaction& transaction) -> asio::awaitable<int> {
            const Result result = co_await transaction.execute(backend);
            co_return result.one().get<int>(0);
        });
    }
    static std::string rows() { return cluster().execute("SELECT count(*) FROM rows_of_failures"); }
    template <class Condition>
    void until(Condition condition) {
        const auto limit = std::chrono::steady_clock::now() + 10s;
        while (!condition()) {
            ASSERT_LT(std::chrono::steady_clock::now(), limit) << "the condition never came true";
            context_.run_one_for(20ms);
        }
    }
    static bool runs(const std::string& pattern) {
        return cluster().execute("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '" + pattern +
                                 "' AND pid <> pg_backend_pid()") != "0";
    }

    std::chrono::milliseconds statement_timeout_ = 60s;
};

}  // namespace

TEST_F(FailureTest, EndedBackendIsTypedAndReplaced) {
    const int first = run(backend_pid());
    const auto die = [](Transaction& transaction) -> asio::awaitable<void> {
        co_await transaction.execute(insert_row, 1);
        co_await transaction.execute(end_myself);
    };
    EXPECT_THROW(run(database().write_private(die)), DatabaseUnavailable);
    EXPECT_EQ(rows(), "0");
    EXPECT_NE(run(backend_pid()), first);
}

TEST_F(FailureTest, BackendEndedWhileIdleIsNotLent) {
    for (int round = 0; round < 5; ++round) {
        const int first = run(backend_pid());
        cluster().execute("SELECT pg_terminate_backend(" + std::to_string(first) + ", 5000)");
        EXPECT_NE(run(backend_pid()), first) << "without an error in between";
    }
}

TEST_F(FailureTest, ServerThatStopsAndStartsIsFoundAgain) {
    run(backend_pid());
    cluster().stop(SIGQUIT);
    EXPECT_THROW(run(backend_pid()), DatabaseUnavailable);
    EXPECT_THROW(run(backend_pid()), DatabaseUnavailable);
    cluster().start();
    const auto started = std::chrono::steady_clock::now();
    int pid = 0;
    until([&] {
        try {
            pid = run(backend_pid());
        } catch (const DatabaseUnavailable&) {}
        return pid != 0;
    });
    EXPECT_LT(std::chrono::steady_clock::now() - started, 5s);
}

TEST_F(FailureTest, StatementTimeoutIsTypedAndTheConnectionStays) {
    statement_timeout_ = 50ms;
    const int first = run(backend_pid());
    const auto sleep = [](Transaction& transaction) -> asio::awaitable<void> { co_await transaction.execute(sleep_long); };
    EXPECT_THROW(run(database().read_private(sleep)), StatementTimeout);
    EXPECT_THROW(run(database().write_private(sleep)), StatementTimeout);
    EXPECT_EQ(run(backend_pid()), first);
}

TEST_F(FailureTest, SilentServerIsGivenUp) {
    statement_timeout_ = 100ms;
    int silent = 0;
    const auto freeze = [&](Transaction& transaction) -> asio::awaitable<void> {
        const Result result = co_await transaction.execute(backend);
        silent = result.one().get<int>(0);
        kill(silent, SIGSTOP);
        co_await transaction.execute(backend);
    };
    const auto started = std::chrono::steady_clock::now();
    EXPECT_THROW(run(database().write_private(freeze)), DatabaseUnavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - started, 5s);
    EXPECT_NE(run(backend_pid()), silent);
    kill(silent, SIGCONT);
}

TEST_F(FailureTest, ConnectionThatFallsSilentInThePoolIsReplaced) {
    statement_timeout_ = 100ms;
    const int silent = run(backend_pid());
    kill(silent, SIGSTOP);  // before or after its answer to the Sync
    int pid = 0;
    until([&] {
        try {
            pid = run(backend_pid());
        } catch (const DatabaseUnavailable&) {}
        return pid != 0;
    });
    EXPECT_NE(pid, silent);
    kill(silent, SIGCONT);
}

TEST_F(FailureTest, CancelledStatementStopsAndItsConnectionIsNotUsedAgain) {
    const int first = run(backend_pid());
    asio::cancellation_signal signal;
    std::exception_ptr failure;
    asio::co_spawn(context_, database().write_private([](Transaction& transaction) -> asio::awaitable<void> {
        co_await transaction.execute(insert_row, 1);
        co_await transaction.execute(sleep_long);
    }),
                   asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) { failure = std::move(error); }));
    until([] { return runs("%pg_sleep(600)%"); });
    signal.emit(asio::cancellation_type::terminal);
    until([&] { return failure != nullptr; });
    EXPECT_THROW(std::rethrow_exception(failure), boost::system::system_error);
    EXPECT_NE(run(backend_pid()), first);
    until([] { return !runs("%pg_sleep(600)%"); });
    EXPECT_EQ(rows(), "0");
}

TEST_F(FailureTest, CancelledBetweenStatementsRollsBack) {
    const int first = run(backend_pid());
    asio::cancellation_signal signal;
    asio::steady_timer never(context_, asio::steady_timer::time_point::max());
    bool inserted = false;
    std::exception_ptr failure;
    asio::co_spawn(context_, database().write_private([&](Transaction& transaction) -> asio::awaitable<void> {
        co_await transaction.execute(insert_row, 1);
        inserted = true;
        co_await never.async_wait(asio::use_awaitable);
    }),
                   asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) { failure = std::move(error); }));
    until([&] { return inserted; });
    signal.emit(asio::cancellation_type::terminal);
    until([&] { return failure != nullptr; });
    EXPECT_EQ(run(backend_pid()), first) << "rolled back and clean";
    EXPECT_EQ(rows(), "0");
}

TEST_F(FailureTest, LostAnswerToCommitIsUnknown) {
    testing::CommitSwallower proxy(context_, cluster().socket_directory());
    DatabaseOptions through_proxy = options();
    through_proxy.connection_info = platform::Secret("host=" + proxy.host() + " user=owner dbname=postgres");
    Database database(context_.get_executor(), through_proxy);
    const auto insert = [](Transaction& transaction) -> asio::awaitable<void> { co_await transaction.execute(insert_row, 1); };
    EXPECT_THROW(run(database.write_private(insert)), CommitOutcomeUnknown);
    EXPECT_EQ(rows(), "1") << "the server did commit";
    const auto pipelined = [](Transaction& transaction) -> asio::awaitable<void> {
        transaction.send(insert_row, 2);  // its own answer is lost too
        co_return;
    };
    EXPECT_THROW(run(database.write_private(pipelined)), CommitOutcomeUnknown);
    EXPECT_EQ(rows(), "2");
    EXPECT_EQ(database.statistics().idle, 0U);
}

TEST_F(FailureTest, ServerThatGoesBeforeCommitIsPlainlyUnavailable) {
    const auto work = [](Transaction& transaction) -> asio::awaitable<void> {
        co_await transaction.execute(insert_row, 1);
        transaction.send(end_myself);
        co_return;
    };
    EXPECT_THROW(run(database().write_private(work)), DatabaseUnavailable);
    EXPECT_EQ(rows(), "0");
}

}  // namespace sentinel::postgres
