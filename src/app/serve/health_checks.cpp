#include "app/serve/health_checks.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "app/serve/worker.hpp"

namespace sentinel::app {

using telemetry::CheckResult;
using telemetry::Component;
using telemetry::ComponentState;

HealthChecks::HealthChecks(Node& node, Services& services, std::vector<const writes::AuditQueue*> audit_queues)
    : node_(node), services_(services), audit_queues_(std::move(audit_queues)), wake_(services.access.executor()) {
    for (const Component absent :
         {Component::cache, Component::ai_engine, Component::biometrics, Component::mail, Component::webhooks}) {
        node_.health.disable(absent);
    }
}

boost::asio::awaitable<void> HealthChecks::run() {
    while (!stopping_) {
        co_await wake_.wait(telemetry::health_check_interval);
        if (!stopping_) co_await check_all();
    }
}

void HealthChecks::stop() {
    stopping_ = true;
    wake_.cut_short();
}

boost::asio::awaitable<void> HealthChecks::check_all() {
    co_await check_database();
    check_access();
    check_audit();
}

boost::asio::awaitable<void> HealthChecks::check_database() {
    const auto start = std::chrono::steady_clock::now();
    CheckResult result{.state = ComponentState::healthy};
    try {
        co_await services_.database.ping();
    } catch (const platform::ServiceError&) {
        result.state = ComponentState::unhealthy;
        result.error_code = "database_unavailable";
    }
    result.latency = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
    node_.health.record(Component::database, result);
    // Log-ins need the database and the hash pool, which is always there.
    node_.health.record(Component::auth, result);
    node_.health.record(Component::jobs, result);
}

void HealthChecks::check_access() {
    CheckResult result{.state = ComponentState::healthy};
    try {
        services_.access.check_revocations_read();
    } catch (const platform::ServiceError&) {
        result.state = ComponentState::unhealthy;
        result.error_code = "revocations_stale";
    }
    node_.health.record(Component::snapshot, result);
}

void HealthChecks::check_audit() {
    CheckResult result{.state = ComponentState::healthy};
    if (!std::ranges::all_of(audit_queues_, &writes::AuditQueue::is_writable)) {
        result.state = ComponentState::unhealthy;
        result.error_code = "audit_not_writable";
    }
    node_.health.record(Component::audit, result);
}

}  // namespace sentinel::app
