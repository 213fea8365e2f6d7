#include "platform/postgres/transaction.hpp"

#include "platform/postgres/transaction_state.hpp"

namespace sentinel::postgres {

namespace asio = boost::asio;

Transaction::Transaction(std::unique_ptr<TransactionState> state) noexcept : state_(std::move(state)) {}
Transaction::Transaction(Transaction&&) noexcept = default;
Transaction::~Transaction() = default;

Parameters& Transaction::scratch() { return state_->scratch(); }

Pending Transaction::send_prepared(const Statement& statement, Parameters& parameters) {
    return state_->send(statement, parameters);
}

void Transaction::send_end_of_read() { state_->send_end_of_read(); }

asio::awaitable<Result> Transaction::receive(Pending pending) { return state_->receive(std::move(pending)); }

void Transaction::send_switch_tenant(core::TenantId tenant) { state_->switch_tenant(tenant); }

asio::awaitable<void> Transaction::switch_tenant(core::TenantId tenant) {
    // In the pipeline it comes before whatever is sent next; an error of it is thrown there, or at the end.
    state_->switch_tenant(tenant);
    co_return;
}

core::TenantId Transaction::tenant() const noexcept { return state_->tenant(); }

}  // namespace sentinel::postgres
