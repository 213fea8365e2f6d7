#include <memory>

#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "platform/postgres/errors.hpp"
#include "platform/postgres/postgres_testing.hpp"

namespace sentinel::postgres {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Statement give_one{"test.one", "SELECT 1"};
constexpr Statement backend{"test.backend", "SELECT pg_backend_pid()"};

class PoolTest : public testing::DatabaseTest {
protected:
    DatabaseOptions options() const override {
        DatabaseOptions options = DatabaseTest::options();
        options.size = 1;
        options.overflow = overflow_;
        options.maximum_waiting = 2;
        options.wait_timeout = wait_timeout_;
        options.overflow_idle = 1ms;
        options.recycle_after = recycle_after_;
        return options;
    }
    /// Holds a connection until `release_` is cancelled.
    asio::awaitable<void> hold() {
        co_await database().read_private([this](Transaction& transaction) -> asio::awaitable<void> {
            co_await transaction.execute(give_one);
            boost::system::error_code ignored;
            ++holding_;
            co_await release_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        });
    }
    asio::awaitable<int> backend_pid() {
        return database().read_private([](Transaction& transaction) -> asio::awaitable<int> {
            const Result result = co_await transaction.execute(backend);
            co_return result.one().get<int>(0);
        });
    }
    void start_holding(std::size_t count) {
        for (std::size_t number = 0; number < count; ++number) asio::co_spawn(context_, hold(), asio::detached);
        until([&] { return holding_ == count; });
        EXPECT_EQ(database().statistics().busy, count);
    }
    template <class Condition>
    void until(Condition condition) {
        const auto limit = std::chrono::steady_clock::now() + 10s;
        while (!condition()) {
            ASSERT_LT(std::chrono::steady_clock::now(), limit) << "the condition never came true";
            context_.run_one_for(100ms);
        }
    }

    std::size_t holding_ = 0;
    std::size_t overflow_ = 0;
    std::chrono::milliseconds wait_timeout_ = 10s;
    std::chrono::milliseconds recycle_after_ = 1h;
    asio::steady_timer release_{context_, asio::steady_timer::time_point::max()};
};

}  // namespace

TEST_F(PoolTest, WaitsForAConnection) {
    start_holding(1);
    int answered = 0;
    asio::co_spawn(context_, backend_pid(),
                   [&](const std::exception_ptr& error, int pid) { answered += !error && pid > 0 ? 1 : 0; });
    until([&] { return database().statistics().waiting == 1; });
    EXPECT_EQ(answered, 0);
    release_.cancel();
    until([&] { return answered == 1; });
    EXPECT_EQ(database().statistics().idle, 1U);
    EXPECT_EQ(database().statistics().busy, 0U);
}

TEST_F(PoolTest, WaitEnds) {
    wait_timeout_ = 20ms;
    start_holding(1);
    EXPECT_THROW(run(backend_pid()), DatabaseUnavailable);
    EXPECT_EQ(database().statistics().waiting, 0U);
    release_.cancel();
    until([&] { return database().statistics().idle == 1; });
    EXPECT_GT(run(backend_pid()), 0);
}

TEST_F(PoolTest, QueueIsBounded) {
    start_holding(1);
    for (int number = 0; number < 2; ++number) asio::co_spawn(context_, backend_pid(), [](const std::exception_ptr&, int) {});
    until([&] { return database().statistics().waiting == 2; });
    EXPECT_THROW(run(backend_pid()), DatabaseUnavailable);
    release_.cancel();
    until([&] { return database().statistics().waiting == 0 && database().statistics().idle == 1; });
}

TEST_F(PoolTest, OverflowOpensAndCloses) {
    overflow_ = 1;
    start_holding(2);
    EXPECT_EQ(database().statistics().busy, 2U);
    release_.cancel();
    until([&] { return database().statistics().busy == 0; });
    until([&] { return database().statistics().idle == 1; });
}

TEST_F(PoolTest, OldConnectionsAreReplaced) {
    recycle_after_ = 0ms;
    const int first = run(backend_pid());
    EXPECT_NE(run(backend_pid()), first);
}

TEST_F(PoolTest, CloseRefusesAndWakes) {
    start_holding(1);
    bool refused = false;
    asio::co_spawn(context_, backend_pid(), [&](const std::exception_ptr& error, int) { refused = error != nullptr; });
    until([&] { return database().statistics().waiting == 1; });
    database().close();
    until([&] { return refused; });
    release_.cancel();
    until([&] { return database().statistics().busy == 0; });
    EXPECT_EQ(database().statistics().idle, 0U);
    EXPECT_THROW(run([this]() -> asio::awaitable<int> { return backend_pid(); }()), DatabaseUnavailable);
}

TEST_F(PoolTest, DatabaseThatGoesFirstTakesItsTransactionsAlong) {
    auto context = std::make_unique<asio::io_context>(1);
    auto database = std::make_unique<Database>(context->get_executor(), options());
    asio::co_spawn(*context, database->read_private([](Transaction& transaction) -> asio::awaitable<void> {
        static constexpr Statement sleep{"test.sleep", "SELECT pg_sleep(600)::text"};
        co_await transaction.execute(sleep);
    }),
                   asio::detached);
    while (database->statistics().busy != 1 || database->statistics().connecting != 0) context->run_one();
    context->poll();
    database.reset();
    context.reset();  // destroys the suspended frames: ASan would tell
}

TEST_F(PoolTest, WrongAddressIsRefusedQuickly) {
    for (const char* info : {"host=/tmp/nowhere_at_all dbname=x", "host=127.0.0.1 port=1 dbname=x",
                             "host=no-such-host.invalid dbname=x", "no connection string", "postgresql://[", ""}) {
        DatabaseOptions wrong = options();
        wrong.connection_info = platform::Secret(info);
        Database database(context_.get_executor(), wrong);
        EXPECT_THROW(run(database.ping()), DatabaseUnavailable) << info;
        EXPECT_THROW(run(database.ping()), DatabaseUnavailable) << info;
        EXPECT_EQ(database.statistics().connecting, 0U);
        EXPECT_EQ(database.statistics().busy, 0U);
    }
}

TEST_F(PoolTest, ManyReads) {
    overflow_ = 0;
    run([this]() -> asio::awaitable<void> {
        for (int number = 0; number < 10'000; ++number) {
            const int pid = co_await backend_pid();
            EXPECT_GT(pid, 0);
        }
    }());
    EXPECT_EQ(database().statistics().idle, 1U);
}

}  // namespace sentinel::postgres
