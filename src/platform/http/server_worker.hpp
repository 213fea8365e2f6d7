#pragma once
/// One worker's part of the server: its listeners, its connections, its sweep of deadlines. Used from its thread alone.

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/ids.hpp"
#include "platform/http/server_state.hpp"

namespace sentinel::http {

class Listener;
class Session;

class Worker : public std::enable_shared_from_this<Worker> {
public:
    using Sessions = std::list<Session*>;

    Worker(std::shared_ptr<ServerState> state, const ServerWorker& parts);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Binds one address; a port of 0 takes a free one. The port bound.
    std::uint16_t listen(const ListenAddress& address);
    void start();
    void begin_drain(std::chrono::milliseconds patience);
    void use_tls(TlsContextPointer tls) { tls_ = std::move(tls); }
    const TlsContextPointer& tls() const noexcept { return tls_; }
    /// The server is gone: observer and handler are not to be called any more.
    void forget() noexcept { observer_ = &silent_; }

    /// A connection that was accepted: served, or turned away where a cap is reached.
    void accepted(boost::asio::ip::tcp::socket socket, bool is_management);
    void listener_closed() { finish_drain_when_empty(); }
    Sessions::iterator join(Session& session);
    void leave(Sessions::iterator place);

    boost::asio::io_context& context() noexcept { return context_; }
    RequestHandler& handler() noexcept { return handler_; }
    ServerObserver& observer() noexcept { return *observer_; }
    ServerState& state() noexcept { return *state_; }
    const Limits& limits() const noexcept { return state_->options.limits; }
    bool is_draining() const noexcept { return is_draining_; }
    /// A new one of version 7.
    std::string make_request_id() { return ids_.next().text(); }
    std::size_t requests_in_progress = 0;
    std::size_t turned_away = 0;  ///< connections that are only told so

private:
    void sweep();
    void schedule_sweep();
    void end_patience();
    void finish_drain_when_empty();
    void report_drained();

    std::shared_ptr<ServerState> state_;
    boost::asio::io_context& context_;
    RequestHandler& handler_;
    TlsContextPointer tls_;
    ServerObserver silent_;
    ServerObserver* observer_;
    std::vector<std::shared_ptr<Listener>> listeners_;
    Sessions sessions_;
    boost::asio::steady_timer sweep_timer_;
    boost::asio::steady_timer patience_timer_;
    std::chrono::milliseconds sweep_interval_;
    std::mt19937_64 random_;
    core::UuidV7Generator ids_;
    bool is_draining_ = false;
    bool has_reported_ = false;
};

}  // namespace sentinel::http
