#include "platform/telemetry/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace sentinel::telemetry {

namespace {

double seconds_of(const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; }

double cpu_seconds() {
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double resident_bytes() {
    std::ifstream file("/proc/self/statm");
    double whole = 0;
    double resident = 0;
    file >> whole >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_files() {
    std::error_code fault;
    std::filesystem::directory_iterator entry("/proc/self/fd", fault);
    double count = 0;
    for (; !fault && entry != std::filesystem::directory_iterator(); entry.increment(fault)) ++count;
    // One of them is the folder being read.
    return count > 0 ? count - 1 : 0;
}

void collect_reading(MetricsRegistry& registry, MetricKind kind, std::string name, std::string help, double (*read)()) {
    registry.collected(kind, std::move(name), std::move(help), {}, [read](Collected& out) { out.add({}, read()); });
}

}  // namespace

void add_process_metrics(MetricsRegistry& registry, BuildInfo build) {
    registry.collected(MetricKind::gauge, "build_info", "The build that runs.", {"version", "commit", "compiler"},
                       [build = std::move(build)](Collected& out) { out.add({build.version, build.commit, build.compiler}, 1); });
    collect_reading(registry, MetricKind::counter, "process_cpu_seconds_total", "Processor time used.", cpu_seconds);
    collect_reading(registry, MetricKind::gauge, "process_resident_memory_bytes", "Memory in use.", resident_bytes);
    collect_reading(registry, MetricKind::gauge, "process_open_fds", "Open file descriptors.", open_files);
    const double started = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    registry.gauge("process_start_time_seconds", "When the process started, in seconds since 1970.").set(started);
}

}  // namespace sentinel::telemetry
