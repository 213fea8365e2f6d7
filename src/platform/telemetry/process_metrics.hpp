#pragma once
/// What a process tells of itself.

#include <string>

#include "platform/telemetry/metrics.hpp"

namespace sentinel::telemetry {

struct BuildInfo {
    std::string version;
    std::string commit;
    std::string compiler;
};

/// Declares `build_info` and `process_…` (CPU, memory, open files, start), read from /proc at each scrape.
void add_process_metrics(MetricsRegistry& registry, BuildInfo build);

}  // namespace sentinel::telemetry
