#pragma once
/// From a request to its answer: route, guard, binder, handler, writer (spec 00 sections 2 to 6).

#include <chrono>
#include <optional>
#include <string_view>

#include "core/time.hpp"
#include "core/vocabulary.hpp"
#include "platform/http/cursor.hpp"
#include "platform/http/guard.hpp"
#include "platform/http/route.hpp"
#include "platform/http/router.hpp"
#include "platform/http/server.hpp"

namespace sentinel::http {

/// What happened, for metrics, log and audit. Called on the worker's thread; must not block or throw.
class DispatchObserver {
public:
    DispatchObserver() = default;
    DispatchObserver(const DispatchObserver&) = delete;
    DispatchObserver& operator=(const DispatchObserver&) = delete;
    virtual ~DispatchObserver() = default;
    /// `route` is null when no route was found; the label of metrics is `route->path`.
    virtual void answered(const Request& request, const Route* route, int status, std::chrono::nanoseconds took) {
        static_cast<void>(request), static_cast<void>(route), static_cast<void>(status), static_cast<void>(took);
    }
    /// An exception that is answered 500. `what` may hold anything and is for the log alone.
    virtual void failed(const Request& request, const Route& route, std::string_view what) {
        static_cast<void>(request), static_cast<void>(route), static_cast<void>(what);
    }
    /// A genuine cursor of another tenant (audit `denied.cross_tenant`).
    virtual void saw_foreign_cursor(const platform::RequestContext& context, core::TenantId named) {
        static_cast<void>(context), static_cast<void>(named);
    }
};

struct DispatcherOptions {
    bool require_if_match = false;       ///< REQUIRE_IF_MATCH
    const core::Clock* clock = nullptr;  ///< null = the system's
};

/// One for each worker. All that it is given must outlive it.
class Dispatcher final : public RequestHandler {
public:
    Dispatcher(const Routes& routes, Guard& guard, const CursorCodec& cursors, DispatchObserver& observer,
               DispatcherOptions options = {});

    boost::asio::awaitable<void> handle(const Request& request, Response& response) override;
    std::optional<std::size_t> body_limit(Method method, std::string_view path) const noexcept override;

private:
    boost::asio::awaitable<void> serve(const Request& request, const RouteMatch& match, Admission& admission, Response& response);
    void answer_without_route(const Request& request, const Router::Found& found, Response& response) const;
    void answer_error(const Request& request, const Admission& admission, const platform::ServiceError& error,
                      Response& response) const;

    Router main_;
    Router management_;
    Guard* guard_;
    const CursorCodec* cursors_;
    DispatchObserver* observer_;
    DispatcherOptions options_;
    core::SystemClock system_clock_;
};

}  // namespace sentinel::http
