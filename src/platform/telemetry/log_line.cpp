#include "platform/telemetry/log_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "core/json.hpp"
#include "platform/telemetry/log_text.hpp"

namespace sentinel::telemetry {

namespace {

constexpr std::size_t longest_name = 64;

void append_value(std::string& out, const LogField::Value& value) {
    if (const auto* text = std::get_if<std::string_view>(&value)) return append_quoted(out, *text, longest_log_text);
    if (const auto* uuid = std::get_if<core::Uuid>(&value)) return append_quoted(out, uuid->text(), longest_log_text);
    if (const auto* boolean = std::get_if<bool>(&value)) {
        out += *boolean ? "true" : "false";
    } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        fmt::format_to(std::back_inserter(out), "{}", *whole);
    } else if (const auto* number = std::get_if<double>(&value); number != nullptr && std::isfinite(*number)) {
        core::json::append_number(out, *number == 0 ? 0.0 : *number);
    } else {
        out += "null";
    }
}

bool is_reserved(std::string_view name) { return name == "ts" || name == "level" || name == "msg" || name == "component"; }

/// Calls with each field that belongs on the line: no name twice, none of the logger's own, not too many.
template <class Visitor>
void visit_fields(LogFields fields, Visitor visitor) {
    fields = fields.first(std::min(fields.size(), most_log_fields));
    for (std::size_t index = 0; index < fields.size(); ++index) {
        const std::string_view name = fields[index].name().substr(0, longest_name);
        const bool repeated = std::ranges::any_of(
            fields.first(index), [&](const LogField& earlier) { return earlier.name().substr(0, longest_name) == name; });
        if (!repeated && !is_reserved(name)) visitor(name, fields[index].value());
    }
}

void append_field_value(std::string& out, std::string_view name, const LogField::Value& value) {
    if (names_secret(name)) {
        out += "\"[redacted]\"";
    } else {
        append_value(out, value);
    }
}

std::string json_line(core::Instant now, LogLevel level, std::string_view component, std::string_view message, LogFields fields) {
    std::string line = "{\"ts\":\"";
    append_timestamp(line, now);
    fmt::format_to(std::back_inserter(line), "\",\"level\":\"{}\",\"msg\":", text_of(level));
    append_quoted(line, message, longest_log_text);
    line += ",\"component\":";
    append_quoted(line, component, longest_name);
    visit_fields(fields, [&](std::string_view name, const LogField::Value& value) {
        line += ',';
        append_quoted(line, name, longest_name);
        line += ':';
        append_field_value(line, name, value);
    });
    line += '}';
    return line;
}

/// Appends a quoted text without its quotes.
void append_bare(std::string& out, std::string_view text, std::size_t most_bytes) {
    const std::size_t from = out.size();
    append_quoted(out, text, most_bytes);
    out.erase(from, 1);
    out.pop_back();
}

std::string text_line(core::Instant now, LogLevel level, std::string_view component, std::string_view message, LogFields fields) {
    std::string line;
    append_timestamp(line, now);
    fmt::format_to(std::back_inserter(line), " {:<7} ", text_of(level));
    append_bare(line, component, longest_name);
    line += ": ";
    append_bare(line, message, longest_log_text);
    visit_fields(fields, [&](std::string_view name, const LogField::Value& value) {
        line += ' ';
        append_bare(line, name, longest_name);
        line += '=';
        append_field_value(line, name, value);
    });
    return line;
}

}  // namespace

std::string_view text_of(LogLevel level) noexcept {
    static constexpr std::array<std::string_view, 4> texts = {"DEBUG", "INFO", "WARNING", "ERROR"};
    return texts[static_cast<std::size_t>(level)];
}

std::string log_line(LogFormat format, core::Instant now, LogLevel level, std::string_view component, std::string_view message,
                     LogFields fields) {
    return format == LogFormat::json ? json_line(now, level, component, message, fields)
                                     : text_line(now, level, component, message, fields);
}

}  // namespace sentinel::telemetry
