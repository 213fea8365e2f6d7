#pragma once
/// Records that are not part of a change (spec 12 rule 2: reads, refusals, log-ins, tokens issued): written in batches within a
/// second.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "core/time.hpp"
#include "platform/postgres/database.hpp"
#include "platform/writes/audit_record.hpp"
#include "platform/writes/write_transaction.hpp"

namespace sentinel::platform {
class ServiceError;
}

namespace sentinel::writes {

class Wake;

struct AuditQueueOptions {
    std::chrono::milliseconds interval{500};
    std::size_t batch = 500;            ///< records of one transaction
    std::size_t capacity = 50'000;      ///< beyond it records are dropped and counted
    std::chrono::seconds patience{10};  ///< how long writing may fail before the queue counts as broken
    std::function<void(const AuditRecord&)> given_up = [](const AuditRecord&) {};  ///< told of each record that is
};

/// One for each worker, used from its thread; the figures may be read from any.
///
/// Each record is written once, also when the answer to a COMMIT was lost: until the next success those are left out that are
/// there. While nothing can be written all wait. A record that the database refuses for what it holds is found by halving its
/// batch; it is given up when it is refused once more after others were written.
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
    struct Waiting {
        AuditRecord record;
        bool is_last_try = false;
    };
    enum class Outcome : std::uint8_t { written, failed, in_doubt, refused };

    /// One transaction of one tenant's records, taken from the front. True when there is reason to go on at once.
    boost::asio::awaitable<bool> write_some();
    boost::asio::awaitable<void> write_batch(const std::vector<Waiting>& batch);
    Outcome outcome_of(const platform::ServiceError& error) const noexcept;
    std::vector<Waiting> take_batch();
    void put_back(std::vector<Waiting> batch);
    void set_aside(Waiting waiting);
    void retry_refused(bool is_last_try);
    void note_failing(bool is_failing);
    void count_waiting();

    postgres::Database* database_;
    WriteTools tools_;
    AuditQueueOptions options_;
    std::unique_ptr<Wake> wake_;
    std::deque<Waiting> waiting_records_;
    std::vector<Waiting> refused_;  ///< each alone; since then nothing was written
    std::size_t limit_;             ///< of the next batch
    bool in_doubt_ = false;         ///< some of those that wait may be written
    std::optional<std::chrono::steady_clock::time_point> failing_since_;
    bool stopping_ = false;
    std::atomic<bool> writable_ = true;
    std::atomic<std::uint64_t> dropped_ = 0;
    std::atomic<std::size_t> waiting_ = 0;
};

}  // namespace sentinel::writes
