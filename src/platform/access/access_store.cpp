#include "platform/access/access_store.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <optional>
#include <utility>

#include <boost/asio/post.hpp>

#include "platform/access/access_store_parts.hpp"
#include "platform/service/error.hpp"

namespace sentinel::access {

namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min() / 2;

std::int64_t now_of_steady_clock() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

AccessOptions with_clock(AccessOptions options) {
    if (!options.steady_now) options.steady_now = now_of_steady_clock;
    return options;
}

/// How long a publisher waits for workers; one that takes longer serves nobody either.
constexpr std::chrono::seconds acknowledgement_wait{10};

}  // namespace

AccessStore::AccessStore(AccessOptions options)
    : options_(with_clock(std::move(options))), revocations_read_at_(never), database_time_(0) {}
AccessStore::~AccessStore() = default;

AccessStatePointer AccessStore::current(core::TenantId tenant) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(tenant);
    return found == entries_.end() ? nullptr : found->second->state;
}

std::vector<AccessStatePointer> AccessStore::resident() const {
    const std::lock_guard lock(mutex_);
    std::vector<AccessStatePointer> states;
    for (const auto& [tenant, entry] : entries_) {
        if (entry->state) states.push_back(entry->state);
    }
    return states;
}

RevocationSet AccessStore::revocations() const {
    const std::lock_guard lock(mutex_);
    return revocations_;
}

std::string AccessStore::incarnation() const {
    const std::lock_guard lock(mutex_);
    return incarnation_;
}

std::size_t AccessStore::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

std::uint64_t AccessStore::generation() const {
    const std::lock_guard lock(mutex_);
    return generation_;
}

bool AccessStore::try_acquire(core::TenantId tenant, const std::shared_ptr<Signal>& signal) {
    const std::lock_guard lock(mutex_);
    auto& entry = entries_[tenant];
    if (!entry) entry = std::make_unique<Entry>();
    if (!entry->is_busy) {
        entry->is_busy = true;
        return true;
    }
    if (entry->waiting.size() >= options_.max_waiting) throw platform::unavailable();
    entry->waiting.push_back(signal);
    return false;
}

boost::asio::awaitable<std::optional<AccessStore::Slot>> AccessStore::acquire(core::TenantId tenant,
                                                                              boost::asio::any_io_executor executor,
                                                                              std::function<bool()> is_satisfied) {
    const std::int64_t deadline = now_of_steady_clock() + options_.load_wait.count();
    for (;;) {
        if (is_satisfied()) co_return std::nullopt;
        const auto signal = std::make_shared<Signal>(executor);
        if (try_acquire(tenant, signal)) co_return Slot(*this, tenant);
        const std::int64_t left = deadline - now_of_steady_clock();
        const bool woken = left > 0 && co_await signal->wait(std::chrono::nanoseconds(left));
        if (!woken) {
            forget_waiting(tenant, signal);
            throw platform::unavailable();
        }
    }
}

void AccessStore::forget_waiting(core::TenantId tenant, const std::shared_ptr<Signal>& signal) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(tenant);
    if (found != entries_.end()) std::erase(found->second->waiting, signal);
}

void AccessStore::release(core::TenantId tenant) noexcept {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(tenant);
    if (found == entries_.end()) return;
    Entry& entry = *found->second;
    entry.is_busy = false;
    // All of them: most find that what they wait for is done, and whoever was cancelled meanwhile holds nobody up.
    for (const auto& signal : entry.waiting) signal->set();
    entry.waiting.clear();
    if (!entry.state) entries_.erase(found);  // ids that callers made up leave nothing behind
}

void AccessStore::post_locked(const std::shared_ptr<Barrier>& barrier, const std::function<void(AccessView&)>& change) {
    for (const auto& port : ports_) {
        barrier->expect();
        boost::asio::post(port->executor, [port, change, barrier] {
            if (port->view != nullptr) change(*port->view);
            barrier->arrive();
        });
    }
}

boost::asio::awaitable<bool> AccessStore::publish(AccessStatePointer state, std::uint64_t generation,
                                                  boost::asio::any_io_executor executor) {
    const auto barrier = std::make_shared<Barrier>(executor);
    {
        const std::lock_guard lock(mutex_);
        if (generation != generation_) co_return false;
        const core::TenantId tenant = state->tenant().id;
        auto& entry = entries_[tenant];
        if (!entry) entry = std::make_unique<Entry>();
        if (entry->state && entry->state->revision() > state->revision()) {
            post_locked(barrier, [](AccessView&) {});  // another was quicker: wait until all have that one
        } else {
            bytes_ -= entry->state ? entry->state->bytes() : 0;
            bytes_ += state->bytes();
            entry->state = state;
            state->freshness().used_at.store(steady_now() / 1'000'000'000, std::memory_order_relaxed);
            post_locked(barrier, [state, tenant](AccessView& view) { view.states_[tenant] = state; });
            evict_locked(tenant, barrier);
        }
    }
    co_await settle(barrier);
    co_return true;
}

void AccessStore::evict_locked(core::TenantId keep, const std::shared_ptr<Barrier>& barrier) {
    while (bytes_ > options_.max_bytes) {
        auto victim = entries_.end();
        std::int64_t oldest = std::numeric_limits<std::int64_t>::max();
        for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
            if (!entry->second->state || entry->first == keep) continue;
            const std::int64_t used_at = entry->second->state->freshness().used_at.load(std::memory_order_relaxed);
            if (used_at < oldest) {
                oldest = used_at;
                victim = entry;
            }
        }
        if (victim == entries_.end()) return;  // one tenant alone may be larger than the bound
        forget_locked(victim->first, barrier);
    }
}

void AccessStore::forget_locked(core::TenantId tenant, const std::shared_ptr<Barrier>& barrier) {
    const auto found = entries_.find(tenant);
    if (found == entries_.end() || !found->second->state) return;
    bytes_ -= found->second->state->bytes();
    found->second->state.reset();
    if (!found->second->is_busy) entries_.erase(found);
    post_locked(barrier, [tenant](AccessView& view) { view.states_.erase(tenant); });
}

boost::asio::awaitable<void> AccessStore::drop(core::TenantId tenant, boost::asio::any_io_executor executor) {
    const auto barrier = std::make_shared<Barrier>(executor);
    {
        const std::lock_guard lock(mutex_);
        forget_locked(tenant, barrier);
    }
    co_await settle(barrier);
}

boost::asio::awaitable<void> AccessStore::drop_all(std::string incarnation, boost::asio::any_io_executor executor) {
    const auto barrier = std::make_shared<Barrier>(executor);
    {
        const std::lock_guard lock(mutex_);
        ++generation_;
        for (auto entry = entries_.begin(); entry != entries_.end();) {
            entry->second->state.reset();
            entry = entry->second->is_busy ? std::next(entry) : entries_.erase(entry);
        }
        bytes_ = 0;
        incarnation_ = incarnation;
        post_locked(barrier, [incarnation](AccessView& view) {
            view.states_.clear();
            view.incarnation_ = incarnation;
        });
    }
    co_await settle(barrier);
}

boost::asio::awaitable<void> AccessStore::publish_revocations(std::function<RevocationSet(RevocationSet)> change,
                                                              boost::asio::any_io_executor executor) {
    const auto barrier = std::make_shared<Barrier>(executor);
    {
        const std::lock_guard lock(mutex_);
        revocations_ = change(revocations_);
        post_locked(barrier, [set = revocations_](AccessView& view) { view.revocations_ = set; });
    }
    co_await settle(barrier);
}

boost::asio::awaitable<void> AccessStore::round(boost::asio::any_io_executor executor) {
    const auto barrier = std::make_shared<Barrier>(executor);
    {
        const std::lock_guard lock(mutex_);
        post_locked(barrier, [](AccessView&) {});
    }
    co_await settle(barrier);
}

boost::asio::awaitable<void> AccessStore::settle(std::shared_ptr<Barrier> barrier) {
    barrier->arrive();  // the publisher itself
    const bool settled = co_await barrier->done->wait(acknowledgement_wait);
    if (!settled) throw platform::unavailable();
}

std::shared_ptr<AccessStore::Port> AccessStore::attach(AccessView& view, boost::asio::any_io_executor executor) {
    const std::lock_guard lock(mutex_);
    auto port = std::make_shared<Port>(Port{std::move(executor), &view});
    ports_.push_back(port);
    for (const auto& [tenant, entry] : entries_) {
        if (entry->state) view.states_[tenant] = entry->state;
    }
    view.revocations_ = revocations_;
    view.incarnation_ = incarnation_;
    return port;
}

void AccessStore::detach(const std::shared_ptr<Port>& port) noexcept {
    const std::lock_guard lock(mutex_);
    port->view = nullptr;
    std::erase(ports_, port);
}

}  // namespace sentinel::access
