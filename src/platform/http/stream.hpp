#pragma once
/// The bytes of one connection: as they are on the socket, or under TLS.

#include <cstddef>
#include <memory>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "platform/http/tls.hpp"

namespace sentinel::http {

class Stream {
public:
    using Socket = boost::asio::ip::tcp::socket;
    using ErrorCode = boost::system::error_code;

    /// `tls` null: plain.
    Stream(Socket socket, TlsContextPointer tls);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    Socket& socket() noexcept { return socket_; }
    bool is_secure() const noexcept { return tls_ != nullptr; }

    /// Makes what is needed before the first byte. False: the client is none of ours.
    boost::asio::awaitable<bool> open();
    /// Says that no byte will follow, so that a cut cannot pass for the end (RFC 8446 section 6.1).
    boost::asio::awaitable<void> announce_end();

    template <class Token>
    auto read_some(boost::asio::mutable_buffer space, Token&& token) {
        const auto begin = [this](auto handler, boost::asio::mutable_buffer into) {
            if (tls_) {
                tls_->async_read_some(into, std::move(handler));
            } else {
                socket_.async_read_some(into, std::move(handler));
            }
        };
        return boost::asio::async_initiate<Token, void(ErrorCode, std::size_t)>(begin, token, space);
    }
    template <class Token>
    auto write_some(boost::asio::const_buffer bytes, Token&& token) {
        const auto begin = [this](auto handler, boost::asio::const_buffer from) {
            if (tls_) {
                tls_->async_write_some(from, std::move(handler));
            } else {
                socket_.async_write_some(from, std::move(handler));
            }
        };
        return boost::asio::async_initiate<Token, void(ErrorCode, std::size_t)>(begin, token, bytes);
    }
    /// Whether something more has arrived.
    bool has_bytes();

private:
    using Tls = boost::asio::ssl::stream<Socket&>;

    Socket socket_;
    TlsContextPointer context_;  ///< outlives a change of certificates
    std::unique_ptr<Tls> tls_;
};

}  // namespace sentinel::http
