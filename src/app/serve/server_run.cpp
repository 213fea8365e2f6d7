#include "app/serve/server_run.hpp"

#include <chrono>
#include <deque>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <fmt/format.h>

#include "app/serve/health_checks.hpp"
#include "app/serve/options.hpp"
#include "app/serve/startup.hpp"
#include "app/serve/worker.hpp"
#include "app/version.hpp"
#include "core/json.hpp"
#include "platform/delivery/mail_delivery.hpp"
#include "platform/http/openapi.hpp"
#include "platform/mail/transports.hpp"
#include "platform/upkeep/upkeep.hpp"
#include "platform/writes/job_runner.hpp"

namespace sentinel::app {

using boost::asio::awaitable;

namespace {

using Guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

/// The workers with their threads, and what only one of them does.
class ServerRun {
public:
    explicit ServerRun(Node& node);
    ServerRun(const ServerRun&) = delete;
    ServerRun& operator=(const ServerRun&) = delete;
    ~ServerRun();

    void run(ProcessSignals& signals, const std::function<void(const Started&)>& started);

private:
    Worker& first() { return *workers_.front(); }
    void start_threads();
    void start_background();
    awaitable<void> refresh_keys();
    awaitable<void> keep_keys_fresh();
    void share_keys(const std::shared_ptr<const crypto::KeySet>& keys);
    void renew_tls();
    void start_mail();
    void start_upkeep();
    void drain();
    void stop_background();
    /// Runs `task` on its worker's thread and waits for it.
    template <class Task>
    void run_on(Worker& worker, Task task) {
        std::promise<void> done;
        boost::asio::post(worker.context(), [&] {
            task();
            done.set_value();
        });
        done.get_future().wait();
    }

    Node& node_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::optional<RequestMetrics> metrics_;
    auth::SigningKeys signing_keys_;
    std::vector<Guard> guards_;
    std::unique_ptr<http::Server> server_;
    std::unique_ptr<writes::JobRunner> jobs_;
    std::unique_ptr<writes::JobRunner> long_jobs_;         ///< so that nobody's mail waits for them
    std::unique_ptr<mail::MailTransport> mail_transport_;  ///< null: mail stays in the outbox
    std::unique_ptr<upkeep::Upkeep> upkeep_;
    std::unique_ptr<delivery::MailDelivery> mail_;
    std::unique_ptr<HealthChecks> health_;
    std::unique_ptr<boost::asio::steady_timer> key_timer_;
    bool stopping_ = false;  ///< of the first worker's thread
    std::vector<std::thread> threads_;
};

std::size_t worker_count() { return std::max(1U, std::thread::hardware_concurrency()); }

/// An equal part for each worker, rounded up.
std::size_t share_of(std::int64_t total, std::size_t workers) {
    return (static_cast<std::size_t>(total) + workers - 1) / workers;
}

std::string openapi_text(const Node& node, const http::Routes& routes) {
    return core::json::to_text(http::openapi_of(
        routes, {.title = node.settings.app_name, .version = std::string(version), .server_url = node.settings.public_url}));
}

ServerRun::ServerRun(Node& node) : node_(node), signing_keys_(node.keys.master, signing_key_options(node.settings)) {
    const std::size_t count = worker_count();
    for (std::size_t index = 0; index < count; ++index) {
        workers_.push_back(std::make_unique<Worker>(node, share_of(node.settings.db_pool_size, count),
                                                    share_of(node.settings.db_max_overflow, count)));
    }
    metrics_.emplace(node.metrics, first().routes());
    const SystemPages pages{std::make_shared<const std::string>(openapi_text(node, first().routes()))};
    for (const auto& worker : workers_) worker->prepare(*metrics_, pages);
    std::vector<http::ServerWorker> server_workers;
    for (const auto& worker : workers_) server_workers.push_back(worker->server_worker());
    server_ = std::make_unique<http::Server>(server_options(node), server_workers);
    jobs_ = std::make_unique<writes::JobRunner>(first().context().get_executor(), first().services().database, node.log,
                                                writes::JobRunnerOptions{.node = node.id});
    start_mail();
    start_upkeep();
    std::vector<const writes::AuditQueue*> audit_queues;
    for (const auto& worker : workers_) audit_queues.push_back(&worker->services().audit);
    health_ = std::make_unique<HealthChecks>(node, first().services(), std::move(audit_queues));
}

void ServerRun::start_mail() {
    const config::Settings& settings = node_.settings;
    mail_transport_ = mail::make_transport(settings.mail_url.reveal());
    if (mail_transport_ == nullptr) return;
    mail_ = std::make_unique<delivery::MailDelivery>(
        first().services().database, node_.tenant_keys, *mail_transport_,
        delivery::MailDeliveryOptions{.from = settings.mail_from, .product = settings.app_name});
    jobs_->handle(std::string(delivery::MailDelivery::job_kind), [this](const writes::Job& job) { return mail_->run(job); });
}

void ServerRun::start_upkeep() {
    upkeep_ = std::make_unique<upkeep::Upkeep>(first().services().database);
    long_jobs_ = std::make_unique<writes::JobRunner>(first().context().get_executor(), first().services().database, node_.log,
                                                     writes::JobRunnerOptions{.node = node_.id});
    long_jobs_->handle_every(std::chrono::hours(1), std::string(upkeep::Upkeep::job_kind),
                             [this](const writes::Job& job) { return upkeep_->run(job); });
}

ServerRun::~ServerRun() {
    for (const auto& worker : workers_) worker->context().stop();
    for (std::thread& thread : threads_) thread.join();
    node_.password_hasher.stop();  // its threads hold what they let go of last: the workers' io_contexts
}

void ServerRun::start_threads() {
    for (const auto& worker : workers_) {
        guards_.push_back(boost::asio::make_work_guard(worker->context()));
        threads_.emplace_back([context = &worker->context()] { context->run(); });
    }
}

void ServerRun::start_background() {
    boost::asio::co_spawn(first().context(), refresh_keys(), boost::asio::use_future).get();
    boost::asio::co_spawn(first().context(), first().services().feed.start(), boost::asio::use_future).get();
    const auto report = [&log = node_.log](std::exception_ptr failure) {
        if (failure) log.error("server", "a background task ended by an exception");
    };
    boost::asio::co_spawn(first().context(), first().services().feed.run(), report);
    boost::asio::co_spawn(first().context(), jobs_->run(), report);
    boost::asio::co_spawn(first().context(), long_jobs_->run(), report);
    boost::asio::co_spawn(first().context(), keep_keys_fresh(), report);
    boost::asio::co_spawn(first().context(), health_->run(), report);
    boost::asio::co_spawn(first().context(), health_->check_all(), boost::asio::use_future).get();
    for (const auto& worker : workers_) worker->start_audit();
}

awaitable<void> ServerRun::refresh_keys() {
    const auto keys = co_await signing_keys_.load(first().services().database);
    share_keys(keys);
}

void ServerRun::share_keys(const std::shared_ptr<const crypto::KeySet>& keys) {
    for (const auto& worker : workers_) {
        boost::asio::post(worker->context(), [worker = worker.get(), keys] { worker->use_keys(keys); });
    }
}

awaitable<void> ServerRun::keep_keys_fresh() {
    key_timer_ = std::make_unique<boost::asio::steady_timer>(first().context());
    while (!stopping_) {
        key_timer_->expires_after(std::chrono::minutes(1));
        boost::system::error_code cancelled;
        co_await key_timer_->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
        if (stopping_) co_return;
        try {
            co_await refresh_keys();
        } catch (const platform::ServiceError& failure) { node_.log.warning("keys", failure.what()); }
    }
}

void ServerRun::renew_tls() {
    try {
        const http::TlsContextPointer tls = tls_of(node_.settings);
        if (tls == nullptr) return;
        server_->use_tls(tls);
        node_.log.info("server", "the certificate was read again");
    } catch (const StartError& failure) {
        node_.log.error("server", fmt::format("the certificate in use stays: {}", failure.what()));
    }
}

void ServerRun::drain() {
    node_.health.begin_drain();
    std::promise<void> drained;
    server_->begin_drain(node_.settings.shutdown, [&] { drained.set_value(); });
    drained.get_future().wait();
}

void ServerRun::stop_background() {
    run_on(first(), [&] {
        stopping_ = true;
        if (key_timer_) key_timer_->cancel();
        first().services().feed.stop();
        jobs_->stop();
        upkeep_->stop();
        long_jobs_->stop();
        health_->stop();
    });
    for (const auto& worker : workers_) run_on(*worker, [&] { worker->services().audit.stop(); });
    guards_.clear();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void ServerRun::run(ProcessSignals& signals, const std::function<void(const Started&)>& started) {
    start_threads();
    start_background();
    server_->start();
    for (const telemetry::StartStep step : {telemetry::StartStep::configuration, telemetry::StartStep::keys,
                                            telemetry::StartStep::migrations, telemetry::StartStep::snapshot}) {
        node_.health.note_started(step);
    }
    Started report;
    const std::string_view scheme = node_.settings.tls_cert_file.empty() ? "http" : "https";
    const std::vector<std::uint16_t> ports = server_->ports();
    for (std::size_t index = 0; index < node_.settings.listen.size() && index < ports.size(); ++index) {
        const config::Endpoint& endpoint = node_.settings.listen[index];
        report.addresses.push_back(fmt::format("{}://{}", scheme, config::Endpoint{endpoint.address, ports[index]}.text()));
    }
    started(report);
    signals.wait([this] { renew_tls(); });
    drain();
    stop_background();
}

}  // namespace

void run_server(Node& node, ProcessSignals& signals, const std::function<void(const Started&)>& started) {
    ServerRun server(node);
    server.run(signals, started);
}

}  // namespace sentinel::app
