#include "platform/postgres/parameters.hpp"

#include <charconv>
#include <cmath>
#include <iterator>

#include "platform/postgres/errors.hpp"

namespace sentinel::postgres {

namespace {

[[noreturn]] void refuse(std::string reason) { throw InvalidParameter("parameter: " + std::move(reason)); }

/// Does this JSON text hold the escape of U+0000, which jsonb cannot store?
bool holds_escaped_nul(std::string_view json) noexcept {
    for (std::size_t at = 0; at < json.size(); ++at) {
        if (json[at] != '\\') continue;
        if (json.substr(at + 1).starts_with("u0000")) return true;
        ++at;  // the escaped character, which may itself be a backslash
    }
    return false;
}

template <class Json>
void append_json(std::string& out, const Json& value) {
    const std::size_t start = out.size();
    core::json::append(out, value);
    if (holds_escaped_nul(std::string_view(out).substr(start))) refuse("U+0000 in JSON");
}

}  // namespace

namespace detail {

void append_text(std::string& out, bool value) { out += value ? 't' : 'f'; }

void append_text(std::string& out, std::int64_t value) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

void append_text(std::string& out, double value) {
    if (std::isnan(value)) {
        out += "NaN";
        return;
    }
    if (std::isinf(value)) {
        out += value < 0 ? "-Infinity" : "Infinity";
        return;
    }
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

void append_text(std::string& out, std::string_view value) {
    if (value.find('\0') != std::string_view::npos) refuse("NUL byte in text");
    out += value;
}

void append_text(std::string& out, BytesView value) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\x";
    for (const std::byte byte : value) {
        const auto number = std::to_integer<unsigned>(byte);
        out += digits[number >> 4];
        out += digits[number & 15];
    }
}

void append_text(std::string& out, const core::Uuid& value) { out += value.text(); }

void append_text(std::string& out, core::Instant value) {
    constexpr std::int64_t first_second = -62'135'596'800;  // 0001-01-01
    constexpr std::int64_t last_second = 253'402'300'799;   // 9999-12-31T23:59:59
    if (value.seconds < first_second || value.seconds > last_second) refuse("instant outside the years 1 to 9999");
    value.nanoseconds -= value.nanoseconds % 1000;  // cut: the server would round up, into the future
    out += value.text();
}

void append_text(std::string& out, const core::json::Value& value) { append_json(out, value); }
void append_text(std::string& out, const core::json::Object& value) { append_json(out, value); }

void append_element(std::string& out, std::string_view text) {
    out += '"';
    for (const char character : text) {
        if (character == '"' || character == '\\') out += '\\';
        out += character;
    }
    out += '"';
}

}  // namespace detail

void Parameters::clear() noexcept {
    storage_.clear();
    values_.clear();
}

void Parameters::add_bytes(BytesView bytes) {
    values_.push_back({.offset = storage_.size(), .length = bytes.size(), .binary = true});
    storage_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    storage_ += '\0';
}

void Parameters::end_text(std::size_t start) {
    values_.push_back({.offset = start, .length = storage_.size() - start});
    storage_ += '\0';
}

const Parameters::Arguments& Parameters::arguments() {
    arguments_.values.clear();
    arguments_.lengths.clear();
    arguments_.formats.clear();
    for (const Value& value : values_) {
        arguments_.values.push_back(value.null ? nullptr : storage_.data() + value.offset);
        arguments_.lengths.push_back(static_cast<int>(value.length));
        arguments_.formats.push_back(value.binary ? 1 : 0);
    }
    return arguments_;
}

}  // namespace sentinel::postgres
