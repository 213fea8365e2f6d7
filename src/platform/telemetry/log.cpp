#include "platform/telemetry/log.hpp"

#include <algorithm>

namespace sentinel::telemetry {

namespace {

constexpr std::size_t most_overrides = 64;

}  // namespace

Logger::Logger(LogSink& sink, const core::Clock& clock, LogFormat format, LogLevel level)
    : sink_(sink), clock_(clock), format_(format), level_(level), lowest_(level) {}

bool Logger::enabled(LogLevel level, std::string_view component) const {
    if (level < lowest_.load(std::memory_order_relaxed)) return false;
    return !overridden_.load(std::memory_order_relaxed) || level >= level_of(component);
}

LogLevel Logger::level_of(std::string_view component) const {
    const std::lock_guard lock(overrides_mutex_);
    drop_expired(clock_.now());
    auto found = overrides_.find(component);
    if (found == overrides_.end()) found = overrides_.find(std::string_view());
    return found == overrides_.end() ? level_ : found->second.level;
}

void Logger::drop_expired(core::Instant now) const {
    if (std::erase_if(overrides_, [&](const auto& entry) { return entry.second.until <= now; }) > 0) note_lowest();
}

void Logger::note_lowest() const {
    LogLevel lowest = level_;
    for (const auto& [component, override] : overrides_) lowest = std::min(lowest, override.level);
    lowest_.store(lowest, std::memory_order_relaxed);
    overridden_.store(!overrides_.empty(), std::memory_order_relaxed);
}

bool Logger::set_level(LogLevel level, std::string_view component, core::Instant until) {
    const std::lock_guard lock(overrides_mutex_);
    drop_expired(clock_.now());
    if (overrides_.size() >= most_overrides && !overrides_.contains(component)) return false;
    overrides_.insert_or_assign(std::string(component), Override{level, until});
    note_lowest();
    return true;
}

void Logger::write(LogLevel level, std::string_view component, std::string_view message, LogFields fields) {
    if (!enabled(level, component)) return;
    sink_.write_line(log_line(format_, clock_.now(), level, component, message, fields));
}

}  // namespace sentinel::telemetry
