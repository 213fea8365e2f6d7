#pragma once
/// Turns what happens on a worker into audit records, metrics and log lines.

#include <memory>
#include <string_view>
#include <unordered_map>

#include "platform/access/refusals.hpp"
#include "platform/http/dispatcher.hpp"
#include "platform/http/server.hpp"
#include "platform/telemetry/log.hpp"
#include "platform/telemetry/metrics.hpp"
#include "platform/writes/audit_queue.hpp"

namespace sentinel::app {

/// The series that requests are counted in; declared once for the node.
struct RequestMetrics {
    explicit RequestMetrics(telemetry::MetricsRegistry& registry, const http::Routes& routes);
    telemetry::Family<telemetry::Counter> requests;
    telemetry::Family<telemetry::Histogram> seconds;
    telemetry::Family<telemetry::Counter> overload;
    telemetry::Family<telemetry::Counter> rate_limited;
    telemetry::Level connections;
};

/// One for each worker.
class WorkerObserver final : public http::DispatchObserver, public http::ServerObserver, public access::GuardAudit {
public:
    WorkerObserver(telemetry::Logger& log, const RequestMetrics& metrics, const http::Routes& routes, writes::AuditQueue& audit);
    ~WorkerObserver() override;

    void answered(const http::Request& request, const http::Route* route, int status, std::chrono::nanoseconds took) override;
    void failed(const http::Request& request, const http::Route& route, std::string_view what) override;
    void saw_foreign_cursor(const platform::RequestContext& context, core::TenantId named) override;

    void answered(const http::Request& request, const http::Response& response, bool refused) override;
    void connection_opened(bool is_management) override;
    void connection_closed(bool is_management) override;
    void connection_refused(bool is_management) override;
    void failed(std::string_view request_id, std::string_view what) override;
    void accept_failed(std::string_view what) override;

    void refused(const access::Refusal& refusal) noexcept override;
    void entered(const platform::RequestContext& context) noexcept override;

private:
    struct RouteSeries;
    const RouteSeries& series_of(const http::Route* route) const;

    telemetry::Logger* log_;
    const RequestMetrics* metrics_;
    writes::AuditQueue* audit_;
    std::unordered_map<const http::Route*, std::unique_ptr<RouteSeries>> series_;  ///< null = no route was found
    telemetry::Counter refused_connections_;
};

}  // namespace sentinel::app
