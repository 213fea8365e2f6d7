#include "platform/telemetry/log_sink.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <future>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/json.hpp"
#include "platform/telemetry/log.hpp"

namespace sentinel::telemetry {
namespace {

/// What has been written to a pipe, line by line.
class Pipe {
public:
    Pipe() { EXPECT_EQ(::pipe(ends_.data()), 0); }
    ~Pipe() { ::close(ends_[0]); }
    int writing_end() const { return ends_[1]; }
    std::vector<std::string> read_lines() {
        std::vector<std::string> lines(1);
        std::array<char, 4096> buffer{};
        for (ssize_t count = 0; (count = ::read(ends_[0], buffer.data(), buffer.size())) > 0;) {
            for (const char letter : std::string_view(buffer.data(), static_cast<std::size_t>(count))) {
                if (letter == '\n') {
                    lines.emplace_back();
                } else {
                    lines.back() += letter;
                }
            }
        }
        lines.pop_back();
        return lines;
    }
    void close_writing_end() { ::close(ends_[1]); }

private:
    std::array<int, 2> ends_{};
};

TEST(LogSink, KeepsTheLinesOfThreadsWhole) {
    Pipe pipe;
    auto lines = std::async(std::launch::async, [&] { return pipe.read_lines(); });
    constexpr int threads = 4;
    constexpr int each = 500;
    {
        const core::SystemClock clock;
        DescriptorSink sink(pipe.writing_end());
        Logger logger(sink, clock, LogFormat::json, LogLevel::info);
        std::vector<std::jthread> writers;
        for (int thread = 0; thread < threads; ++thread) {
            writers.emplace_back([&logger, thread] {
                // Longer than what a pipe takes at once.
                const std::string filler(1000, 'x');
                for (int line = 0; line < each; ++line) {
                    logger.info("test", filler,
                                {{"n", thread * each + line}, {"a", filler}, {"b", filler}, {"c", filler}, {"d", filler}});
                }
            });
        }
    }
    pipe.close_writing_end();
    std::set<double> seen;
    for (const auto& line : lines.get()) {
        const auto value = core::json::parse(line);
        ASSERT_TRUE(value) << line;
        seen.insert(*value->object()->find("n")->number());
    }
    EXPECT_EQ(seen.size(), std::size_t{threads * each});
}

/// Stands still until it is let go.
class StalledSink final : public LogSink {
public:
    void write_line(std::string_view line) override {
        started_.set_value_once();
        gate_.wait();
        lines.emplace_back(line);
    }
    void wait_until_stalled() { started_.future.wait(); }
    void let_go() { open_.set_value(); }
    std::vector<std::string> lines;

private:
    struct Once {
        std::promise<void> promise;
        std::future<void> future = promise.get_future();
        bool done = false;
        void set_value_once() {
            if (!std::exchange(done, true)) promise.set_value();
        }
    };
    Once started_;
    std::promise<void> open_;
    std::shared_future<void> gate_ = open_.get_future().share();
};

TEST(LogSink, NeverWaitsForAReaderWhoStalls) {
    StalledSink stalled;
    const core::FixedClock clock({1767323045, 0});
    QueuedSink queue(stalled, clock, LogFormat::json, 100);
    queue.write_line("first");
    stalled.wait_until_stalled();
    for (int index = 0; index < 20; ++index) queue.write_line("0123456789");
    EXPECT_EQ(queue.dropped(), 10U);
    stalled.let_go();
    queue.flush();
    ASSERT_EQ(stalled.lines.size(), 12U);
    EXPECT_EQ(stalled.lines[0], "first");
    const auto told = core::json::parse(stalled.lines[11]);
    ASSERT_TRUE(told);
    EXPECT_EQ(*told->object()->find("count")->number(), 10);
    queue.write_line("again");
    queue.flush();
    EXPECT_EQ(stalled.lines.back(), "again");
}

TEST(LogSink, WritesWhatWaitsAtItsEnd) {
    Pipe pipe;
    {
        const core::SystemClock clock;
        DescriptorSink sink(pipe.writing_end());
        QueuedSink queue(sink, clock, LogFormat::text);
        for (int index = 0; index < 100; ++index) queue.write_line(std::to_string(index));
    }
    pipe.close_writing_end();
    const auto lines = pipe.read_lines();
    ASSERT_EQ(lines.size(), 100U);
    EXPECT_EQ(lines.back(), "99");
}

TEST(LogSink, OutlivesAReaderWhoIsGone) {
    Pipe pipe;
    pipe.close_writing_end();
    DescriptorSink sink(pipe.writing_end());
    sink.write_line("to nobody");
}

}  // namespace
}  // namespace sentinel::telemetry
