#include "app/serve/descriptor_limit.hpp"

#include <sys/resource.h>

#include <cstdint>

#include <fmt/format.h>

namespace sentinel::app {

namespace {

// Log, event loops, listeners, signals, files that are read at a start.
constexpr std::int64_t own_descriptors = 64;

}  // namespace

void raise_descriptor_limit(const config::Settings& settings, telemetry::Logger& log) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    const std::int64_t needed = settings.max_connections + settings.db_pool_size + settings.db_max_overflow + own_descriptors;
    if (limit.rlim_cur < static_cast<rlim_t>(needed)) {
        log.warning("server",
                    fmt::format("MAX_CONNECTIONS and the pools need {} descriptors, the process may open {}: raise its hard "
                                "limit (ulimit -n, LimitNOFILE) or lower MAX_CONNECTIONS",
                                needed, limit.rlim_cur));
    }
}

}  // namespace sentinel::app
