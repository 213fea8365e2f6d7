#include "app/serve/system_routes.hpp"

#include <utility>

#include "app/version.hpp"
#include "core/json.hpp"
#include "platform/http/endpoint.hpp"

namespace sentinel::app {

namespace json = core::json;
using boost::asio::awaitable;
using http::Method;
using http::RawAnswer;

namespace {

constexpr std::string_view json_media_type = "application/json; charset=utf-8";

template <class Call>
awaitable<RawAnswer> answer_health(Call& call, telemetry::HealthAnswer answer) {
    call.reply.header("Cache-Control", "no-store");
    if (answer.status == 503) call.reply.header("Retry-After", "5");
    co_return RawAnswer{answer.status, json::to_text(answer.body)};
}

http::RouteBuilder<> health_page(std::string_view path, std::string_view summary) {
    return http::outside(Method::get, path)
        .listener(http::Listener::both)
        .open_to_all()
        .own_cache_control()
        .tag("Health")
        .summary(std::string(summary));
}

awaitable<RawAnswer> product_card(const Node& node) {
    json::Object card{{"name", node.settings.app_name},
                      {"version", version},
                      {"status", node.health.is_ready() ? "ready" : "not ready"},
                      {"cache_backend", "memory"},
                      {"ai_enabled", node.settings.ai_enabled},
                      {"biometrics_enabled", node.settings.biometrics_enabled}};
    co_return RawAnswer{200, json::to_text(card)};
}

template <class Call>
awaitable<RawAnswer> metrics_page(Call& call, const Node& node) {
    if (!node.settings.enable_metrics) throw platform::not_found("route");
    const auto format = telemetry::choose_exposition(call.request.header("Accept").value_or(""));
    call.reply.content_type(telemetry::content_type(format));
    call.reply.header("Cache-Control", "no-store");
    co_return RawAnswer{200, node.metrics.text(format)};
}

}  // namespace

void add_system_routes(http::Routes& routes, const Node& node, const SystemPages& pages) {
    routes.add(http::outside(Method::get, "/")
                   .open_to_all()
                   .tag("System")
                   .summary("What this is")
                   .operation("get_product_card")
                   .answers_raw(std::string(json_media_type))
                   .handler([&node](auto&) { return product_card(node); }));
    routes.add(http::outside(Method::get, "/openapi.json")
                   .open_to_all()
                   .alias("/api/v1/openapi.json")
                   .tag("System")
                   .summary("This interface as OpenAPI 3.1")
                   .operation("get_openapi")
                   .answers_raw(std::string(json_media_type))
                   .handler([&pages](auto&) -> awaitable<RawAnswer> { co_return RawAnswer{200, *pages.openapi}; }));
    routes.add(
        health_page("/health/live", "The process answers").answers_raw(std::string(json_media_type)).handler([&node](auto& call) {
            return answer_health(call, node.health.live());
        }));
    routes.add(health_page("/health/startup", "Everything that a start needs is there")
                   .answers_raw(std::string(json_media_type))
                   .handler([&node](auto& call) { return answer_health(call, node.health.startup()); }));
    routes.add(health_page("/health/ready", "Requests may be sent here")
                   .answers_raw(std::string(json_media_type))
                   .handler([&node](auto& call) { return answer_health(call, node.health.ready()); }));
    routes.add(health_page("/health", "How the services are")
                   .alias("/api/v1/health")
                   .answers_raw(std::string(json_media_type))
                   .handler([&node](auto& call) { return answer_health(call, node.health.health()); }));
    routes.add(http::outside(Method::get, "/metrics")
                   .listener(http::Listener::management)
                   .open_to_all()
                   .own_cache_control()
                   .tag("Health")
                   .summary("Figures for Prometheus")
                   .operation("get_metrics")
                   .answers_raw("text/plain; version=0.0.4; charset=utf-8")
                   .handler([&node](auto& call) { return metrics_page(call, node); }));
    routes.add(http::get("/metrics")
                   .scope(platform::Scope::system_read)
                   .own_cache_control()
                   .tag("Health")
                   .summary("Figures for Prometheus, for holders of system:read")
                   .operation("get_public_metrics")
                   .answers_raw("text/plain; version=0.0.4; charset=utf-8")
                   .handler([&node](auto& call) { return metrics_page(call, node); }));
}

}  // namespace sentinel::app
