#include "platform/telemetry/log_sink.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "platform/telemetry/log_line.hpp"

namespace sentinel::telemetry {

namespace {

std::string lost_line(LogFormat format, core::Instant now, std::uint64_t count) {
    const LogField field("count", count);
    return log_line(format, now, LogLevel::warning, "log", "log lines were dropped", {&field, 1});
}

}  // namespace

void DescriptorSink::write_line(std::string_view line) {
    std::string text(line);
    text += '\n';
    std::string_view rest = text;
    const std::lock_guard lock(mutex_);
    while (!rest.empty()) {
        const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        // A log that cannot be written has nobody to be told to.
        if (written < 0) return;
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

QueuedSink::QueuedSink(LogSink& target, const core::Clock& clock, LogFormat format, std::size_t most_bytes)
    : target_(target), clock_(clock), format_(format), most_bytes_(most_bytes), thread_([this] { run(); }) {}

QueuedSink::~QueuedSink() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void QueuedSink::write_line(std::string_view line) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_bytes_ + line.size() > most_bytes_) {
            ++dropped_;
            ++dropped_untold_;
            return;
        }
        waiting_bytes_ += line.size();
        waiting_.emplace_back(line);
    }
    changed_.notify_all();
}

void QueuedSink::flush() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.empty() && dropped_untold_ == 0 && !writing_; });
}

std::uint64_t QueuedSink::dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
}

void QueuedSink::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [&] { return stopping_ || !waiting_.empty() || dropped_untold_ > 0; });
        if (waiting_.empty() && dropped_untold_ == 0) return;
        const std::deque<std::string> lines = std::exchange(waiting_, {});
        const std::uint64_t lost = std::exchange(dropped_untold_, 0);
        waiting_bytes_ = 0;
        writing_ = true;
        lock.unlock();
        for (const auto& line : lines) target_.write_line(line);
        if (lost > 0) target_.write_line(lost_line(format_, clock_.now(), lost));
        lock.lock();
        writing_ = false;
        changed_.notify_all();
    }
}

}  // namespace sentinel::telemetry
