#pragma once
/// What a transaction does on its connection. Inside of platform/postgres only.

#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "platform/postgres/pool.hpp"
#include "platform/postgres/transaction.hpp"

namespace sentinel::postgres {

class TransactionState {
public:
    TransactionState(Lease lease, TransactionScope scope) noexcept : lease_(std::move(lease)), scope_(scope) {}

    Parameters& scratch() noexcept;
    Pending send(const Statement& statement, Parameters& parameters);
    boost::asio::awaitable<Result> receive(Pending pending);
    void switch_tenant(core::TenantId tenant);
    /// Nothing may follow. A write ends in finish() alone, once all its results are known.
    void send_end_of_read();
    core::TenantId tenant() const noexcept { return scope_.tenant.value_or(core::TenantId{}); }

    /// Receives what is left, commits, gives the connection back. Throws without giving it back: then abandon() is due.
    boost::asio::awaitable<void> finish();
    /// Rolls back and gives the connection back, or closes it. Throws only when cancelled.
    boost::asio::awaitable<void> roll_back();
    /// Is something still running on the server?
    bool has_outstanding() const noexcept { return lease_ && lease_->has_outstanding(); }
    void cancel_and_close() { lease_.cancel_and_close(); }

private:
    bool is_explicit() const noexcept { return scope_.writes || scope_.isolation != Isolation::read_committed; }
    void start();
    void require_open() const;
    std::uint64_t send_alone(const Statement& statement);
    void send_with_tenant(const Statement& statement);
    void take(Arrival arrival);
    boost::asio::awaitable<void> receive_all();
    boost::asio::awaitable<void> end_read();
    boost::asio::awaitable<void> commit();
    void judge_commit(std::uint64_t sequence, bool connection_lost);

    Lease lease_;
    TransactionScope scope_;
    bool started_ = false;
    bool ended_ = false;          ///< the end of a read is in the pipeline
    std::exception_ptr failure_;  ///< the first error; everything after it is void
    std::uint64_t failed_ = 0;    ///< its sequence number
    std::string last_command_;    ///< tag of the last statement that gave no rows
    std::vector<std::pair<std::uint64_t, Result>> received_;
};

}  // namespace sentinel::postgres
