#include "platform/writes/audit_queue.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "platform/postgres/errors.hpp"
#include "platform/service/error.hpp"
#include "platform/writes/audit_append.hpp"
#include "platform/writes/wake.hpp"

namespace sentinel::writes {

AuditQueue::AuditQueue(boost::asio::any_io_executor executor, postgres::Database& database, WriteTools tools,
                       AuditQueueOptions options)
    : database_(&database),
      tools_(tools),
      options_(std::move(options)),
      wake_(std::make_unique<Wake>(std::move(executor))),
      limit_(options_.batch) {}

AuditQueue::~AuditQueue() = default;

void AuditQueue::add(const platform::RequestContext& context, core::TenantId tenant, const AuditEvent& event) {
    if (waiting() >= options_.capacity) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    waiting_records_.push_back({.record = record_of(context, event, tenant, tools_.ids->next())});
    count_waiting();
    if (waiting_records_.size() == options_.batch) wake_->cut_short();
}

boost::asio::awaitable<void> AuditQueue::run() {
    for (;;) {
        if (waiting_records_.empty()) retry_refused(false);
        bool goes_on = true;
        while (goes_on && !waiting_records_.empty()) goes_on = co_await write_some();
        if (stopping_) co_return;
        co_await wake_->wait(options_.interval);
    }
}

void AuditQueue::stop() {
    stopping_ = true;
    wake_->cut_short();
}

boost::asio::awaitable<bool> AuditQueue::write_some() {
    std::vector<Waiting> batch = take_batch();
    Outcome outcome = Outcome::written;
    try {
        co_await write_batch(batch);
    } catch (const platform::ServiceError& error) { outcome = outcome_of(error); }
    if (outcome == Outcome::written) {
        limit_ = options_.batch;
        in_doubt_ = false;
        retry_refused(true);
    } else if (outcome == Outcome::refused && batch.size() == 1) {
        set_aside(std::move(batch.front()));
        co_return false;
    } else {
        in_doubt_ = in_doubt_ || outcome == Outcome::in_doubt;
        if (outcome == Outcome::refused) limit_ = batch.size() / 2;
        put_back(std::move(batch));
    }
    note_failing(outcome != Outcome::written);
    co_return outcome == Outcome::written || outcome == Outcome::refused;
}

boost::asio::awaitable<void> AuditQueue::write_batch(const std::vector<Waiting>& batch) {
    const core::TenantId tenant = batch.front().record.tenant;
    co_await database_->write(tenant, [&](postgres::Transaction& transaction) -> boost::asio::awaitable<void> {
        std::set<core::Uuid> there;
        if (in_doubt_) {
            std::vector<core::Uuid> ids;
            for (const Waiting& waiting : batch) ids.push_back(waiting.record.id);
            there = co_await written_records(transaction, ids);
        }
        for (const Waiting& waiting : batch) {
            if (!there.contains(waiting.record.id)) co_await append_record(transaction, tools_.keys->server(), waiting.record);
        }
    });
}

AuditQueue::Outcome AuditQueue::outcome_of(const platform::ServiceError& error) const noexcept {
    if (dynamic_cast<const postgres::CommitOutcomeUnknown*>(&error) != nullptr) return Outcome::in_doubt;
    if (error.code() == platform::ErrorCode::unavailable) return Outcome::failed;
    // A COMMIT that had not ended when its records were looked for.
    const bool is_there = dynamic_cast<const postgres::UniqueViolation*>(&error) != nullptr;
    return is_there && !in_doubt_ ? Outcome::in_doubt : Outcome::refused;
}

std::vector<AuditQueue::Waiting> AuditQueue::take_batch() {
    const core::TenantId tenant = waiting_records_.front().record.tenant;
    std::vector<Waiting> batch;
    std::deque<Waiting> others;
    for (Waiting& waiting : waiting_records_) {
        if (waiting.record.tenant == tenant && batch.size() < limit_) {
            batch.push_back(std::move(waiting));
        } else {
            others.push_back(std::move(waiting));
        }
    }
    waiting_records_ = std::move(others);
    count_waiting();
    return batch;
}

void AuditQueue::put_back(std::vector<Waiting> batch) {
    waiting_records_.insert(waiting_records_.begin(), std::make_move_iterator(batch.begin()),
                            std::make_move_iterator(batch.end()));
    count_waiting();
}

void AuditQueue::set_aside(Waiting waiting) {
    // What is refused while others are written is at fault itself; else it may be the database.
    note_failing(!waiting.is_last_try);
    if (waiting.is_last_try) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
        options_.given_up(waiting.record);
    } else {
        refused_.push_back(std::move(waiting));
    }
    count_waiting();
}

void AuditQueue::retry_refused(bool is_last_try) {
    for (Waiting& waiting : refused_) {
        waiting.is_last_try = is_last_try;
        waiting_records_.push_back(std::move(waiting));
    }
    refused_.clear();
}

void AuditQueue::note_failing(bool is_failing) {
    const auto now = std::chrono::steady_clock::now();
    if (!is_failing) {
        failing_since_.reset();
    } else if (!failing_since_) {
        failing_since_ = now;
    }
    writable_.store(!failing_since_ || now - *failing_since_ < options_.patience, std::memory_order_relaxed);
}

void AuditQueue::count_waiting() { waiting_.store(waiting_records_.size() + refused_.size(), std::memory_order_relaxed); }

}  // namespace sentinel::writes
