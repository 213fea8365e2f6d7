#include "platform/writes/audit_queue.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>
#include <vector>

#include "platform/service/error.hpp"
#include "platform/writes/audit_append.hpp"
#include "platform/writes/wake.hpp"

namespace sentinel::writes {

AuditQueue::AuditQueue(boost::asio::any_io_executor executor, postgres::Database& database, WriteTools tools,
                       AuditQueueOptions options)
    : database_(&database), tools_(tools), options_(options), wake_(std::make_unique<Wake>(std::move(executor))) {}

AuditQueue::~AuditQueue() = default;

void AuditQueue::add(const platform::RequestContext& context, core::TenantId tenant, const AuditEvent& event) {
    if (records_.size() >= options_.capacity) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    records_.push_back(record_of(context, event, tenant, tools_.ids->next()));
    waiting_.store(records_.size(), std::memory_order_relaxed);
    if (records_.size() == options_.batch) wake_->cut_short();
}

boost::asio::awaitable<void> AuditQueue::run() {
    for (;;) {
        bool written = true;
        while (written && !records_.empty()) written = co_await write_some();
        if (stopping_) co_return;
        co_await wake_->wait(options_.interval);
    }
}

void AuditQueue::stop() {
    stopping_ = true;
    wake_->cut_short();
}

boost::asio::awaitable<bool> AuditQueue::write_some() {
    std::vector<AuditRecord> batch = take_batch();
    bool written = true;
    try {
        co_await write_batch(batch.front().tenant, batch);
    } catch (const platform::ServiceError&) { written = false; }
    if (!written) put_back(std::move(batch));
    note_outcome(written);
    co_return written;
}

boost::asio::awaitable<void> AuditQueue::write_batch(core::TenantId tenant, const std::vector<AuditRecord>& records) {
    co_await database_->write(tenant, [&](postgres::Transaction& transaction) -> boost::asio::awaitable<void> {
        for (const AuditRecord& record : records) co_await append_record(transaction, tools_.keys->server(), record);
    });
}

std::vector<AuditRecord> AuditQueue::take_batch() {
    const core::TenantId tenant = records_.front().tenant;
    std::vector<AuditRecord> batch;
    std::deque<AuditRecord> others;
    for (AuditRecord& record : records_) {
        if (record.tenant == tenant && batch.size() < options_.batch) {
            batch.push_back(std::move(record));
        } else {
            others.push_back(std::move(record));
        }
    }
    records_ = std::move(others);
    waiting_.store(records_.size(), std::memory_order_relaxed);
    return batch;
}

void AuditQueue::put_back(std::vector<AuditRecord> records) {
    records_.insert(records_.begin(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
    waiting_.store(records_.size(), std::memory_order_relaxed);
}

void AuditQueue::note_outcome(bool written) {
    const auto now = std::chrono::steady_clock::now();
    if (written) {
        failing_since_.reset();
    } else if (!failing_since_) {
        failing_since_ = now;
    }
    writable_.store(!failing_since_ || now - *failing_since_ < options_.patience, std::memory_order_relaxed);
}

}  // namespace sentinel::writes
