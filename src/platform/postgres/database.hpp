#pragma once
/// One worker's way to PostgreSQL: a pool of connections and the transactions that run on them.

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include "core/vocabulary.hpp"
#include "platform/postgres/transaction.hpp"
#include "platform/service/secret.hpp"

namespace sentinel::postgres {

struct DatabaseOptions {
    platform::Secret connection_info;  ///< URL or libpq keywords; Unix socket or TCP
    std::string application_name = "sentinel";
    std::size_t size = 4;               ///< connections that stay open
    std::size_t overflow = 4;           ///< opened beyond them under load, closed when idle
    std::size_t maximum_waiting = 256;  ///< callers that wait for a connection; more are refused at once
    std::chrono::milliseconds wait_timeout = std::chrono::seconds(30);
    std::chrono::milliseconds recycle_after = std::chrono::hours(1);
    std::chrono::milliseconds overflow_idle = std::chrono::seconds(10);
    std::chrono::milliseconds connect_timeout = std::chrono::seconds(5);
    std::chrono::milliseconds statement_timeout = std::chrono::seconds(15);
    std::chrono::milliseconds lock_timeout = std::chrono::seconds(5);
    std::chrono::milliseconds idle_in_transaction_timeout = std::chrono::seconds(5);
    /// How long beyond statement_timeout a silent server is waited for before its connection is given up.
    std::chrono::milliseconds response_grace = std::chrono::seconds(5);
    /// DB_ECHO: called with each statement sent; never sees a value.
    std::function<void(const Statement&)> echo;
};

enum class Isolation : unsigned char { read_committed, repeatable_read };

struct TransactionOptions {
    Isolation isolation = Isolation::read_committed;
};

/// Whom a transaction acts for, and whether it may write.
struct TransactionScope {
    std::optional<core::TenantId> tenant;
    bool writes = false;
    Isolation isolation = Isolation::read_committed;
};

struct PoolStatistics {
    std::size_t idle = 0;
    std::size_t busy = 0;
    std::size_t connecting = 0;
    std::size_t waiting = 0;
};

namespace detail {
struct Deduce {};
template <class T, class Callback>
struct TransactionValue {
    using type = T;
};
template <class Callback>
struct TransactionValue<Deduce, Callback> {
    using type = typename std::invoke_result_t<Callback&, Transaction&>::value_type;
};
template <class T, class Callback>
using TransactionValueOf = typename TransactionValue<T, Callback>::type;
}  // namespace detail

class Pool;

/// Used from the thread of its executor alone. The io_context must outlive it; transactions still suspended when it goes
/// lose their connection.
///
/// `callback` is `[&](Transaction& transaction) -> awaitable<T> { … }`; it is run once.
class Database {
public:
    Database(boost::asio::any_io_executor executor, DatabaseOptions options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Reads as `tenant`. The transaction is read-only: a write in it fails. Its statements see one another's time but, unless
    /// repeatable_read is asked, each its own snapshot. Throws what postgres/errors.hpp lists, and what the callback throws.
    template <class T = detail::Deduce, class Callback>
    boost::asio::awaitable<detail::TransactionValueOf<T, Callback>> read(core::TenantId tenant, Callback callback,
                                                                         TransactionOptions options = {}) {
        return run<detail::TransactionValueOf<T, Callback>>({tenant, false, options.isolation}, std::move(callback));
    }
    /// Writes as `tenant`: commits when the callback returns, rolls back when it throws or is cancelled.
    template <class T = detail::Deduce, class Callback>
    boost::asio::awaitable<detail::TransactionValueOf<T, Callback>> write(core::TenantId tenant, Callback callback,
                                                                          TransactionOptions options = {}) {
        return run<detail::TransactionValueOf<T, Callback>>({tenant, true, options.isolation}, std::move(callback));
    }
    /// Without a tenant: only tables of sentinel_private have rows for it.
    template <class T = detail::Deduce, class Callback>
    boost::asio::awaitable<detail::TransactionValueOf<T, Callback>> read_private(Callback callback,
                                                                                 TransactionOptions options = {}) {
        return run<detail::TransactionValueOf<T, Callback>>({std::nullopt, false, options.isolation}, std::move(callback));
    }
    template <class T = detail::Deduce, class Callback>
    boost::asio::awaitable<detail::TransactionValueOf<T, Callback>> write_private(Callback callback,
                                                                                  TransactionOptions options = {}) {
        return run<detail::TransactionValueOf<T, Callback>>({std::nullopt, true, options.isolation}, std::move(callback));
    }

    /// One round trip to the server and back; for readiness. Throws DatabaseUnavailable.
    boost::asio::awaitable<void> ping();
    PoolStatistics statistics() const noexcept;
    /// Refuses new work, fails those who wait, closes what is idle; busy connections close when they come back.
    void close() noexcept;

private:
    template <class T, class Callback>
    boost::asio::awaitable<T> run(TransactionScope scope, Callback callback) {
        Transaction transaction = co_await begin(scope);
        std::conditional_t<std::is_void_v<T>, std::monostate, std::optional<T>> value;
        std::exception_ptr failure;
        try {
            if constexpr (std::is_void_v<T>) {
                co_await callback(transaction);
            } else {
                value.emplace(co_await callback(transaction));
            }
            co_await finish(transaction);
        } catch (...) { failure = std::current_exception(); }
        if (failure) {
            const boost::asio::cancellation_state state = co_await boost::asio::this_coro::cancellation_state;
            // A cancelled coroutine awaits nothing more.
            if (state.cancelled() != boost::asio::cancellation_type::none) {
                abandon_unawaited(transaction);
            } else {
                co_await abandon(transaction);
            }
            std::rethrow_exception(failure);
        }
        if constexpr (!std::is_void_v<T>) co_return std::move(*value);
    }

    boost::asio::awaitable<Transaction> begin(TransactionScope scope);
    /// Receives what is left, commits or ends the read, gives the connection back.
    boost::asio::awaitable<void> finish(Transaction& transaction);
    /// Rolls back and gives the connection back, or closes it.
    boost::asio::awaitable<void> abandon(Transaction& transaction);
    /// The same, without waiting for it.
    void abandon_unawaited(Transaction& transaction);

    std::shared_ptr<Pool> pool_;
};

}  // namespace sentinel::postgres
