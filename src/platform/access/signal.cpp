#include "platform/access/signal.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sentinel::access {

void Signal::set() {
    boost::asio::post(timer_.get_executor(), [self = shared_from_this()] {
        self->is_set_ = true;
        self->timer_.cancel();
    });
}

boost::asio::awaitable<bool> Signal::wait(std::chrono::nanoseconds limit) {
    const auto keep_alive = shared_from_this();
    timer_.expires_after(std::chrono::duration_cast<boost::asio::steady_timer::duration>(limit));
    if (!is_set_) co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return is_set_;
}

}  // namespace sentinel::access
