/// The raw server with a handler that answers with what it understood. Options are `name=value`, times in milliseconds; the
/// first line printed is the ports. SIGTERM drains.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/json.hpp"
#include "platform/http/server.hpp"
#include "platform/service/error.hpp"

namespace {

namespace asio = boost::asio;
namespace json = sentinel::core::json;
namespace http = sentinel::http;
using sentinel::platform::ErrorCode;
using sentinel::platform::ServiceError;

using Settings = std::map<std::string, std::string, std::less<>>;

long number(const Settings& settings, std::string_view name, long otherwise) {
    const auto found = settings.find(name);
    return found == settings.end() ? otherwise : std::strtol(found->second.c_str(), nullptr, 10);
}

class EchoHandler final : public http::RequestHandler {
public:
    explicit EchoHandler(asio::io_context& context) : context_(context) {}

    asio::awaitable<void> handle(const http::Request& request, http::Response& response) override {
        if (request.path == "/plain") {
            response.body = "{}";
        } else if (request.path == "/v1/users") {
            throw ServiceError(ErrorCode::authentication_required, "A token is needed.");
        } else if (request.path.starts_with("/sleep/")) {
            co_await sleep(std::strtol(std::string(request.path.substr(7)).c_str(), nullptr, 10));
        } else if (request.path.starts_with("/bytes/")) {
            response.body.assign(std::strtoul(std::string(request.path.substr(7)).c_str(), nullptr, 10), 'x');
        } else if (request.path == "/throw") {
            throw std::runtime_error("SELECT secret FROM /etc/passwd");
        } else {
            check_media(request);
            echo(request, response);
        }
        if (request.method == http::Method::options) {
            response.status = 204;
            response.headers.add("Allow", "GET, HEAD, POST, OPTIONS");
        }
    }
    std::optional<std::size_t> body_limit(http::Method, std::string_view path) const noexcept override {
        if (path == "/import") return 10 * 1024 * 1024;
        return std::nullopt;
    }

private:
    asio::awaitable<void> sleep(long milliseconds) {
        asio::steady_timer timer(context_, std::chrono::milliseconds(milliseconds));
        co_await timer.async_wait(asio::use_awaitable);
    }
    static void check_media(const http::Request& request) {
        if (request.path != "/v1/echo") return;
        const bool is_plain = request.header("Content-Encoding").value_or("identity") == "identity";
        if (!is_plain || request.header("Content-Type") != "application/json") {
            throw ServiceError(ErrorCode::unsupported_media_type, "The body must be application/json.");
        }
    }
    static void echo(const http::Request& request, http::Response& response) {
        json::Object seen;
        seen.set("method", text_of(request.method));
        seen.set("path", request.path);
        seen.set("query", request.query);
        seen.set("body_size", static_cast<std::uint64_t>(request.body.size()));
        if (sentinel::core::json::parse(request.body.empty() ? "null" : request.body)) seen.set("body", request.body);
        seen.set("client", request.client_address.text());
        seen.set("secure", request.is_secure);
        seen.set("management", request.is_management);
        seen.set("request_id", request.request_id);
        json::append(response.body, seen);
    }
    asio::io_context& context_;
};

class Observer final : public http::ServerObserver {
    void failed(std::string_view, std::string_view what) override { std::cerr << what << '\n'; }
    void accept_failed(std::string_view what) override { std::cerr << what << '\n'; }
};

http::ServerOptions options_of(const Settings& settings) {
    using std::chrono::milliseconds;
    http::ServerOptions options;
    const auto localhost = *sentinel::core::IpAddress::parse("127.0.0.1");
    options.addresses = {{localhost, static_cast<std::uint16_t>(number(settings, "port", 0))}, {localhost, 0, true}};
    http::Limits& limits = options.limits;
    limits.header_time = milliseconds(number(settings, "header_time", 10'000));
    limits.request_time = milliseconds(number(settings, "request_time", 30'000));
    limits.idle_time = milliseconds(number(settings, "idle_time", 60'000));
    limits.write_time = milliseconds(number(settings, "write_time", 10'000));
    limits.connections = static_cast<std::size_t>(number(settings, "connections", 10'000));
    limits.connections_per_address = static_cast<std::size_t>(number(settings, "connections_per_address", 10'000));
    limits.requests_in_progress = static_cast<std::size_t>(number(settings, "requests_in_progress", 1'000));
    if (const auto proxy = settings.find("trusted"); proxy != settings.end()) {
        options.trusted_proxies = {*sentinel::core::IpNetwork::parse(proxy->second)};
    }
    if (const auto origin = settings.find("origin"); origin != settings.end()) options.allowed_origins = {origin->second};
    if (const auto certificate = settings.find("tls"); certificate != settings.end()) {
        options.tls = http::load_tls(certificate->second, certificate->second);
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    for (int index = 1; index < argc; ++index) {
        const std::string_view argument = argv[index];
        const auto equals = argument.find('=');
        settings.emplace(argument.substr(0, equals), argument.substr(equals + 1));
    }
    const auto count = static_cast<std::size_t>(number(settings, "workers", 2));
    Observer observer;
    std::vector<std::unique_ptr<asio::io_context>> contexts;
    std::vector<std::unique_ptr<EchoHandler>> handlers;
    std::vector<http::ServerWorker> workers;
    for (std::size_t index = 0; index < count; ++index) {
        contexts.push_back(std::make_unique<asio::io_context>(1));
        handlers.push_back(std::make_unique<EchoHandler>(*contexts.back()));
        workers.push_back({contexts.back().get(), handlers.back().get(), &observer});
    }
    http::Server server(options_of(settings), workers);
    asio::signal_set signals(*contexts.front(), SIGTERM);
    const auto patience = std::chrono::milliseconds(number(settings, "patience", 10'000));
    signals.async_wait([&](const boost::system::error_code& fault, int) {
        if (!fault)
            server.begin_drain(patience, [&] {
                for (const auto& context : contexts) context->stop();
            });
    });
    server.start();
    for (const auto port : server.ports()) std::cout << port << ' ';
    std::cout << std::endl;
    {
        std::vector<std::jthread> threads;
        for (std::size_t index = 1; index < count; ++index) threads.emplace_back([&, index] { contexts[index]->run(); });
        contexts.front()->run();
    }
    return 0;
}
