#pragma once
/// Who decides whether a request may reach its handler. Implemented by platform_access.

#include <cstdint>
#include <optional>

#include <boost/asio/awaitable.hpp>

#include "platform/http/request.hpp"
#include "platform/http/route.hpp"
#include "platform/service/actor.hpp"

namespace sentinel::http {

/// The tightest bucket that the request took from.
struct RateState {
    std::int64_t limit = 0;      ///< the burst
    std::int64_t remaining = 0;  ///< how many would pass now
    std::int64_t reset = 0;      ///< Unix seconds at which the bucket is full again
};

/// What the guard found out; filled as far as it came, also when it refuses.
struct Admission {
    platform::RequestContext context;
    std::optional<RateState> rate;  ///< set for every caller whose token was right
};

class Guard {
public:
    Guard() = default;
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    virtual ~Guard() = default;

    /// Fills `admission.context` (actor, tenant acted in); throws platform::ServiceError to refuse. Runs before the body is
    /// looked at. The dispatcher has set the context's request id, client address and user agent already.
    virtual boost::asio::awaitable<void> admit(const Request& request, const RouteMatch& match, Admission& admission) = 0;
};

}  // namespace sentinel::http
