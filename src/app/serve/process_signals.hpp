#pragma once
/// The signals that a server takes, from its first moment on.

#include <functional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

namespace sentinel::app {

/// Made before anything is started: a stop that is asked for during the start is then seen at its next step, and nothing is left
/// behind. Used from one thread.
class ProcessSignals {
public:
    ProcessSignals();

    /// True once SIGTERM or SIGINT came; SIGHUP too where a terminal is there, to whose user it says that the terminal is gone.
    bool is_stop_wanted();
    /// Blocks until a stop is wanted; meanwhile calls `renew` for each SIGHUP.
    void wait(const std::function<void()>& renew);

private:
    void await_renewal(const std::function<void()>& renew);

    boost::asio::io_context context_;
    boost::asio::signal_set stops_;
    boost::asio::signal_set renewals_;
    bool is_stop_wanted_ = false;
};

}  // namespace sentinel::app
