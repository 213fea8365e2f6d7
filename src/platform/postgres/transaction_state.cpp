#include "platform/postgres/transaction_state.hpp"

#include <algorithm>
#include <optional>

#include <boost/system/system_error.hpp>

namespace sentinel::postgres {

namespace asio = boost::asio;

namespace {

constexpr Statement begin_statement{"sentinel.begin", "BEGIN"};
constexpr Statement begin_repeatable{"sentinel.begin_repeatable", "BEGIN ISOLATION LEVEL REPEATABLE READ"};
constexpr Statement begin_repeatable_read_only{"sentinel.begin_repeatable_read_only",
                                               "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
constexpr Statement commit_statement{"sentinel.commit", "COMMIT"};
constexpr Statement rollback_statement{"sentinel.rollback", "ROLLBACK"};
constexpr Statement set_tenant{"sentinel.set_tenant", "SELECT set_config('sentinel.tenant_id', $1, true)"};
// An implicit transaction has no BEGIN that could say READ ONLY.
constexpr Statement set_read_only{"sentinel.set_read_only", "SELECT set_config('transaction_read_only', 'on', true)"};
constexpr Statement set_tenant_read_only{
    "sentinel.set_tenant_read_only",
    "SELECT set_config('sentinel.tenant_id', $1, true), set_config('transaction_read_only', 'on', true)"};

/// An error without a word of the server: its answers may be lost, not only missing.
bool is_silence(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const DatabaseUnavailable& unavailable) { return unavailable.diagnostic().sqlstate.empty(); } catch (...) {
        return false;
    }
}

}  // namespace

Parameters& TransactionState::scratch() noexcept {
    lease_->scratch.clear();
    return lease_->scratch;
}

std::uint64_t TransactionState::send_alone(const Statement& statement) { return lease_->send(statement, scratch()); }

void TransactionState::send_with_tenant(const Statement& statement) {
    Parameters parameters;
    parameters.add(*scope_.tenant);
    lease_->send(statement, parameters);
}

void TransactionState::start() {
    started_ = true;
    if (!is_explicit()) {
        if (scope_.tenant) return send_with_tenant(set_tenant_read_only);
        Parameters none;
        lease_->send(set_read_only, none);
        return;
    }
    const bool repeatable = scope_.isolation == Isolation::repeatable_read;
    Parameters none;
    lease_->send(!repeatable ? begin_statement : scope_.writes ? begin_repeatable : begin_repeatable_read_only, none);
    if (scope_.tenant) send_with_tenant(set_tenant);
}

void TransactionState::require_open() const {
    if (failure_) std::rethrow_exception(failure_);
    if (ended_) throw InternalDatabaseError("a statement after the last one of its transaction");
}

Pending TransactionState::send(const Statement& statement, Parameters& parameters) {
    require_open();
    if (!started_) start();
    return Pending(lease_->send(statement, parameters));
}

void TransactionState::switch_tenant(core::TenantId tenant) {
    scope_.tenant = tenant;
    require_open();
    if (!started_) return start();
    send_with_tenant(set_tenant);
}

void TransactionState::send_end_of_read() {
    if (scope_.writes || ended_) return;
    if (is_explicit()) send_alone(commit_statement);
    lease_->send_sync();
    ended_ = true;
}

void TransactionState::take(Arrival arrival) {
    if (arrival.error) {
        if (failure_) return;
        failure_ = std::move(arrival.error);
        failed_ = arrival.sequence;
    } else if (arrival.kind == Arrival::Kind::statement && !arrival.aborted) {
        last_command_ = std::move(arrival.command);
        received_.emplace_back(arrival.sequence, std::move(arrival.result));
    }
}

asio::awaitable<Result> TransactionState::receive(Pending pending) {
    const std::uint64_t sequence = pending.sequence_;
    if (!lease_->try_flush()) co_await lease_->flush_rest();
    for (;;) {
        const auto found = std::ranges::find(received_, sequence, &std::pair<std::uint64_t, Result>::first);
        if (found != received_.end()) {
            Result result = std::move(found->second);
            received_.erase(found);
            co_return result;
        }
        if (failure_) std::rethrow_exception(failure_);
        std::optional<Arrival> arrival = lease_->try_next();
        if (arrival) {
            take(std::move(*arrival));
        } else {
            co_await lease_->wait_readable();
        }
    }
}

asio::awaitable<void> TransactionState::receive_all() {
    if (!lease_->try_flush()) co_await lease_->flush_rest();
    while (lease_->has_outstanding()) {
        std::optional<Arrival> arrival = lease_->try_next();
        if (arrival) {
            take(std::move(*arrival));
        } else if (lease_->has_outstanding()) {
            co_await lease_->wait_readable();
        }
    }
}

asio::awaitable<void> TransactionState::finish() {
    if (failure_) std::rethrow_exception(failure_);
    if (started_ && scope_.writes) {
        co_await commit();
    } else if (started_) {
        co_await end_read();
    }
    lease_.give_back();
}

asio::awaitable<void> TransactionState::end_read() {
    if (lease_->has_outstanding()) co_await receive_all();
    if (failure_) std::rethrow_exception(failure_);
    if (ended_) co_return;
    send_end_of_read();
    // The caller has its rows: whoever borrows the connection next reads the answer to the Sync.
    if (!lease_->try_flush()) co_await lease_->flush_rest();
}

asio::awaitable<void> TransactionState::commit() {
    bool lost = false;
    const std::uint64_t sequence = send_alone(commit_statement);
    try {
        lease_->send_sync();
        co_await receive_all();
    } catch (const DatabaseUnavailable&) { lost = true; } catch (const boost::system::system_error&) {  // cancelled
        lost = true;
    }
    judge_commit(sequence, lost);
}

void TransactionState::judge_commit(std::uint64_t sequence, bool connection_lost) {
    if (failure_) {
        const bool at_commit = failed_ == sequence && lease_->is_condemned();
        if (at_commit || is_silence(failure_)) connection_lost = true;
        if (!connection_lost || (failed_ != sequence && !is_silence(failure_))) std::rethrow_exception(failure_);
    }
    if (connection_lost) {
        lease_->condemn();
        throw CommitOutcomeUnknown(Diagnostic{.statement = std::string(commit_statement.name), .text = "no answer to COMMIT"});
    }
    if (last_command_ != "COMMIT") throw InternalDatabaseError("COMMIT was answered with " + last_command_);
}

asio::awaitable<void> TransactionState::roll_back() {
    if (!lease_) co_return;
    if (lease_->is_condemned()) {
        if (lease_->has_outstanding()) co_return lease_.cancel_and_close();
        co_return lease_.close();
    }
    bool lost = false;
    try {
        if (started_) {
            lease_->send_sync();
            if (is_explicit()) {
                send_alone(rollback_statement);
                lease_->send_sync();
            }
            co_await receive_all();
        }
    } catch (const DatabaseUnavailable&) { lost = true; }
    if (lost) co_return lease_.close();
    lease_.give_back();
}

}  // namespace sentinel::postgres
