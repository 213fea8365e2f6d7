#pragma once
/// How many files and sockets the process may have open.

#include "platform/config/settings.hpp"
#include "platform/telemetry/log.hpp"

namespace sentinel::app {

/// Raises the soft limit to the hard one, as far as it helps: many systems start a process with 1,024 for the sake of programs that use
/// select(). Warns where MAX_CONNECTIONS and the pools need more than that.
void raise_descriptor_limit(const config::Settings& settings, telemetry::Logger& log);

}  // namespace sentinel::app
