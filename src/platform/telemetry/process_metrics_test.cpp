#include "platform/telemetry/process_metrics.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sentinel::telemetry {
namespace {

double value_of(const std::string& text, const std::string& name) {
    const auto at = text.find("\n" + name + " ");
    EXPECT_NE(at, std::string::npos) << name;
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

TEST(ProcessMetrics, TellsOfTheProcess) {
    MetricsRegistry registry;
    add_process_metrics(registry, {"1.2.3", "abc", "clang"});
    const std::string text = registry.text(ExpositionFormat::prometheus);
    EXPECT_TRUE(text.contains("sentinel_build_info{version=\"1.2.3\",commit=\"abc\",compiler=\"clang\"} 1\n"));
    EXPECT_GE(value_of(text, "sentinel_process_cpu_seconds_total"), 0);
    EXPECT_GT(value_of(text, "sentinel_process_resident_memory_bytes"), 1e6);
    EXPECT_GE(value_of(text, "sentinel_process_open_fds"), 3);
    EXPECT_GT(value_of(text, "sentinel_process_start_time_seconds"), 1.7e9);
}

}  // namespace
}  // namespace sentinel::telemetry
