#include "platform/postgres/database.hpp"

#include <boost/asio/co_spawn.hpp>

#include "platform/postgres/transaction_state.hpp"

namespace sentinel::postgres {

namespace asio = boost::asio;

namespace {

constexpr Statement ping_statement{"sentinel.ping", "SELECT 1"};

asio::awaitable<void> roll_back(std::unique_ptr<TransactionState> state) { co_await state->roll_back(); }

}  // namespace

Database::Database(asio::any_io_executor executor, DatabaseOptions options)
    : pool_(std::make_shared<Pool>(std::move(executor), std::move(options))) {
    pool_->start();
}

Database::~Database() { close(); }

void Database::close() noexcept { pool_->close(); }

PoolStatistics Database::statistics() const noexcept { return pool_->statistics(); }

asio::awaitable<Transaction> Database::begin(TransactionScope scope) {
    const std::shared_ptr<Pool> pool = pool_;  // the frame may outlive the Database
    Lease lease = co_await pool->acquire();
    co_return Transaction(std::make_unique<TransactionState>(std::move(lease), scope));
}

asio::awaitable<void> Database::finish(Transaction& transaction) { return transaction.state_->finish(); }

asio::awaitable<void> Database::abandon(Transaction& transaction) { return transaction.state_->roll_back(); }

void Database::abandon_unawaited(Transaction& transaction) {
    if (transaction.state_->has_outstanding()) {
        transaction.state_->cancel_and_close();
    } else {
        asio::co_spawn(pool_->executor(), roll_back(std::move(transaction.state_)), [](const std::exception_ptr&) {});
    }
}

asio::awaitable<void> Database::ping() {
    co_await read_private([](Transaction& transaction) -> asio::awaitable<void> {
        const Result result = co_await transaction.execute(ping_statement);
        result.one();
    });
}

}  // namespace sentinel::postgres
