#pragma once
/// The HTTP/1.1 server: one acceptor for each worker on the same address (SO_REUSEPORT); a connection stays on its worker.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "core/ip.hpp"
#include "core/time.hpp"
#include "platform/http/request.hpp"
#include "platform/http/response.hpp"
#include "platform/http/tls.hpp"

namespace sentinel::http {

/// Answers the requests of one worker; all calls come from the worker's thread, many may be suspended at once.
class RequestHandler {
public:
    RequestHandler() = default;
    RequestHandler(const RequestHandler&) = delete;
    RequestHandler& operator=(const RequestHandler&) = delete;
    virtual ~RequestHandler() = default;

    /// Fills `response`. Past the request's time it is cancelled (terminal). A platform::ServiceError that comes out is answered
    /// as such, any other exception as 500 INTERNAL_ERROR, after `report_failure` was told of it. For OPTIONS it sets `Allow`;
    /// the server makes the CORS preflight of it. HEAD is handled as GET; the server leaves the body out.
    virtual boost::asio::awaitable<void> handle(const Request& request, Response& response) = 0;
    /// The longest body that this route takes; nullopt = Limits::body. Called before the body is read.
    virtual std::optional<std::size_t> body_limit(Method method, std::string_view path) const noexcept {
        static_cast<void>(method), static_cast<void>(path);
        return std::nullopt;
    }
};

/// Spec 00 section 9.
struct Limits {
    std::size_t request_line = 8 * 1024;
    std::size_t headers = 16 * 1024;  ///< without the request line
    std::size_t header_count = 100;
    std::size_t body = 1024 * 1024;
    std::size_t connections = 10'000;            ///< of all workers
    std::size_t connections_per_address = 256;   ///< trusted proxies are exempt
    std::size_t management_connections = 64;     ///< counted apart, so that an overload leaves them free
    std::size_t requests_in_progress = 1'000;    ///< of all workers; MAX_QUEUE
    std::size_t minimum_bytes_per_second = 500;  ///< of a body or an answer, after five seconds
    std::chrono::milliseconds header_time{10'000};
    std::chrono::milliseconds request_time{30'000};
    std::chrono::milliseconds idle_time{60'000};
    std::chrono::milliseconds write_time{10'000};  ///< without any byte taken by the client
    std::chrono::milliseconds linger_time{1'000};  ///< reading what still comes after the last answer
};

/// An address to listen on. Port 0 = any free one.
struct ListenAddress {
    core::IpAddress address;
    std::uint16_t port = 0;
    bool is_management = false;
};

/// What happened, for metrics and log; called on the worker's thread, must not block or throw.
class ServerObserver {
public:
    ServerObserver() = default;
    ServerObserver(const ServerObserver&) = delete;
    ServerObserver& operator=(const ServerObserver&) = delete;
    virtual ~ServerObserver() = default;
    /// Before the answer is written. `refused` = the server itself answered: syntax, limit, time-out, overload.
    virtual void answered(const Request& request, const Response& response, bool refused) {
        static_cast<void>(request), static_cast<void>(response), static_cast<void>(refused);
    }
    virtual void connection_opened(bool is_management) { static_cast<void>(is_management); }
    virtual void connection_closed(bool is_management) { static_cast<void>(is_management); }
    /// A connection turned away (cap reached, no descriptors).
    virtual void connection_refused(bool is_management) { static_cast<void>(is_management); }
    /// An exception that no handler should let out; `what` may hold anything and is for the log alone.
    virtual void failed(std::string_view request_id, std::string_view what) {
        static_cast<void>(request_id), static_cast<void>(what);
    }
    /// accept(2) failed for want of resources.
    virtual void accept_failed(std::string_view what) { static_cast<void>(what); }
};

struct ServerOptions {
    std::vector<ListenAddress> addresses;
    Limits limits;
    std::vector<core::IpNetwork> trusted_proxies;
    std::vector<std::string> allowed_origins;  ///< CORS, exact
    bool strict_transport_security = false;    ///< PUBLIC_URL is https
    TlsContextPointer tls;                     ///< null = plain; management addresses always are
    const core::Clock* clock = nullptr;        ///< null = the system's; only for timestamps and request ids
};

/// One worker: its event loop (run by one thread), its handler, its observer (null = none). All outlive the server.
struct ServerWorker {
    boost::asio::io_context* context = nullptr;
    RequestHandler* handler = nullptr;
    ServerObserver* observer = nullptr;
};

/// Construct and start before the workers' threads run, or from any thread while they run; destroy after they have ended.
class Server {
public:
    /// Binds all addresses; a std::system_error names what could not be bound.
    Server(ServerOptions options, std::span<const ServerWorker> workers);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    void start();
    /// For the connections from now on; only where the server began with TLS. Thread-safe.
    void use_tls(const TlsContextPointer& tls);
    /// Stops accepting, answers every request whose bytes arrived before the close with `Connection: close`, closes what is idle.
    /// After `patience` what still runs is cancelled. `done` is called once, on a worker's thread, when the last connection is
    /// gone. Thread-safe; calls after the first do nothing.
    void begin_drain(std::chrono::milliseconds patience, std::function<void()> done);
    /// The port of each address, in their order.
    std::vector<std::uint16_t> ports() const;
    std::size_t connection_count() const noexcept;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace sentinel::http
