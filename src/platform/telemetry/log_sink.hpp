#pragma once
/// Where log lines go.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "core/time.hpp"
#include "platform/telemetry/log_level.hpp"

namespace sentinel::telemetry {

/// Takes finished lines (without their end of line), from any thread.
class LogSink {
public:
    LogSink() = default;
    LogSink(const LogSink&) = delete;
    LogSink& operator=(const LogSink&) = delete;
    virtual ~LogSink() = default;
    virtual void write_line(std::string_view line) = 0;
};

/// Writes each line to a file descriptor (stderr) before it returns. For commands and the time before the server runs.
class DescriptorSink final : public LogSink {
public:
    explicit DescriptorSink(int descriptor) : descriptor_(descriptor) {}
    void write_line(std::string_view line) override;

private:
    int descriptor_;
    std::mutex mutex_;
};

/// Hands lines to a thread of its own, so that a reader of stderr who stalls never holds up a request. When `most_bytes` wait,
/// further lines are dropped and counted; a line tells how many were lost once there is room again.
class QueuedSink final : public LogSink {
public:
    /// Target and clock must outlive the sink; the format is that of the line about lost lines.
    QueuedSink(LogSink& target, const core::Clock& clock, LogFormat format, std::size_t most_bytes = std::size_t{8} << 20);
    /// Writes what waits.
    ~QueuedSink() override;
    void write_line(std::string_view line) override;
    /// Returns when all lines given so far are written.
    void flush();
    std::uint64_t dropped() const;

private:
    void run();

    LogSink& target_;
    const core::Clock& clock_;
    LogFormat format_;
    std::size_t most_bytes_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::uint64_t dropped_ = 0;
    std::uint64_t dropped_untold_ = 0;
    bool writing_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace sentinel::telemetry
