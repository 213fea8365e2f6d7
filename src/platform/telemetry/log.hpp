#pragma once
/// The log: one event is one line, whatever a client put into its fields. Safe to use from every thread.
///
/// A line has `ts level msg component`, then the event's fields in the order given. Texts are cut at a fixed length; control,
/// format and separator characters are escaped, bytes that are no UTF-8 replaced. Fields that are named like secrets show
/// `[redacted]`, and platform::Secret cannot be logged at all.

#include <atomic>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "platform/telemetry/log_line.hpp"
#include "platform/telemetry/log_sink.hpp"

namespace sentinel::telemetry {

class Logger {
public:
    /// Sink and clock must outlive the logger.
    Logger(LogSink& sink, const core::Clock& clock, LogFormat format, LogLevel level);

    /// Cheap: ask it before gathering costly fields. A component's own level (set_level) is regarded.
    bool enabled(LogLevel level, std::string_view component) const;
    void write(LogLevel level, std::string_view component, std::string_view message, LogFields fields);

    void debug(std::string_view component, std::string_view message, std::initializer_list<LogField> fields = {}) {
        write(LogLevel::debug, component, message, {fields.begin(), fields.size()});
    }
    void info(std::string_view component, std::string_view message, std::initializer_list<LogField> fields = {}) {
        write(LogLevel::info, component, message, {fields.begin(), fields.size()});
    }
    void warning(std::string_view component, std::string_view message, std::initializer_list<LogField> fields = {}) {
        write(LogLevel::warning, component, message, {fields.begin(), fields.size()});
    }
    void error(std::string_view component, std::string_view message, std::initializer_list<LogField> fields = {}) {
        write(LogLevel::error, component, message, {fields.begin(), fields.size()});
    }

    /// Another level until an instant, after which the former returns by itself: of one component, or of all without a level of
    /// their own where `component` is empty. False when too many components have one already.
    bool set_level(LogLevel level, std::string_view component, core::Instant until);

private:
    struct Override {
        LogLevel level;
        core::Instant until;
    };
    LogLevel level_of(std::string_view component) const;
    void drop_expired(core::Instant now) const;
    void note_lowest() const;

    LogSink& sink_;
    const core::Clock& clock_;
    LogFormat format_;
    LogLevel level_;
    mutable std::mutex overrides_mutex_;
    mutable std::map<std::string, Override, std::less<>> overrides_;
    /// The lowest level that anything may be logged at, and whether there are overrides: the answers of the common case.
    mutable std::atomic<LogLevel> lowest_;
    mutable std::atomic<bool> overridden_ = false;
};

}  // namespace sentinel::telemetry
