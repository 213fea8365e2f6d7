#include "app/serve/process_signals.hpp"

#include <csignal>

#include <unistd.h>

namespace sentinel::app {

ProcessSignals::ProcessSignals() : stops_(context_, SIGTERM, SIGINT), renewals_(context_) {
    const bool has_terminal = isatty(STDIN_FILENO) != 0;
    (has_terminal ? stops_ : renewals_).add(SIGHUP);
    stops_.async_wait([this](const boost::system::error_code& error, int) { is_stop_wanted_ = is_stop_wanted_ || !error; });
}

bool ProcessSignals::is_stop_wanted() {
    context_.poll();
    return is_stop_wanted_;
}

void ProcessSignals::await_renewal(const std::function<void()>& renew) {
    renewals_.async_wait([this, &renew](const boost::system::error_code& error, int) {
        if (error) return;
        renew();
        await_renewal(renew);
    });
}

void ProcessSignals::wait(const std::function<void()>& renew) {
    await_renewal(renew);
    while (!is_stop_wanted_) context_.run_one();
    renewals_.cancel();
    context_.poll();
}

}  // namespace sentinel::app
