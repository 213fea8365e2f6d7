#include "platform/http/listener.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <system_error>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/http/drain.hpp"

namespace sentinel::http {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr int backlog = 4096;
// What the kernel takes beyond it counts as written, so that no limit of time would see a client that does not read.
constexpr int most_unsent = 64 * 1024;
constexpr auto pause_without_resources = std::chrono::milliseconds(20);
// Longer than a handshake that is under way takes on any network between a proxy and its server.
constexpr auto handshake_time = std::chrono::milliseconds(50);
constexpr std::string_view no_room =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

tcp::endpoint endpoint_of(const ListenAddress& address) {
    if (address.address.is_v6) return {asio::ip::address_v6(address.address.bytes), address.port};
    asio::ip::address_v4::bytes_type bytes{};
    std::copy_n(address.address.bytes.begin(), bytes.size(), bytes.begin());
    return {asio::ip::address_v4(bytes), address.port};
}

bool wants_resources(const error_code& fault) {
    return fault == asio::error::no_descriptors || fault == asio::error::no_buffer_space || fault == asio::error::no_memory ||
           fault == boost::system::errc::too_many_files_open_in_system;
}

enum class PortUse : bool { alone, shared };

void open_at(tcp::acceptor& acceptor, const ListenAddress& address, PortUse use) {
    using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
    const tcp::endpoint endpoint = endpoint_of(address);
    try {
        acceptor.open(endpoint.protocol());
        acceptor.set_option(tcp::acceptor::reuse_address(true));
        acceptor.set_option(reuse_port(use == PortUse::shared));
        if (address.address.is_v6) acceptor.set_option(asio::ip::v6_only(true));
        acceptor.bind(endpoint);
    } catch (const boost::system::system_error& error) {
        throw std::system_error(error.code(),
                                "cannot listen on " + address.address.text() + " port " + std::to_string(address.port));
    }
}

int open_spare() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

}  // namespace

void check_free(const ListenAddress& address) {
    if (address.port == 0) return;
    asio::io_context context;
    tcp::acceptor acceptor(context);
    open_at(acceptor, address, PortUse::alone);
}

Listener::Listener(Worker& worker, const ListenAddress& address)
    : acceptor_(worker.context()), is_management_(address.is_management) {
    open_at(acceptor_, address, PortUse::shared);
    using unsent_limit = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;
    acceptor_.set_option(unsent_limit(most_unsent));  // accepted sockets inherit it
    acceptor_.listen(backlog);
    acceptor_.non_blocking(true);
    spare_descriptor_ = open_spare();
}

Listener::~Listener() {
    if (spare_descriptor_ >= 0) close(spare_descriptor_);
}

void Listener::start(const std::shared_ptr<Worker>& worker) {
    asio::co_spawn(worker->context(), accept_connections(worker, shared_from_this()), asio::detached);
}

void Listener::begin_drain(const std::shared_ptr<Worker>& worker) {
    asio::co_spawn(worker->context(), drain(worker, shared_from_this()), asio::detached);
}

awaitable<void> Listener::accept_connections(std::shared_ptr<Worker> worker, std::shared_ptr<Listener> self) {
    static_cast<void>(self);
    asio::steady_timer pause(worker->context());
    while (acceptor_.is_open()) {
        auto [fault, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::deferred));
        if (!fault) {
            worker->accepted(std::move(socket), is_management_);
        } else if (wants_resources(fault)) {
            worker->observer().accept_failed(fault.message());
            turn_one_away();
            pause.expires_after(pause_without_resources);
            co_await pause.async_wait(asio::as_tuple(asio::deferred));
        }
    }
}

// With the spare descriptor given up, one waiting client can be told instead of left hanging.
void Listener::turn_one_away() {
    if (spare_descriptor_ < 0 || !acceptor_.is_open()) return;
    close(spare_descriptor_);
    const int client = accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client >= 0) {
        static_cast<void>(::send(client, no_room.data(), no_room.size(), MSG_NOSIGNAL));
        shutdown(client, SHUT_WR);
        std::array<char, 4096> dropped{};
        while (recv(client, dropped.data(), dropped.size(), 0) > 0) {}
        close(client);
    }
    spare_descriptor_ = open_spare();
}

awaitable<void> Listener::drain(std::shared_ptr<Worker> worker, std::shared_ptr<Listener> self) {
    static_cast<void>(self);
    if (stop_new_handshakes(acceptor_.native_handle())) {
        asio::steady_timer handshakes(worker->context(), handshake_time);
        co_await handshakes.async_wait(asio::as_tuple(asio::deferred));
    }
    error_code fault;
    while (!fault) {
        tcp::socket socket(worker->context());
        acceptor_.accept(socket, fault);
        if (!fault) worker->accepted(std::move(socket), is_management_);
    }
    acceptor_.close(fault);
    worker->listener_closed();
}

}  // namespace sentinel::http
