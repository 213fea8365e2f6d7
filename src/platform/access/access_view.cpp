#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "platform/access/access_loader.hpp"
#include "platform/access/access_store.hpp"
#include "platform/access/access_store_parts.hpp"
#include "platform/service/error.hpp"

namespace sentinel::access {

namespace {

using boost::asio::awaitable;

/// All states may be dropped while one is read; twice in a row is a database in trouble.
constexpr int max_attempts = 3;

constexpr postgres::TransactionOptions one_snapshot{.isolation = postgres::Isolation::repeatable_read};

constexpr std::int64_t unreachable_revision = std::numeric_limits<std::int64_t>::max();

/// Is what descendants take from this tenant the same?
bool binds_alike(const TenantRow& before, const TenantRow& after) {
    return before.is_active == after.is_active && before.is_deleted == after.is_deleted && before.networks == after.networks;
}

void confirm(const AccessState& state, std::int64_t at) {
    std::atomic<std::int64_t>& confirmed = state.freshness().confirmed_at;
    std::int64_t known = confirmed.load(std::memory_order_relaxed);
    while (known < at && !confirmed.compare_exchange_weak(known, at, std::memory_order_relaxed)) {}
}

}  // namespace

AccessView::AccessView(AccessStore& store, boost::asio::any_io_executor executor, postgres::Database& database)
    : store_(&store), executor_(std::move(executor)), database_(&database), port_(store.attach(*this, executor_)) {}

AccessView::~AccessView() { store_->detach(port_); }

const AccessState* AccessView::find(core::TenantId tenant) const noexcept {
    const auto found = states_.find(tenant);
    if (found == states_.end()) return nullptr;
    const AccessState& state = *found->second;
    const std::int64_t second = store_->steady_now() / 1'000'000'000;
    std::atomic<std::int64_t>& used_at = state.freshness().used_at;
    // Written once a second at most: readers on other cores share this line.
    if (used_at.load(std::memory_order_relaxed) < second) used_at.store(second, std::memory_order_relaxed);
    return &state;
}

void AccessView::check_fresh(const AccessState& state) const {
    const std::int64_t confirmed_at = state.freshness().confirmed_at.load(std::memory_order_relaxed);
    if (store_->steady_now() - confirmed_at <= store_->options().max_staleness.count()) return;
    throw platform::ServiceError(platform::ErrorCode::stale_revision, "The policy could not be confirmed to be the newest.")
        .with_retry_after(std::chrono::seconds(1));
}

void AccessView::check_revocations_read() const {
    const std::int64_t read_at = store_->revocations_read_at_.load(std::memory_order_relaxed);
    if (store_->steady_now() - read_at > store_->options().max_staleness.count()) throw platform::unavailable();
}

awaitable<AccessStatePointer> AccessView::require(core::TenantId tenant) {
    for (int attempt = 0; attempt < max_attempts; ++attempt) {
        if (const auto found = states_.find(tenant); found != states_.end()) co_return found->second;
        const auto is_resident = [this, tenant] { return states_.contains(tenant); };
        const std::optional<AccessStore::Slot> slot = co_await store_->acquire(tenant, executor_, is_resident);
        if (!slot || is_resident()) continue;
        const std::uint64_t generation = store_->generation();
        const std::int64_t asked_at = store_->steady_now();
        const auto load = [tenant](postgres::Transaction& transaction) { return load_state(transaction, tenant); };
        AccessStatePointer state = co_await database_->read(tenant, load, one_snapshot);
        if (!state) co_return nullptr;
        confirm(*state, asked_at);
        const bool published = co_await store_->publish(state, generation, executor_);
        if (published) co_return state;
    }
    throw platform::unavailable();
}

awaitable<void> AccessView::take_over(Refreshed refreshed, core::TenantId tenant, std::uint64_t generation,
                                      std::int64_t asked_at) {
    if (refreshed.went_back) {
        co_await store_->drop_all(store_->incarnation(), executor_);
    } else if (!refreshed.state) {
        co_await store_->drop(tenant, executor_);
    } else {
        confirm(*refreshed.state, asked_at);  // before anybody can find it
        const bool published = co_await store_->publish(refreshed.state, generation, executor_);
        static_cast<void>(published);  // what was dropped is read anew
    }
}

awaitable<bool> AccessView::refresh(core::TenantId tenant, std::int64_t revision) {
    const auto is_waiting_needed = [] { return false; };
    const std::optional<AccessStore::Slot> slot = co_await store_->acquire(tenant, executor_, is_waiting_needed);
    const AccessStatePointer base = store_->current(tenant);
    if (!base || base->revision() >= revision) {
        co_await store_->round(executor_);  // it may have been posted a moment ago
        co_return !base;
    }
    const std::uint64_t generation = store_->generation();
    const std::int64_t asked_at = store_->steady_now();
    const auto read = [base](postgres::Transaction& transaction) { return refresh_state(transaction, base); };
    Refreshed refreshed = co_await database_->read(tenant, read, one_snapshot);
    const bool binds_otherwise = !refreshed.state || !binds_alike(base->tenant(), refreshed.state->tenant());
    co_await take_over(std::move(refreshed), tenant, generation, asked_at);
    co_return binds_otherwise;
}

awaitable<void> AccessView::refresh_descendants(core::TenantId ancestor) {
    const std::vector<AccessStatePointer> resident = store_->resident();
    for (const AccessStatePointer& state : resident) {
        if (state->tenant().is_within(ancestor)) co_await refresh(state->tenant().id, unreachable_revision);
    }
}

awaitable<void> AccessView::bring_up_to(core::TenantId tenant, std::int64_t revision) {
    const bool binds_otherwise = co_await refresh(tenant, revision);
    if (binds_otherwise) co_await refresh_descendants(tenant);
}

awaitable<AccessStatePointer> AccessView::bring_up_to(postgres::Transaction& transaction, core::TenantId tenant,
                                                      std::int64_t revision) {
    // Without a slot: its holder may be waiting for the connection that this writer has.
    for (int attempt = 0; attempt < max_attempts; ++attempt) {
        const std::uint64_t generation = store_->generation();
        const AccessStatePointer base = store_->current(tenant);
        if (base && base->revision() == revision) co_return base;
        const std::int64_t asked_at = store_->steady_now();
        Refreshed refreshed;
        if (base) {
            refreshed = co_await refresh_state(transaction, base);
        } else {
            refreshed.state = co_await load_state(transaction, tenant);
        }
        AccessStatePointer state = refreshed.state;
        const bool went_back = refreshed.went_back;
        co_await take_over(std::move(refreshed), tenant, generation, asked_at);
        if (!went_back && store_->generation() == generation) co_return state;
    }
    throw platform::unavailable();
}

awaitable<void> AccessView::revoked(std::vector<Revocation> revocations) {
    co_await add_revocations(std::move(revocations), std::nullopt);
}

awaitable<void> AccessView::add_revocations(std::vector<Revocation> revocations, std::optional<core::Instant> expired_until) {
    std::vector<Revocation> accounts;
    const auto is_account = [](const Revocation& row) { return row.kind == RevocationKind::account; };
    std::ranges::copy_if(revocations, std::back_inserter(accounts), is_account);
    const auto change = [rows = std::move(revocations), expired_until](RevocationSet set) {
        for (const Revocation& row : rows) set.add(row);
        return expired_until ? set.without_expired(*expired_until) : set;
    };
    co_await store_->publish_revocations(change, executor_);
    for (Revocation& account : accounts) co_await apply_networks(std::move(account));
}

awaitable<void> AccessView::apply_networks(Revocation revocation) {
    const auto account = core::UserId::parse(revocation.reference);
    if (!account) co_return;
    const auto is_waiting_needed = [] { return false; };
    const std::optional<AccessStore::Slot> slot = co_await store_->acquire(revocation.tenant, executor_, is_waiting_needed);
    const std::uint64_t generation = store_->generation();
    const AccessStatePointer base = store_->current(revocation.tenant);
    const SubjectRow* subject = base ? base->subject(*account) : nullptr;
    if (subject == nullptr || subject->networks == revocation.networks) co_return;
    SubjectRow changed = *subject;
    changed.networks = std::move(revocation.networks);
    AccessStateBuilder builder(*base);
    builder.put(std::move(changed));
    const bool published = co_await store_->publish(builder.finish(), generation, executor_);
    static_cast<void>(published);  // what was dropped is read anew
}

}  // namespace sentinel::access
