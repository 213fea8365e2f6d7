#include "platform/http/server.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include <boost/asio/post.hpp>

#include "platform/http/listener.hpp"
#include "platform/http/server_worker.hpp"

namespace sentinel::http {

class Server::Implementation {
public:
    Implementation(ServerOptions options, std::span<const ServerWorker> workers)
        : state_(std::make_shared<ServerState>(std::move(options))) {
        state_->requests_per_worker = std::max<std::size_t>(1, state_->options.limits.requests_in_progress / workers.size());
        state_->workers_left = workers.size();
        for (const ServerWorker& parts : workers) workers_.push_back(std::make_shared<Worker>(state_, parts));
        for (ListenAddress address : state_->options.addresses) {
            check_free(address);
            // The first worker takes a free port where none is named; the others join it there.
            for (const auto& worker : workers_) address.port = worker->listen(address);
            ports_.push_back(address.port);
        }
    }

    ~Implementation() {
        for (const auto& worker : workers_) worker->forget();
    }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    void start() {
        for (const auto& worker : workers_) boost::asio::post(worker->context(), [worker] { worker->start(); });
    }

    void use_tls(const TlsContextPointer& tls) {
        for (const auto& worker : workers_) boost::asio::post(worker->context(), [worker, tls] { worker->use_tls(tls); });
    }

    void begin_drain(std::chrono::milliseconds patience, std::function<void()> done) {
        if (draining_.exchange(true)) return;
        state_->drained = std::move(done);
        for (const auto& worker : workers_) {
            boost::asio::post(worker->context(), [worker, patience] { worker->begin_drain(patience); });
        }
    }

    const std::vector<std::uint16_t>& ports() const noexcept { return ports_; }
    std::size_t connection_count() const noexcept { return state_->counts.total(); }

private:
    std::shared_ptr<ServerState> state_;
    std::vector<std::shared_ptr<Worker>> workers_;
    std::vector<std::uint16_t> ports_;
    std::atomic<bool> draining_ = false;
};

Server::Server(ServerOptions options, std::span<const ServerWorker> workers)
    : implementation_(std::make_unique<Implementation>(std::move(options), workers)) {}
Server::~Server() = default;
void Server::start() { implementation_->start(); }
void Server::use_tls(const TlsContextPointer& tls) { implementation_->use_tls(tls); }
void Server::begin_drain(std::chrono::milliseconds patience, std::function<void()> done) {
    implementation_->begin_drain(patience, std::move(done));
}
std::vector<std::uint16_t> Server::ports() const { return implementation_->ports(); }
std::size_t Server::connection_count() const noexcept { return implementation_->connection_count(); }

}  // namespace sentinel::http
