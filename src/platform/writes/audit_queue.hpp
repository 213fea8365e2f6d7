#pragma once
/// Records that are not part of a change (spec 12 rule 2: reads, refusals, log-ins, tokens issued): written in batches within a
/// second.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "core/time.hpp"
#include "platform/postgres/database.hpp"
#include "platform/writes/audit_record.hpp"
#include "platform/writes/write_transaction.hpp"

namespace sentinel::writes {

class Wake;

struct AuditQueueOptions {
    std::chrono::milliseconds interval{500};
    std::size_t batch = 500;            ///< records of one transaction
    std::size_t capacity = 50'000;      ///< beyond it records are dropped and counted
    std::chrono::seconds patience{10};  ///< how long writing may fail before the queue counts as broken
};

/// One for each worker, used from its thread; the figures may be read from any.
class AuditQueue {
public:
    AuditQueue(boost::asio::any_io_executor executor, postgres::Database& database, WriteTools tools,
               AuditQueueOptions options = {});
    ~AuditQueue();
    AuditQueue(const AuditQueue&) = delete;
    AuditQueue& operator=(const AuditQueue&) = delete;

    /// Never waits. The record carries the context's actor, request id and address.
    void add(const platform::RequestContext& context, core::TenantId tenant, const AuditEvent& event);
    /// Writes what comes until stop() and everything that is left then.
    boost::asio::awaitable<void> run();
    void stop();

    /// False when records could not be written for longer than the patience: log-ins and what reveals secrets must then fail.
    bool is_writable() const noexcept { return writable_.load(std::memory_order_relaxed); }
    std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }
    std::size_t waiting() const noexcept { return waiting_.load(std::memory_order_relaxed); }

private:
    /// One transaction of one tenant's records, taken from the front. True when written.
    boost::asio::awaitable<bool> write_some();
    boost::asio::awaitable<void> write_batch(core::TenantId tenant, const std::vector<AuditRecord>& records);
    std::vector<AuditRecord> take_batch();
    void put_back(std::vector<AuditRecord> records);
    void note_outcome(bool written);

    postgres::Database* database_;
    WriteTools tools_;
    AuditQueueOptions options_;
    std::unique_ptr<Wake> wake_;
    std::deque<AuditRecord> records_;
    std::optional<std::chrono::steady_clock::time_point> failing_since_;
    bool stopping_ = false;
    std::atomic<bool> writable_ = true;
    std::atomic<std::uint64_t> dropped_ = 0;
    std::atomic<std::size_t> waiting_ = 0;
};

}  // namespace sentinel::writes
