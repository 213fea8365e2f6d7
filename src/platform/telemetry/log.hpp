#pragma once
/// The log: one event is one line, whatever a client put into its fields. Safe to use from every thread.
///
/// A line has `ts level msg component`, then the event's fields in the order given. Texts are cut at a fixed length; control,
/// format and separator characters are escaped, bytes that are no UTF-8 replaced. Fields that are named like secrets show
/// `[redacted]`, and platform::Secret cannot be logged at all.

#include <atomic>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "platform/service/secret.hpp"
#include "platform/telemetry/log_level.hpp"
#include "platform/telemetry/log_sink.hpp"

namespace sentinel::telemetry {

/// The longest text of a field or message in bytes; what is longer is cut at a code point and ends with `…`.
inline constexpr std::size_t longest_log_text = 1024;
/// Fields of one event beyond these are left out.
inline constexpr std::size_t most_log_fields = 32;

/// One named value of an event. Refers to its texts: lives as long as the call that logs it.
class LogField {
public:
    using Value = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string_view, core::Uuid>;

    LogField(std::string_view name, std::string_view value) : name_(name), value_(value) {}
    LogField(std::string_view name, const char* value) : LogField(name, std::string_view(value)) {}
    LogField(std::string_view name, std::nullptr_t) : name_(name) {}
    LogField(std::string_view name, double value) : name_(name), value_(value) {}
    LogField(std::string_view name, core::Uuid value) : name_(name), value_(value) {}
    template <std::same_as<bool> Boolean>
    LogField(std::string_view name, Boolean value) : name_(name), value_(value) {}
    template <std::integral Number>
        requires(!std::same_as<Number, bool>)
    LogField(std::string_view name, Number value) : name_(name), value_(static_cast<std::int64_t>(value)) {}
    template <class Tag>
    LogField(std::string_view name, const core::Id<Tag>& value) : name_(name), value_(value.value) {}
    /// An absent value is logged as null.
    template <class T>
    LogField(std::string_view name, const std::optional<T>& value) : name_(name) {
        if (value) value_ = LogField(name, *value).value_;
    }
    LogField(std::string_view name, const platform::Secret& value) = delete;

    std::string_view name() const noexcept { return name_; }
    const Value& value() const noexcept { return value_; }

private:
    std::string_view name_;
    Value value_ = nullptr;
};

using LogFields = std::span<const LogField>;

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
