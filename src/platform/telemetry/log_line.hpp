#pragma once
/// One event of the log, and its line.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "platform/service/secret.hpp"
#include "platform/telemetry/log_level.hpp"

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

/// The line of an event, without its end of line.
std::string log_line(LogFormat format, core::Instant now, LogLevel level, std::string_view component, std::string_view message,
                     LogFields fields);

}  // namespace sentinel::telemetry
