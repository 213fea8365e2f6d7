#pragma once
/// A transaction of one tenant on one connection.

#include <cstdint>
#include <memory>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "core/vocabulary.hpp"
#include "platform/postgres/parameters.hpp"
#include "platform/postgres/result.hpp"
#include "platform/postgres/statement.hpp"

namespace sentinel::postgres {

class TransactionState;

/// A statement that was sent and whose result was not received yet.
class Pending {
public:
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;
    Pending(Pending&&) = default;
    Pending& operator=(Pending&&) = default;
    ~Pending() = default;

private:
    friend class TransactionState;
    explicit Pending(std::uint64_t sequence) noexcept : sequence_(sequence) {}
    std::uint64_t sequence_;
};

/// Handed to the callback of Database::read and Database::write; not to be kept beyond it.
///
/// Statements go out in the order of send() and execute(); nothing is on the wire before the first receive() or execute(). After a
/// statement failed, everything sent behind it and every later call throws that same error, and the transaction is rolled
/// back even when the callback swallows it.
class Transaction {
public:
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    Transaction(Transaction&&) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// Sends the statement and waits for its result. The arguments are taken at once; awaiting later is safe.
    template <class... Arguments>
    [[nodiscard]] boost::asio::awaitable<Result> execute(const Statement& statement, const Arguments&... arguments) {
        return receive(send(statement, arguments...));
    }
    /// execute() for the last statement of a read: the end of the transaction goes out with it, which spares a round trip. What
    /// is sent after it throws InternalDatabaseError. In a write it is execute().
    template <class... Arguments>
    [[nodiscard]] boost::asio::awaitable<Result> execute_last(const Statement& statement, const Arguments&... arguments) {
        Pending pending = send(statement, arguments...);
        send_end_of_read();
        return receive(std::move(pending));
    }
    /// Puts the statement into the pipeline without waiting. A result that is never received is still awaited, and its error
    /// thrown, before the transaction ends.
    template <class... Arguments>
    Pending send(const Statement& statement, const Arguments&... arguments) {
        Parameters& parameters = scratch();
        (parameters.add(arguments), ...);
        return send_prepared(statement, parameters);
    }
    [[nodiscard]] boost::asio::awaitable<Result> receive(Pending pending);

    /// The tenant of every later statement of this transaction (ancestors' rows, a tenant just made).
    [[nodiscard]] boost::asio::awaitable<void> switch_tenant(core::TenantId tenant);
    /// The same in the pipeline: no wait.
    void send_switch_tenant(core::TenantId tenant);
    /// The nil tenant in a transaction that has none.
    core::TenantId tenant() const noexcept;

private:
    friend class Database;
    explicit Transaction(std::unique_ptr<TransactionState> state) noexcept;
    /// Empty parameters, kept to spare allocations.
    Parameters& scratch();
    Pending send_prepared(const Statement& statement, Parameters& parameters);
    void send_end_of_read();

    std::unique_ptr<TransactionState> state_;
};

}  // namespace sentinel::postgres
