#pragma once
/// The connections of one worker. Inside of platform/postgres only.

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <unordered_set>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "platform/postgres/connection.hpp"
#include "platform/postgres/database.hpp"

namespace sentinel::postgres {

class Pool;

/// A connection on loan. What is not given back is closed.
class Lease {
public:
    Lease() = default;
    Lease(std::shared_ptr<Pool> pool, std::unique_ptr<Connection> connection) noexcept;
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    Connection& operator*() const noexcept { return *connection_; }
    Connection* operator->() const noexcept { return connection_.get(); }
    explicit operator bool() const noexcept { return connection_ != nullptr; }
    /// To the pool. What it still owes must be the answer to a last Sync alone.
    void give_back();
    void close() noexcept;
    /// Closes it, and ends what still runs on it.
    void cancel_and_close();

private:
    std::shared_ptr<Pool> pool_;
    std::unique_ptr<Connection> connection_;
};

class Pool : public std::enable_shared_from_this<Pool> {
public:
    Pool(boost::asio::any_io_executor executor, DatabaseOptions options);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Starts the housekeeping; once.
    void start();
    /// An idle, living connection. Throws DatabaseUnavailable.
    boost::asio::awaitable<Lease> acquire();
    PoolStatistics statistics() const noexcept;
    void close() noexcept;
    const boost::asio::any_io_executor& executor() const noexcept { return executor_; }

private:
    friend class Lease;
    using Clock = Connection::Clock;
    struct Waiter {
        boost::asio::steady_timer timer;
        std::unique_ptr<Connection> connection;
        bool woken = false;
    };

    std::unique_ptr<Connection> take_idle();
    boost::asio::awaitable<std::unique_ptr<Connection>> connect();
    boost::asio::awaitable<std::unique_ptr<Connection>> wait_for_one();
    bool may_connect() const noexcept { return count_ < options_.size + options_.overflow; }
    void give_back(std::unique_ptr<Connection> connection);
    void destroy(std::unique_ptr<Connection> connection) noexcept;
    void cancel_and_destroy(std::unique_ptr<Connection> connection);
    void wake_one(std::unique_ptr<Connection> connection);
    bool is_too_old(const Connection& connection, Clock::time_point now) const noexcept;
    void keep_house();
    void close_idle(Clock::time_point now);
    void note_connect_failure();

    boost::asio::any_io_executor executor_;
    DatabaseOptions options_;
    boost::asio::steady_timer housekeeping_;
    std::vector<std::unique_ptr<Connection>> idle_;  ///< the last one used last
    std::unordered_set<Connection*> all_;            ///< open or opening
    std::list<Waiter*> waiting_;
    std::size_t count_ = 0;  ///< open or opening
    std::size_t connecting_ = 0;
    bool closed_ = false;
    std::chrono::milliseconds back_off_{0};
    Clock::time_point connect_again_{};
    std::unique_ptr<boost::asio::thread_pool> cancellers_;  ///< PQcancel blocks
};

}  // namespace sentinel::postgres
