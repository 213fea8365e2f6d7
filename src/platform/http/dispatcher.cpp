#include "platform/http/dispatcher.hpp"

#include <exception>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "core/text.hpp"
#include "platform/http/dispatcher_invocation.hpp"
#include "platform/http/error_body.hpp"

namespace sentinel::http {

using platform::ErrorCode;
using platform::ServiceError;

namespace {

constexpr std::size_t longest_user_agent = 512;

/// At most 512 code points of valid UTF-8; what is not UTF-8 becomes `?`.
std::string user_agent_of(const Request& request) {
    std::string text(request.header("User-Agent").value_or(std::string_view()));
    if (!core::is_utf8(text)) {
        for (char& letter : text) letter = static_cast<unsigned char>(letter) < 0x80 ? letter : '?';
    }
    std::size_t end = 0;
    for (std::size_t count = 0; end < text.size(); ++end) {
        const bool begins_character = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
        if (begins_character && ++count > longest_user_agent) break;
    }
    text.resize(end);
    return text;
}

Admission admission_of(const Request& request) {
    Admission admission;
    admission.context.request_id = request.request_id;
    admission.context.client_address = request.client_address;
    admission.context.user_agent = user_agent_of(request);
    return admission;
}

void add_rate_headers(const Admission& admission, Response& response) {
    if (!admission.rate) return;
    response.headers.add("X-RateLimit-Limit", admission.rate->limit);
    response.headers.add("X-RateLimit-Remaining", admission.rate->remaining);
    response.headers.add("X-RateLimit-Reset", admission.rate->reset);
    response.headers.add("X-RateLimit-Tenant", admission.context.actor.tenant.text());
}

}  // namespace

Dispatcher::Dispatcher(const Routes& routes, Guard& guard, const CursorCodec& cursors, DispatchObserver& observer,
                       DispatcherOptions options)
    : main_(routes, false),
      management_(routes, true),
      guard_(&guard),
      cursors_(&cursors),
      observer_(&observer),
      options_(options) {
    if (options_.clock == nullptr) options_.clock = &system_clock_;
}

boost::asio::awaitable<void> Dispatcher::handle(const Request& request, Response& response) {
    const Router& router = request.is_management ? management_ : main_;
    const Router::Found found = router.find(request.method, request.path);
    const Route* route = found.match.route;
    if (route == nullptr) {
        answer_without_route(request, found, response);
    } else {
        Admission admission = admission_of(request);
        try {
            co_await serve(request, found.match, admission, response);
        } catch (const ServiceError& error) {
            answer_error(request, admission, error, response);
        } catch (const platform::Replay& replay) {
            response.clear();
            write_replay(replay.answer(), response);
            admission.context.notes = {replay.answer().policy_revision, replay.answer().policy_incarnation};
            add_route_headers(*route, admission.context, response);
            add_rate_headers(admission, response);
        } catch (const boost::system::system_error& error) {
            // The server cancelled the request and knows what to answer.
            if (error.code() == boost::asio::error::operation_aborted) throw;
            observer_->failed(request, *route, error.what());
            answer_error(request, admission, ServiceError(ErrorCode::internal_error, "Something went wrong here."), response);
        } catch (const std::exception& error) {
            observer_->failed(request, *route, error.what());
            answer_error(request, admission, ServiceError(ErrorCode::internal_error, "Something went wrong here."), response);
        }
    }
    observer_->answered(request, route, response.status, std::chrono::steady_clock::now() - request.started);
}

boost::asio::awaitable<void> Dispatcher::serve(const Request& request, const RouteMatch& match, Admission& admission,
                                               Response& response) {
    co_await guard_->admit(request, match, admission);
    DispatchedCall call({request, match, admission.context, response, *cursors_, *observer_});
    call.read_headers(options_.require_if_match);
    co_await match.route->endpoint->run(call);
    add_route_headers(*match.route, admission.context, response);
    add_rate_headers(admission, response);
}

void Dispatcher::answer_without_route(const Request& request, const Router::Found& found, Response& response) const {
    if (!found.allow.empty()) response.headers.add("Allow", found.allow);
    if (request.method == Method::options && found.is_path_known()) {
        response.status = 204;
        return;
    }
    if (found.is_path_known()) {
        const ServiceError error(ErrorCode::method_not_allowed, "This path does not know the method.");
        return write_error(response, error, request.request_id, options_.clock->now());
    }
    write_error(response, platform::not_found("route"), request.request_id, options_.clock->now());
}

void Dispatcher::answer_error(const Request& request, const Admission& admission, const ServiceError& error,
                              Response& response) const {
    // What the handler had set belongs to an answer that is not sent.
    response.clear();
    add_rate_headers(admission, response);
    if (error.code() == ErrorCode::rate_limit_exceeded && error.retry_after()) {
        response.headers.add("X-RateLimit-Retry-After", static_cast<std::int64_t>(error.retry_after()->count()));
    }
    write_error(response, error, request.request_id, options_.clock->now());
}

std::optional<std::size_t> Dispatcher::body_limit(Method method, std::string_view path) const noexcept {
    try {
        const Router::Found found = main_.find(method, path);
        return found.match.route == nullptr ? std::nullopt : found.match.route->body_limit;
    } catch (const std::exception&) {
        return std::nullopt;  // out of memory: the usual limit
    }
}

}  // namespace sentinel::http
