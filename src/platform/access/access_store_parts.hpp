#pragma once
/// Parts of AccessStore that its sources alone need.

#include <atomic>
#include <deque>
#include <memory>
#include <utility>

#include "platform/access/access_store.hpp"
#include "platform/access/signal.hpp"

namespace sentinel::access {

struct AccessStore::Entry {
    AccessStatePointer state;
    bool is_busy = false;  ///< somebody loads or refreshes it
    std::deque<std::shared_ptr<Signal>> waiting;
};

/// A worker's end. `view` is touched on the worker's thread alone.
struct AccessStore::Port {
    boost::asio::any_io_executor executor;
    AccessView* view = nullptr;
};

/// Counts who has seen a change; the publisher counts too, until it has told all.
class AccessStore::Barrier {
public:
    explicit Barrier(const boost::asio::any_io_executor& executor) : done(std::make_shared<Signal>(executor)) {}
    void expect() noexcept { left_.fetch_add(1, std::memory_order_relaxed); }
    void arrive() {
        if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) done->set();
    }
    std::shared_ptr<Signal> done;

private:
    std::atomic<int> left_{1};
};

/// The right to load or refresh one tenant.
class AccessStore::Slot {
public:
    Slot(AccessStore& store, core::TenantId tenant) noexcept : store_(&store), tenant_(tenant) {}
    Slot(Slot&& other) noexcept : store_(std::exchange(other.store_, nullptr)), tenant_(other.tenant_) {}
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
        if (store_ != nullptr) store_->release(tenant_);
    }

private:
    AccessStore* store_;
    core::TenantId tenant_;
};

}  // namespace sentinel::access
