#pragma once
/// The harbour module behind a dispatcher with a guard that a test sets; requests run in process, without sockets.

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "platform/http/dispatcher.hpp"
#include "platform/http/endpoint_testing.hpp"

namespace sentinel::http::testing {

class TestGuard final : public Guard {
public:
    std::function<void(const Request&, const RouteMatch&, Admission&)> decide;
    boost::asio::awaitable<void> admit(const Request& request, const RouteMatch& match, Admission& admission) override {
        if (decide) decide(request, match, admission);
        co_return;
    }
};

class TestObserver final : public DispatchObserver {
public:
    std::vector<std::string> answers;   ///< `template status`
    std::vector<std::string> failures;  ///< what was thrown
    std::vector<core::TenantId> foreign;
    void answered(const Request&, const Route* route, int status, std::chrono::nanoseconds) override {
        answers.push_back((route == nullptr ? "-" : route->path) + ' ' + std::to_string(status));
    }
    void failed(const Request&, const Route&, std::string_view what) override { failures.emplace_back(what); }
    void saw_foreign_cursor(const platform::RequestContext&, core::TenantId named) override { foreign.push_back(named); }
};

class TestService final : public HarbourService {
public:
    Harbour harbour;
    Page<Harbour> page;
    std::function<void(platform::RequestContext&)> before;
    std::optional<CreateHarbour> created;
    std::optional<ListHarbours> listed;
    std::optional<ChangeHarbour> changed;
    core::TenantId named;

    boost::asio::awaitable<Harbour> create(platform::RequestContext& context, CreateHarbour input) override {
        if (before) before(context);
        created = std::move(input);
        co_return harbour;
    }
    boost::asio::awaitable<Page<Harbour>> list(platform::RequestContext& context, ListHarbours query) override {
        if (before) before(context);
        listed = std::move(query);
        co_return page;
    }
    boost::asio::awaitable<HarbourDetail> find(platform::RequestContext& context, core::TenantId id) override {
        if (before) before(context);
        named = id;
        co_return HarbourDetail{harbour, 4};
    }
    boost::asio::awaitable<Harbour> change(platform::RequestContext& context, core::TenantId id, ChangeHarbour input) override {
        if (before) before(context);
        named = id;
        changed = std::move(input);
        co_return harbour;
    }
    boost::asio::awaitable<void> remove(platform::RequestContext& context, core::TenantId id) override {
        if (before) before(context);
        named = id;
        co_return;
    }
};

/// What a test sends.
struct Sent {
    Method method = Method::get;
    std::string target;
    std::string body;
    std::vector<HeaderField> headers;
};

class Port {
public:
    explicit Port(DispatcherOptions options = {})
        : codec({std::make_shared<const crypto::HmacKey>(platform::Secret(std::string(32, 'k')))}) {
        add_routes(routes, service);
        options.clock = &clock;
        dispatcher.emplace(routes, guard, codec, observer, options);
        guard.decide = [this](const Request&, const RouteMatch&, Admission& admission) {
            admission.context.actor.tenant = tenant;
        };
    }

    const Response& send(const Sent& sent) {
        Request request;
        request.method = sent.method;
        request.target = sent.target;
        const auto mark = sent.target.find('?');
        request.path = request.target.substr(0, mark);
        if (mark != std::string::npos) request.query = request.target.substr(mark + 1);
        request.body = sent.body;
        for (const auto& field : sent.headers) request.headers.add(field.name, field.value);
        if (!sent.body.empty() && !request.header("Content-Type")) request.headers.add("Content-Type", "application/json");
        request.request_id = "request-1";
        request.started = std::chrono::steady_clock::now();
        response.clear();
        boost::asio::io_context context;
        std::exception_ptr failure;
        boost::asio::co_spawn(context, dispatcher->handle(request, response), [&](std::exception_ptr error) { failure = error; });
        context.run();
        if (failure) std::rethrow_exception(failure);
        return response;
    }
    std::string header(std::string_view name) const { return std::string(response.headers.find(name).value_or("-")); }
    core::json::Value json() const { return *core::json::parse(response.body); }
    /// The code of an error answer.
    std::string code() const { return *json().object()->find("error")->object()->find("code")->text(); }
    /// `rule@in:pointer` of each fault.
    std::string faults() const {
        std::string out;
        const core::json::Value body = json();
        const auto& details = *body.object()->find("error")->object()->find("details")->object();
        for (const auto& fault : *details.find("errors")->array()) {
            const auto& members = *fault.object();
            out.append(out.empty() ? "" : " ").append(*members.find("rule")->text()).append("@");
            out.append(*members.find("in")->text()).append(":").append(*members.find("pointer")->text());
        }
        return out;
    }

    core::TenantId tenant{*core::Uuid::parse("11111111-1111-4111-8111-111111111111")};
    core::FixedClock clock{core::Instant{1'767'614'400, 0}};
    TestService service;
    TestGuard guard;
    TestObserver observer;
    Routes routes;
    CursorCodec codec;
    std::optional<Dispatcher> dispatcher;
    Response response;
};

}  // namespace sentinel::http::testing
