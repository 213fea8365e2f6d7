/// The canonical text of JSON values.
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "core/json.hpp"

namespace sentinel::core::json {
namespace {

constexpr double integer_limit = 9007199254740992.0;  // 2^53: below it every integer has one text

/// The shortest digits of a double and where its decimal point stands: value = 0.d1d2d3… * 10^point.
struct Decimal {
    std::array<char, 24> digits{};
    std::size_t count = 0;
    int point = 0;

    std::string_view text() const noexcept { return {digits.data(), count}; }
};

/// REQUIRES: finite and above 0.
Decimal shortest(double number) noexcept {
    std::array<char, 32> buffer{};
    const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific);
    const std::string_view text(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
    const std::size_t mark = text.find('e');
    Decimal decimal;
    for (const char letter : text.substr(0, mark)) {
        if (letter != '.') decimal.digits[decimal.count++] = letter;
    }
    const std::size_t exponent_start = mark + (text[mark + 1] == '+' ? 2 : 1);
    int exponent = 0;
    std::from_chars(text.data() + exponent_start, text.data() + text.size(), exponent);
    decimal.point = exponent + 1;
    return decimal;
}

void append_integer(std::string& out, std::int64_t number) {
    std::array<char, 24> buffer{};
    const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    out.append(buffer.data(), written.ptr);
}

void append_exponent_form(std::string& out, const Decimal& decimal) {
    out += decimal.digits[0];
    if (decimal.count > 1) out.append(1, '.').append(decimal.text().substr(1));
    const int exponent = decimal.point - 1;
    out += exponent < 0 ? "e-" : "e+";
    append_integer(out, std::abs(exponent));
}

/// ECMAScript Number::toString, steps 6 to 10.
void append_decimal(std::string& out, const Decimal& decimal) {
    const auto digits = decimal.text();
    if (decimal.point > 21 || decimal.point < -5) return append_exponent_form(out, decimal);
    if (decimal.point <= 0) {
        out.append("0.").append(static_cast<std::size_t>(-decimal.point), '0').append(digits);
        return;
    }
    const auto whole = static_cast<std::size_t>(decimal.point);
    if (digits.size() <= whole) {
        out.append(digits).append(whole - digits.size(), '0');
    } else {
        out.append(digits.substr(0, whole)).append(1, '.').append(digits.substr(whole));
    }
}

bool is_plain(char letter) noexcept { return static_cast<unsigned char>(letter) >= 0x20 && letter != '"' && letter != '\\'; }

void append_escaped(std::string& out, char letter) {
    constexpr std::string_view hexadecimal = "0123456789abcdef";
    switch (letter) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\b': out += "\\b"; return;
        case '\t': out += "\\t"; return;
        case '\n': out += "\\n"; return;
        case '\f': out += "\\f"; return;
        case '\r': out += "\\r"; return;
        default:
            out.append("\\u00").append(1, hexadecimal[static_cast<unsigned char>(letter) >> 4]);
            out += hexadecimal[static_cast<unsigned char>(letter) & 0x0F];
    }
}

void append_array(std::string& out, const Array& array) {
    out += '[';
    bool first = true;
    for (const Value& element : array) {
        if (!first) out += ',';
        first = false;
        append(out, element);
    }
    out += ']';
}

}  // namespace

void append_number(std::string& out, double number) {
    if (number > -integer_limit && number < integer_limit && number == std::trunc(number)) {
        return append_integer(out, static_cast<std::int64_t>(number));
    }
    if (number < 0) out += '-';
    append_decimal(out, shortest(std::abs(number)));
}

void append_text(std::string& out, std::string_view text) {
    out += '"';
    std::size_t start = 0;
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (is_plain(text[index])) continue;
        out.append(text, start, index - start);
        append_escaped(out, text[index]);
        start = index + 1;
    }
    out.append(text, start);
    out += '"';
}

void append(std::string& out, const Object& object) {
    out += '{';
    bool first = true;
    for (const auto& [name, value] : object) {
        if (!first) out += ',';
        first = false;
        append_text(out, name);
        out += ':';
        append(out, value);
    }
    out += '}';
}

void append(std::string& out, const Value& value) {
    switch (value.kind()) {
        case Kind::null: out += "null"; break;
        case Kind::boolean: out += *value.boolean() ? "true" : "false"; break;
        case Kind::number: append_number(out, *value.number()); break;
        case Kind::text: append_text(out, *value.text()); break;
        case Kind::array: append_array(out, *value.array()); break;
        case Kind::object: append(out, *value.object()); break;
    }
}

std::string to_text(const Value& value) {
    std::string out;
    append(out, value);
    return out;
}

std::string to_text(const Object& object) {
    std::string out;
    append(out, object);
    return out;
}

}  // namespace sentinel::core::json
