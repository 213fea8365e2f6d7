#pragma once
/// A pause that can be cut short. For source files: it brings all of Asio's timers with it.

#include <chrono>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sentinel::writes {

class Wake {
public:
    explicit Wake(boost::asio::any_io_executor executor) : timer_(std::move(executor)) {}
    boost::asio::awaitable<void> wait(std::chrono::milliseconds time) {
        timer_.expires_after(time);
        co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    void cut_short() { timer_.cancel(); }

private:
    boost::asio::steady_timer timer_;
};

}  // namespace sentinel::writes
