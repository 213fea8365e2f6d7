#pragma once
/// Where the access states of a node live: one AccessStore for the node, one AccessView for each worker. A worker reads its view
/// without locks; a new state is posted to every worker, and whoever publishes goes on when all have it.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "platform/access/access_state.hpp"
#include "platform/access/revocations.hpp"
#include "platform/postgres/database.hpp"

namespace sentinel::access {

struct AccessOptions {
    std::size_t max_bytes = std::size_t{512} << 20;  ///< of all states; the least recently used go
    std::chrono::nanoseconds max_staleness = std::chrono::seconds(30);
    std::chrono::nanoseconds load_wait = std::chrono::seconds(10);  ///< for another's load of the same tenant
    std::size_t max_waiting = 1'000;                                ///< callers that wait for one tenant's load
    /// Steady time in nanoseconds; tests bring their own.
    std::function<std::int64_t()> steady_now;
};

class AccessView;
class Signal;
struct Refreshed;

/// Thread-safe.
class AccessStore {
public:
    explicit AccessStore(AccessOptions options = {});
    ~AccessStore();
    AccessStore(const AccessStore&) = delete;
    AccessStore& operator=(const AccessStore&) = delete;

    const AccessOptions& options() const noexcept { return options_; }
    std::int64_t steady_now() const { return options_.steady_now(); }
    /// The newest state of a resident tenant, or null.
    AccessStatePointer current(core::TenantId tenant) const;
    std::vector<AccessStatePointer> resident() const;
    RevocationSet revocations() const;
    /// The database's incarnation (spec 15); empty before the first poll.
    std::string incarnation() const;
    std::size_t bytes() const;

private:
    friend class AccessView;
    friend class AccessFeed;
    struct Entry;
    struct Port;
    class Slot;
    class Barrier;

    /// The right to load or refresh a tenant; one holder at a time. Nothing when `is_satisfied` says so first. Throws unavailable() when too
    /// many wait or it takes too long.
    boost::asio::awaitable<std::optional<Slot>> acquire(core::TenantId tenant, boost::asio::any_io_executor executor,
                                                        std::function<bool()> is_satisfied);
    bool try_acquire(core::TenantId tenant, const std::shared_ptr<Signal>& signal);
    void forget_waiting(core::TenantId tenant, const std::shared_ptr<Signal>& signal);
    void release(core::TenantId tenant) noexcept;
    /// Posts to every worker and waits until all have it, or a newer one that is there already. False = all was dropped since
    /// `generation`: load again.
    boost::asio::awaitable<bool> publish(AccessStatePointer state, std::uint64_t generation,
                                         boost::asio::any_io_executor executor);
    boost::asio::awaitable<void> publish_revocations(std::function<RevocationSet(RevocationSet)> change,
                                                     boost::asio::any_io_executor executor);
    /// Waits until every worker has what was posted before.
    boost::asio::awaitable<void> round(boost::asio::any_io_executor executor);
    /// Forgets every state and sets the incarnation; revocations stay.
    boost::asio::awaitable<void> drop_all(std::string incarnation, boost::asio::any_io_executor executor);
    boost::asio::awaitable<void> drop(core::TenantId tenant, boost::asio::any_io_executor executor);
    boost::asio::awaitable<void> settle(std::shared_ptr<Barrier> barrier);
    // REQUIRES: the mutex is held, so that all views see changes in one order.
    void post_locked(const std::shared_ptr<Barrier>& barrier, const std::function<void(AccessView&)>& change);
    void evict_locked(core::TenantId keep, const std::shared_ptr<Barrier>& barrier);
    void forget_locked(core::TenantId tenant, const std::shared_ptr<Barrier>& barrier);
    std::uint64_t generation() const;
    std::shared_ptr<Port> attach(AccessView& view, boost::asio::any_io_executor executor);
    void detach(const std::shared_ptr<Port>& port) noexcept;

    AccessOptions options_;
    mutable std::mutex mutex_;
    std::unordered_map<core::TenantId, std::unique_ptr<Entry>> entries_;
    std::vector<std::shared_ptr<Port>> ports_;
    RevocationSet revocations_;
    std::string incarnation_;
    std::uint64_t generation_ = 0;
    std::size_t bytes_ = 0;
    std::atomic<std::int64_t> revocations_read_at_;  ///< steady nanoseconds
    std::atomic<std::int64_t> database_time_;        ///< newest seen, seconds since 1970
};

/// Used from the thread of its executor alone.
class AccessView {
public:
    AccessView(AccessStore& store, boost::asio::any_io_executor executor, postgres::Database& database);
    /// REQUIRES: on its own thread, or when that thread has ended.
    ~AccessView();
    AccessView(const AccessView&) = delete;
    AccessView& operator=(const AccessView&) = delete;

    /// The state of a resident tenant, or null. Valid until the caller suspends.
    const AccessState* find(core::TenantId tenant) const noexcept;
    /// Loads the tenant when it is not resident. Null = there is no such tenant. Throws unavailable() and database errors.
    boost::asio::awaitable<AccessStatePointer> require(core::TenantId tenant);
    /// Throws STALE_REVISION when nobody could confirm for too long that this state is the newest.
    void check_fresh(const AccessState& state) const;
    /// Throws UNAVAILABLE when the revocations were not read for too long.
    void check_revocations_read() const;

    /// Called after COMMIT with each tenant whose revision was raised: when it returns, every worker of this node decides by that
    /// revision or a later one.
    boost::asio::awaitable<void> bring_up_to(core::TenantId tenant, std::int64_t revision);
    /// The same before a write, on its own transaction, so that no second connection is needed. REQUIRES: the transaction holds
    /// the tenant's row of tenant_state and has not written yet. The transaction's tenant is what it was before.
    boost::asio::awaitable<AccessStatePointer> bring_up_to(postgres::Transaction& transaction, core::TenantId tenant,
                                                           std::int64_t revision);
    /// Called after COMMIT: when it returns, every worker of this node refuses what ended.
    boost::asio::awaitable<void> revoked(std::vector<Revocation> revocations);

    const RevocationSet& revocations() const noexcept { return revocations_; }
    const std::string& incarnation() const noexcept { return incarnation_; }
    /// The newest time that the database told, in seconds since 1970.
    std::int64_t database_time() const noexcept { return store_->database_time_.load(std::memory_order_relaxed); }
    AccessStore& store() noexcept { return *store_; }
    postgres::Database& database() noexcept { return *database_; }
    const boost::asio::any_io_executor& executor() const noexcept { return executor_; }

private:
    friend class AccessStore;
    friend class AccessFeed;
    /// Re-reads a resident tenant unless its state has reached `revision`. Tells whether what binds its descendants changed.
    boost::asio::awaitable<bool> refresh(core::TenantId tenant, std::int64_t revision);
    boost::asio::awaitable<void> take_over(Refreshed refreshed, core::TenantId tenant, std::uint64_t generation,
                                           std::int64_t asked_at);
    boost::asio::awaitable<void> refresh_descendants(core::TenantId ancestor);
    /// The resident account's networks as the revocation says.
    boost::asio::awaitable<void> apply_networks(Revocation revocation);
    boost::asio::awaitable<void> add_revocations(std::vector<Revocation> revocations, std::optional<core::Instant> expired_until);

    AccessStore* store_;
    boost::asio::any_io_executor executor_;
    postgres::Database* database_;
    std::unordered_map<core::TenantId, AccessStatePointer> states_;
    RevocationSet revocations_;
    std::string incarnation_;
    std::shared_ptr<AccessStore::Port> port_;
};

}  // namespace sentinel::access
