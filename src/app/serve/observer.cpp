#include "app/serve/observer.hpp"

#include <array>
#include <chrono>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "core/json.hpp"

namespace sentinel::app {

namespace json = core::json;

namespace {

constexpr std::array<std::string_view, 6> status_classes{"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
constexpr std::string_view unknown_route = "none";

constexpr std::array<std::string_view, 6> methods{"GET", "POST", "PUT", "PATCH", "DELETE", "other"};

std::vector<std::string> paths_of(const http::Routes& routes) {
    std::vector<std::string> paths{std::string(unknown_route)};
    for (const http::Route& route : routes.all()) paths.push_back(route.path);
    return paths;
}

std::vector<std::string> texts(std::span<const std::string_view> views) { return {views.begin(), views.end()}; }

writes::AuditEvent event_of(const access::Refusal& refusal) {
    const json::Object metadata{{"detail", refusal.detail}, {"route", refusal.route}};
    switch (refusal.kind) {
        case access::RefusalKind::scope:
            return {.action = "denied.scope", .result = writes::AuditResult::denied, .metadata = metadata};
        case access::RefusalKind::cross_tenant:
            return {.action = "denied.cross_tenant", .result = writes::AuditResult::denied, .metadata = metadata};
        case access::RefusalKind::rate_limit:
            return {.action = "rate_limit.block", .result = writes::AuditResult::denied, .metadata = metadata};
        case access::RefusalKind::token_invalid:
            return {.action = "token.invalid", .result = writes::AuditResult::denied, .metadata = metadata};
    }
    return {.action = "denied.scope", .result = writes::AuditResult::denied, .metadata = metadata};
}

platform::RequestContext context_of(const access::Refusal& refusal) {
    platform::RequestContext context;
    if (refusal.actor != nullptr) context.actor = *refusal.actor;
    context.request_id = refusal.request_id;
    context.client_address = refusal.client_address;
    context.user_agent = refusal.user_agent;
    return context;
}

}  // namespace

RequestMetrics::RequestMetrics(telemetry::MetricsRegistry& registry, const http::Routes& routes)
    : requests(registry.counters("api_requests_total", "Requests answered.",
                                 {{"method", texts(methods)}, {"route", paths_of(routes)}, {"status", texts(status_classes)}})),
      seconds(registry.histograms("api_request_duration_seconds", "Time from the request's last byte to its answer.",
                                  telemetry::slow_seconds, {{"method", texts(methods)}, {"route", paths_of(routes)}})),
      overload(registry.counters("http_overload_rejections_total", "Turned away.", {{"reason", {"connections", "server"}}})),
      rate_limited(registry.counters("rate_limit_rejections_total", "Requests over a rate limit.",
                                     {{"bucket", {"address", "tenant", "principal", "checks", "sensitive"}}})),
      connections(registry.levels("http_connections", "Open connections.", {}).with({})) {}

struct WorkerObserver::RouteSeries {
    RouteSeries(std::vector<telemetry::Counter> counters, telemetry::Histogram histogram)
        : by_class(std::move(counters)), seconds(histogram) {}
    std::vector<telemetry::Counter> by_class;
    telemetry::Histogram seconds;
};

WorkerObserver::WorkerObserver(telemetry::Logger& log, const RequestMetrics& metrics, const http::Routes& routes,
                               writes::AuditQueue& audit)
    : log_(&log), metrics_(&metrics), audit_(&audit), refused_connections_(metrics.overload.with({"connections"})) {
    const auto add = [&](const http::Route* route, std::string_view method, std::string_view path) {
        std::vector<telemetry::Counter> counters;
        for (const std::string_view status : status_classes) counters.push_back(metrics.requests.with({method, path, status}));
        series_[route] = std::make_unique<RouteSeries>(std::move(counters), metrics.seconds.with({method, path}));
    };
    add(nullptr, "other", unknown_route);
    for (const http::Route& route : routes.all()) add(&route, text_of(route.method), route.path);
}

WorkerObserver::~WorkerObserver() = default;

const WorkerObserver::RouteSeries& WorkerObserver::series_of(const http::Route* route) const { return *series_.at(route); }

void WorkerObserver::answered(const http::Request& request, const http::Route* route, int status, std::chrono::nanoseconds took) {
    const RouteSeries& series = series_of(route);
    const int hundreds = status / 100;
    series.by_class[hundreds >= 1 && hundreds <= 5 ? static_cast<std::size_t>(hundreds) : 0].add();
    const double seconds = std::chrono::duration<double>(took).count();
    series.seconds.observe(seconds);
    // What clients do wrong is counted, and told only when asked for: an attacker must not fill the log.
    if (status < 400 || !log_->enabled(telemetry::LogLevel::debug, "http")) return;
    log_->debug("http", "request refused",
                {{"request_id", request.request_id},
                 {"method", text_of(request.method)},
                 {"route", route == nullptr ? unknown_route : std::string_view(route->path)},
                 {"status", status},
                 {"ms", seconds * 1000}});
}

void WorkerObserver::failed(const http::Request& request, const http::Route& route, std::string_view what) {
    log_->error(
        "http", "request failed",
        {{"request_id", request.request_id}, {"method", text_of(request.method)}, {"route", route.path}, {"error", what}});
}

void WorkerObserver::saw_foreign_cursor(const platform::RequestContext& context, core::TenantId) {
    audit_->add(
        context, context.actor.home_tenant,
        {.action = "denied.cross_tenant", .result = writes::AuditResult::denied, .metadata = json::Object{{"detail", "cursor"}}});
}

void WorkerObserver::answered(const http::Request&, const http::Response& response, bool refused) {
    if (refused && response.status == 503) metrics_->overload.with({"server"}).add();
}

void WorkerObserver::connection_opened(bool) { metrics_->connections.add(1); }
void WorkerObserver::connection_closed(bool) { metrics_->connections.add(-1); }
void WorkerObserver::connection_refused(bool) { refused_connections_.add(); }

void WorkerObserver::failed(std::string_view request_id, std::string_view what) {
    log_->error("http", "request failed", {{"request_id", request_id}, {"error", what}});
}

void WorkerObserver::accept_failed(std::string_view what) { log_->warning("http", "accept failed", {{"error", what}}); }

void WorkerObserver::refused(const access::Refusal& refusal) noexcept {
    try {
        if (refusal.kind == access::RefusalKind::rate_limit) metrics_->rate_limited.with({refusal.detail}).add();
        audit_->add(context_of(refusal), refusal.tenant, event_of(refusal));
    } catch (const std::exception&) {
        // Out of memory: the refusal itself stands, its record is lost.
    }
}

void WorkerObserver::entered(const platform::RequestContext& context) noexcept {
    try {
        const core::TenantId tenant = context.actor.tenant;
        const writes::AuditEvent event{.action = "tenant.enter", .resource_type = "tenant", .resource_id = tenant.text()};
        for (const core::TenantId chain : writes::chains_of(context.actor, tenant)) audit_->add(context, chain, event);
    } catch (const std::exception&) {
        // Out of memory: what is done in the tenant has records of its own.
    }
}

}  // namespace sentinel::app
