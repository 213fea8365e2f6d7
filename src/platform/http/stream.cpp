#include "platform/http/stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

namespace sentinel::http {

namespace asio = boost::asio;
using asio::awaitable;

Stream::Stream(Socket socket, TlsContextPointer tls) : socket_(std::move(socket)), context_(std::move(tls)) {
    if (context_) tls_ = std::make_unique<Tls>(socket_, *context_);
}
Stream::~Stream() = default;

awaitable<bool> Stream::open() {
    if (!tls_) co_return true;
    auto [fault] = co_await tls_->async_handshake(asio::ssl::stream_base::server, asio::as_tuple(asio::deferred));
    co_return !fault;
}

awaitable<void> Stream::announce_end() {
    if (!tls_) co_return;
    // What the client still sends, or that it does not answer, changes nothing.
    co_await tls_->async_shutdown(asio::as_tuple(asio::deferred));
}

bool Stream::has_bytes() {
    ErrorCode fault;
    if (tls_ && SSL_pending(tls_->native_handle()) > 0) return true;
    return socket_.available(fault) > 0;
}

}  // namespace sentinel::http
