#pragma once
/// Wakes one coroutine from any thread.

#include <chrono>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace sentinel::access {

class Signal : public std::enable_shared_from_this<Signal> {
public:
    /// `executor` is that of the coroutine that will wait, and has one thread.
    explicit Signal(const boost::asio::any_io_executor& executor) : timer_(executor) {}

    /// From any thread, before the wait or during it.
    void set();
    /// True when it was set; false when `limit` passed first.
    boost::asio::awaitable<bool> wait(std::chrono::nanoseconds limit);

private:
    boost::asio::steady_timer timer_;
    bool is_set_ = false;  ///< touched on the executor's thread alone
};

}  // namespace sentinel::access
