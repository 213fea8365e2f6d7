#include "platform/access/access_feed.hpp"

#include <algorithm>
#include <exception>
#include <limits>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "platform/access/access_loader.hpp"
#include "platform/access/access_statements.hpp"

namespace sentinel::access {

namespace {

using boost::asio::awaitable;
using postgres::Pending;
using postgres::Result;
using postgres::Row;
using postgres::Transaction;

constexpr std::int64_t prune_every = 60'000'000'000;
constexpr std::int64_t unreachable_revision = std::numeric_limits<std::int64_t>::max();

struct StateRow {
    std::int64_t revision = 0;
    std::int64_t token_epoch = 0;
};
using StateRows = std::unordered_map<core::TenantId, StateRow>;

struct Poll {
    std::string incarnation;
    StateRows rows;
};

awaitable<Poll> ask(Transaction& transaction, std::vector<core::TenantId> tenants) {
    Pending incarnation_sent = transaction.send(sql::incarnation);
    Pending revisions_sent = transaction.send(sql::revisions, tenants);
    const Result incarnation = co_await transaction.receive(std::move(incarnation_sent));
    const Result revisions = co_await transaction.receive(std::move(revisions_sent));
    Poll poll;
    poll.incarnation = incarnation.one().get<std::string>("incarnation");
    for (const Row row : revisions) {
        poll.rows[row.get<core::TenantId>("tenant_id")] = {row.get<std::int64_t>("policy_revision"),
                                                           row.get<std::int64_t>("token_epoch")};
    }
    co_return poll;
}

/// The resident tenants and their ancestors, each once.
std::vector<core::TenantId> tenants_of(const std::vector<AccessStatePointer>& states) {
    std::vector<core::TenantId> tenants;
    for (const AccessStatePointer& state : states) {
        tenants.push_back(state->tenant().id);
        for (const TenantRevision& ancestor : state->tenant().ancestors) tenants.push_back(ancestor.tenant);
    }
    std::ranges::sort(tenants);
    tenants.erase(std::ranges::unique(tenants).begin(), tenants.end());
    return tenants;
}

Standing standing_of(const AccessState& state, const StateRows& rows) {
    const auto own = rows.find(state.tenant().id);
    if (own == rows.end()) return Standing::gone;
    if (own->second.revision < state.revision()) return Standing::went_back;
    bool is_newest = own->second.revision == state.revision() && own->second.token_epoch == state.tenant().token_epoch;
    for (const TenantRevision& ancestor : state.tenant().ancestors) {
        const auto found = rows.find(ancestor.tenant);
        const std::int64_t revision = found == rows.end() ? 0 : found->second.revision;
        if (revision < ancestor.revision) return Standing::went_back;
        is_newest = is_newest && revision == ancestor.revision;
    }
    return is_newest ? Standing::newest : Standing::behind;
}

Revocation revocation_of(const Row& row, RevocationKind kind) {
    return Revocation::read(row.get<core::TenantId>("tenant_id"), kind, row.get<std::string>("ref"), row.get<std::int64_t>("seq"),
                            row.get<std::optional<core::json::Value>>("value"), row.get<core::Instant>("expires_at"));
}

void raise(std::atomic<std::int64_t>& value, std::int64_t to) {
    std::int64_t known = value.load(std::memory_order_relaxed);
    while (known < to && !value.compare_exchange_weak(known, to, std::memory_order_relaxed)) {}
}

}  // namespace

struct AccessFeed::Loop {
    explicit Loop(const boost::asio::any_io_executor& executor) : revisions(executor), revocations(executor) {}
    boost::asio::steady_timer revisions;
    boost::asio::steady_timer revocations;
    bool is_stopped = false;
};

AccessFeed::AccessFeed(AccessView& view, FeedOptions options)
    : view_(&view), options_(std::move(options)), loop_(std::make_shared<Loop>(view.executor())) {}

awaitable<void> AccessFeed::start() {
    co_await poll_revisions();
    co_await poll_revocations();
}

awaitable<void> AccessFeed::poll_revisions() {
    AccessStore& store = view_->store();
    const std::vector<AccessStatePointer> before = store.resident();
    const std::int64_t asked_at = store.steady_now();
    const auto read = [tenants = tenants_of(before)](Transaction& transaction) { return ask(transaction, tenants); };
    const Poll poll = co_await view_->database().read_private(read);
    if (poll.incarnation != store.incarnation()) {
        horizon_ = "0";  // transaction ids of another database say nothing
        co_await store.drop_all(poll.incarnation, view_->executor());
        co_return;
    }
    for (const AccessStatePointer& state : before) {
        const bool goes_on = co_await follow(*state, standing_of(*state, poll.rows), asked_at);
        if (!goes_on) co_return;
    }
}

awaitable<bool> AccessFeed::follow(const AccessState& state, Standing standing, std::int64_t asked_at) {
    AccessStore& store = view_->store();
    const core::TenantId tenant = state.tenant().id;
    switch (standing) {
        case Standing::newest: raise(state.freshness().confirmed_at, asked_at); break;
        case Standing::gone: co_await store.drop(tenant, view_->executor()); break;
        case Standing::went_back: co_await store.drop_all(store.incarnation(), view_->executor()); co_return false;
        case Standing::behind: co_await refresh(tenant); break;
    }
    co_return true;
}

awaitable<void> AccessFeed::refresh(core::TenantId tenant) {
    try {
        const bool changed = co_await view_->refresh(tenant, unreachable_revision);
        static_cast<void>(changed);
    } catch (const std::exception& failure) {
        // The others go on; this one is refused when it stays so for too long.
        if (options_.report) options_.report(failure.what());
    }
}

awaitable<void> AccessFeed::poll_revocations() {
    AccessStore& store = view_->store();
    const std::int64_t asked_at = store.steady_now();
    const auto read = [horizon = horizon_](Transaction& transaction) { return transaction.execute(sql::revocations, horizon); };
    const Result result = co_await view_->database().read_private(read);
    const RevocationSet known = store.revocations();
    std::vector<Revocation> fresh;
    for (const Row row : result) {
        const auto kind = row.is_null("seq") ? std::nullopt : parse_revocation_kind(row.get<std::string_view>("kind"));
        if (!kind) continue;
        Revocation revocation = revocation_of(row, *kind);
        if (!known.knows(revocation)) fresh.push_back(std::move(revocation));
    }
    const auto now = result[0].get<core::Instant>("now");
    const bool is_pruning = asked_at - pruned_at_ >= prune_every;
    if (is_pruning) {
        known.for_each([&](const Revocation& row) {  // a state may have been read just before the networks changed
            if (row.kind == RevocationKind::account) fresh.push_back(row);
        });
    }
    if (!fresh.empty() || is_pruning) {
        co_await view_->add_revocations(std::move(fresh), is_pruning ? std::optional(now) : std::nullopt);
    }
    if (is_pruning) pruned_at_ = asked_at;
    horizon_ = result[0].get<std::string>("xmin");
    raise(store.database_time_, now.seconds);
    raise(store.revocations_read_at_, asked_at);
}

awaitable<void> AccessFeed::run() {
    using namespace boost::asio::experimental::awaitable_operators;
    co_await (poll_every(options_.revisions_every, &AccessFeed::poll_revisions, loop_->revisions) &&
              poll_every(options_.revocations_every, &AccessFeed::poll_revocations, loop_->revocations));
}

awaitable<void> AccessFeed::poll_every(std::chrono::milliseconds every, awaitable<void> (AccessFeed::*poll)(),
                                       boost::asio::steady_timer& timer) {
    const std::shared_ptr<Loop> loop = loop_;
    while (!loop->is_stopped) {
        timer.expires_after(every);
        co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        if (loop->is_stopped) co_return;
        try {
            co_await (this->*poll)();
        } catch (const std::exception& failure) {
            if (options_.report) options_.report(failure.what());
        }
    }
}

void AccessFeed::stop() noexcept {
    loop_->is_stopped = true;
    loop_->revisions.cancel();
    loop_->revocations.cancel();
}

}  // namespace sentinel::access
