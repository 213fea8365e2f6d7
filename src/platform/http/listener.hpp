#pragma once
/// Accepts connections on one address for one worker.

#include <memory>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "platform/http/server_worker.hpp"

namespace sentinel::http {

/// Throws std::system_error when another program listens there: the kernel itself would let two of ours share a port. Port 0 is free.
void check_free(const ListenAddress& address);

class Listener : public std::enable_shared_from_this<Listener> {
public:
    Listener(Worker& worker, const ListenAddress& address);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    void start(const std::shared_ptr<Worker>& worker);
    /// Refuses new connections, takes those that the kernel has completed already, closes.
    void begin_drain(const std::shared_ptr<Worker>& worker);
    bool is_open() const noexcept { return acceptor_.is_open(); }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    boost::asio::awaitable<void> accept_connections(std::shared_ptr<Worker> worker, std::shared_ptr<Listener> self);
    boost::asio::awaitable<void> drain(std::shared_ptr<Worker> worker, std::shared_ptr<Listener> self);
    void turn_one_away();

    boost::asio::ip::tcp::acceptor acceptor_;
    bool is_management_;
    int spare_descriptor_ = -1;  ///< given up for a moment when there are none, to tell a client so
};

}  // namespace sentinel::http
