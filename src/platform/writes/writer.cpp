#include "platform/writes/writer.hpp"

#include "platform/writes/idempotency.hpp"

namespace sentinel::writes {

boost::asio::awaitable<void> Writer::run(platform::RequestContext& context, Steps& steps) {
    const core::TenantId tenant = context.actor.tenant;
    const Outcome outcome = co_await database_->write(
        tenant, [&](postgres::Transaction& transaction) { return run_in(transaction, context, steps); });
    co_await publish(outcome);
}

boost::asio::awaitable<Writer::Outcome> Writer::run_in(postgres::Transaction& transaction, platform::RequestContext& context,
                                                       Steps& steps) {
    const core::TenantId tenant = transaction.tenant();
    WriteTransaction write(transaction, context, tools_);
    if (context.idempotency) co_await claim_idempotency_key(write, *context.idempotency);
    Outcome outcome;
    if (steps.locks) {
        co_await work_under_locks(write, steps, outcome);
    } else {
        co_await steps.work(write);
    }
    // The work may have switched to the tenant it made or to an ancestor.
    if (transaction.tenant() != tenant) co_await transaction.switch_tenant(tenant);
    if (context.idempotency) {
        platform::StoredAnswer answer = context.idempotency->renderer->render(steps.result(), *steps.type);
        answer.policy_revision = context.notes.policy_revision;
        answer.policy_incarnation = context.notes.policy_incarnation;
        co_await keep_answer(write, *context.idempotency, answer);
    }
    co_await write.append_audit();
    outcome.revocations = write.revocations();
    co_return outcome;
}

boost::asio::awaitable<void> Writer::work_under_locks(WriteTransaction& write, Steps& steps, Outcome& outcome) {
    std::vector<TenantRevision> next = co_await lock_policy(write.sql(), *steps.locks);
    // The checks of the work read the state of this node: it must be the one that the lock protects.
    for (const TenantRevision& held : next) co_await access_->bring_up_to(write.sql(), held.tenant, held.revision);
    for (TenantRevision& row : next) ++row.revision;
    if (steps.locks->creates_target) next.push_back({*steps.locks->target, 1});
    co_await announce_revisions(write.sql(), next);
    co_await steps.work(write);
    outcome.raised = co_await raise_revisions(write.sql(), next);
    if (!outcome.raised.empty()) {
        write.context().notes.policy_revision = static_cast<std::uint64_t>(outcome.raised.front().revision);
        write.context().notes.policy_incarnation = access_->incarnation();
    }
}

boost::asio::awaitable<void> Writer::publish(const Outcome& outcome) {
    if (!outcome.revocations.empty()) co_await access_->revoked(outcome.revocations);
    for (const TenantRevision& raised : outcome.raised) co_await access_->bring_up_to(raised.tenant, raised.revision);
}

}  // namespace sentinel::writes
