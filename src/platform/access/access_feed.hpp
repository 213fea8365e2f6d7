#pragma once
/// Keeps the states of a node fresh: worker 0 asks for the revisions of the resident tenants each second and for revocations twice a
/// second. Nothing depends on notifications.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "platform/access/access_store.hpp"

namespace sentinel::access {

struct FeedOptions {
    std::chrono::milliseconds revisions_every = std::chrono::seconds(1);
    std::chrono::milliseconds revocations_every = std::chrono::milliseconds(500);
    /// Told what failed, once for each failure; never a value of a row.
    std::function<void(std::string_view)> report;
};

/// How a resident state stands to what the database says.
enum class Standing : std::uint8_t { newest, behind, gone, went_back };

/// Used from the thread of its view alone.
class AccessFeed {
public:
    AccessFeed(AccessView& view, FeedOptions options = {});

    /// Reads incarnation and revocations for the first time; before that every request is refused.
    boost::asio::awaitable<void> start();
    /// Polls until stop(); failures are reported and tried again.
    boost::asio::awaitable<void> run();
    void stop() noexcept;

    /// One poll: incarnation, then every resident tenant whose revision moved is brought up. Throws when the database is away.
    boost::asio::awaitable<void> poll_revisions();
    /// One poll: adds what was committed since the oldest transaction that ran at the last one.
    boost::asio::awaitable<void> poll_revocations();

private:
    struct Loop;
    boost::asio::awaitable<void> poll_every(std::chrono::milliseconds every, boost::asio::awaitable<void> (AccessFeed::*poll)(),
                                            boost::asio::steady_timer& timer);
    /// False = all was dropped, the rest of the poll says nothing any more.
    boost::asio::awaitable<bool> follow(const AccessState& state, Standing standing, std::int64_t asked_at);
    boost::asio::awaitable<void> refresh(core::TenantId tenant);

    AccessView* view_;
    FeedOptions options_;
    std::string horizon_ = "0";   ///< the oldest transaction still running at the last poll of revocations
    std::int64_t pruned_at_ = 0;  ///< steady nanoseconds
    std::shared_ptr<Loop> loop_;
};

}  // namespace sentinel::access
