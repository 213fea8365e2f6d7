#pragma once
/// An installation as the commands open it: settings, log, database, keys.

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "app/exit_code.hpp"
#include "app/serve/config_command.hpp"
#include "app/serve/startup.hpp"
#include "core/time.hpp"
#include "platform/config/load.hpp"
#include "platform/telemetry/log.hpp"
#include "platform/telemetry/log_sink.hpp"

namespace sentinel::app {

class Services;

/// The log on stderr with all that it needs.
class ServerLog {
public:
    explicit ServerLog(const config::Settings& settings);
    telemetry::Logger& logger() noexcept { return logger_; }

private:
    core::SystemClock clock_;
    telemetry::DescriptorSink target_;
    telemetry::QueuedSink sink_;
    telemetry::Logger logger_;
};

/// Runs `work` and turns what the start, the database or a service says into the command's failure.
Result<ExitCode> reporting_failures(const std::function<Result<ExitCode>()>& work);

/// Settings, database and keys of a command beside a server, running or not; then `task` with services of their own.
Result<ExitCode> with_services(const SettingFlags& flags, const std::function<boost::asio::awaitable<void>(Services&)>& task);

}  // namespace sentinel::app
