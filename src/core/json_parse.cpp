/// A strict recursive-descent reader of JSON texts; its depth, and so its use of the stack, is bounded by ParseLimits.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "core/digits.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "core/utf8.hpp"

namespace sentinel::core::json {
namespace {

constexpr double highest_safe_integer = 9007199254740991.0;
constexpr std::size_t typical_members = 4;

/// Decimal exponent of the first digit that is not 0, for a number too large or too small for a double; nullopt for zero.
std::optional<long long> magnitude(std::string_view number) noexcept {
    const std::size_t mark = std::min(number.find_first_of("eE"), number.size());
    const std::string_view digits = number.substr(0, mark);
    const std::size_t first = digits.find_first_of("123456789");
    if (first == std::string_view::npos) return std::nullopt;
    const std::size_t point = std::min(digits.find('.'), digits.size());
    const auto distance = static_cast<long long>(point) - static_cast<long long>(first);
    if (mark == number.size()) return distance;
    const bool negative = number[mark + 1] == '-';
    const std::size_t start = mark + (negative || number[mark + 1] == '+' ? 2 : 1);
    constexpr long long beyond_any_text = 1LL << 60;
    long long exponent = 0;
    const auto read = std::from_chars(number.data() + start, number.data() + number.size(), exponent);
    if (read.ec != std::errc() || exponent > beyond_any_text) exponent = beyond_any_text;
    return negative ? distance - exponent : distance + exponent;
}

/// Bytes that stand for themselves inside a text.
struct Run {
    std::string_view text;
    bool is_ascii = true;
};

constexpr std::uint64_t every_byte(std::uint64_t byte) noexcept { return byte * 0x0101010101010101ULL; }

/// Whether one of eight bytes is a quote, a backslash or a control character. It may also say so of a byte after such a
/// one, but never of eight bytes without any.
constexpr bool has_special(std::uint64_t word) noexcept {
    const std::uint64_t quote = word ^ every_byte('"');
    const std::uint64_t backslash = word ^ every_byte('\\');
    const std::uint64_t found =
        ((quote - every_byte(1)) & ~quote) | ((backslash - every_byte(1)) & ~backslash) | ((word - every_byte(0x20)) & ~word);
    return (found & every_byte(0x80)) != 0;
}

Run plain_prefix(std::string_view text) noexcept {
    std::size_t length = 0;
    std::uint64_t all_bits = 0;
    for (std::uint64_t word = 0; length + 8 <= text.size(); length += 8) {
        std::memcpy(&word, text.data() + length, 8);
        if (has_special(word)) break;
        all_bits |= word;
    }
    for (; length < text.size(); ++length) {
        const auto byte = static_cast<unsigned char>(text[length]);
        if (byte < 0x20 || byte == '"' || byte == '\\') break;
        all_bits |= byte;
    }
    return {text.substr(0, length), (all_bits & every_byte(0x80)) == 0};
}

class Parser {
public:
    Parser(std::string_view text, ParseLimits limits) noexcept : text_(text), limits_(limits) {}

    std::expected<Value, ParseError> run() {
        Value value;
        skip_blanks();
        if (!read_value(value)) return std::unexpected(error());
        skip_blanks();
        if (position_ != text_.size()) {
            fail(position_, "text after the end of the value");
            return std::unexpected(error());
        }
        return value;
    }

private:
    bool fail(std::size_t offset, std::string message) {
        offset_ = offset;
        message_ = std::move(message);
        return false;
    }

    ParseError error() {
        const std::string_view before = text_.substr(0, offset_);
        const std::size_t line_break = before.rfind('\n');
        const std::size_t line_start = line_break == std::string_view::npos ? 0 : line_break + 1;
        const auto breaks = static_cast<std::size_t>(std::ranges::count(before, '\n'));
        return {offset_, breaks + 1, offset_ - line_start + 1, std::move(message_)};
    }

    bool at_end() const noexcept { return position_ == text_.size(); }
    /// The letter at the position; NUL at the end, which is legal nowhere outside of texts.
    char here() const noexcept { return at_end() ? '\0' : text_[position_]; }

    void skip_blanks() noexcept {
        while (!at_end()) {
            const char letter = text_[position_];
            if (letter != ' ' && letter != '\n' && letter != '\r' && letter != '\t') return;
            ++position_;
        }
    }

    bool read_value(Value& out) {
        switch (here()) {
            case '{': return read_object(out);
            case '[': return read_array(out);
            case '"': return read_text_value(out);
            case 't': return read_word("true", Value(true), out);
            case 'f': return read_word("false", Value(false), out);
            case 'n': return read_word("null", Value(), out);
            default:
                if (here() == '-' || is_digit(here())) return read_number(out);
                return fail(position_, at_end() ? "the text ends where a value is due" : "no JSON value begins like this");
        }
    }

    bool read_word(std::string_view word, Value value, Value& out) {
        if (!text_.substr(position_).starts_with(word)) return fail(position_, "no JSON value begins like this");
        position_ += word.size();
        out = std::move(value);
        return true;
    }

    bool enter() {
        if (depth_ == limits_.depth) return fail(position_, fmt::format("nested deeper than {} levels", limits_.depth));
        ++depth_;
        ++position_;
        skip_blanks();
        return true;
    }

    /// After an element: true when another one follows. `fine` becomes false when neither comma nor `closing` stands there.
    bool another(char closing, bool& fine) {
        skip_blanks();
        if (here() == ',') {
            ++position_;
            skip_blanks();
            return true;
        }
        if (here() == closing) {
            ++position_;
        } else {
            fine = fail(position_, fmt::format("expected ',' or '{}'", closing));
        }
        return false;
    }

    bool read_array(Value& out) {
        if (!enter()) return false;
        Array elements;
        bool fine = true;
        if (here() == ']') {
            ++position_;
        } else {
            do {
                if (!read_value(elements.emplace_back())) return false;
            } while (another(']', fine));
        }
        --depth_;
        out = Value(std::move(elements));
        return fine;
    }

    bool read_object(Value& out) {
        if (!enter()) return false;
        const std::size_t start = position_;
        Object::Members members;
        bool fine = true;
        if (here() == '}') {
            ++position_;
        } else {
            members.reserve(typical_members);
            do {
                if (!read_member(members.emplace_back())) return false;
            } while (another('}', fine));
        }
        if (!fine) return false;
        --depth_;
        auto object = Object::from_members(std::move(members));
        if (!object) {
            const std::size_t second = second_member(object.error(), start);
            return fail(second, fmt::format("the member '{}' stands here a second time", object.error()));
        }
        out = Value(*std::move(object));
        return true;
    }

    bool read_member(Object::Member& out) {
        if (here() != '"') return fail(position_, "expected a member name in double quotes");
        if (!read_text(out.name)) return false;
        skip_blanks();
        if (here() != ':') return fail(position_, "expected ':' after a member name");
        ++position_;
        skip_blanks();
        return read_value(out.value);
    }

    /// Offset of the second member of that name in the object whose members begin at `start`. Reads them again, so that
    /// objects without fault need not note where their members stand.
    std::size_t second_member(std::string_view name, std::size_t start) {
        position_ = start;
        ++depth_;
        bool seen = false;
        bool fine = true;
        do {
            const std::size_t offset = position_;
            Object::Member member;
            if (!read_member(member)) return offset;
            if (member.name == name) {
                if (seen) return offset;
                seen = true;
            }
        } while (another('}', fine));
        return start;
    }

    bool read_text_value(Value& out) {
        std::string text;
        if (!read_text(text)) return false;
        out = Value(std::move(text));
        return true;
    }

    /// REQUIRES: at a double quote.
    bool read_text(std::string& out) {
        const std::size_t opening = position_++;
        for (;;) {
            if (!read_plain(out)) return false;
            if (at_end()) return fail(opening, "a text without closing quote");
            if (text_[position_] == '"') [[likely]] {
                ++position_;
                return true;
            }
            if (text_[position_] != '\\') return fail(position_, "a control character inside a text must be escaped");
            if (!read_escape(out)) return false;
        }
    }

    /// Takes all up to the next quote, backslash, control character or the end.
    bool read_plain(std::string& out) {
        const Run run = plain_prefix(text_.substr(position_));
        if (!run.is_ascii && !is_utf8(run.text)) return fail(position_ + first_fault(run.text), "invalid UTF-8");
        out.append(run.text);
        position_ += run.text.size();
        return true;
    }

    static std::size_t first_fault(std::string_view run) noexcept {
        std::size_t offset = 0;
        while (const std::size_t length = utf8::sequence_length(run.substr(offset))) offset += length;
        return offset;
    }

    bool read_escape(std::string& out) {
        const std::size_t start = position_++;
        switch (here()) {
            case '"': out += '"'; break;
            case '\\': out += '\\'; break;
            case '/': out += '/'; break;
            case 'b': out += '\b'; break;
            case 'f': out += '\f'; break;
            case 'n': out += '\n'; break;
            case 'r': out += '\r'; break;
            case 't': out += '\t'; break;
            case 'u': return read_code_point(start, out);
            default: return fail(start, "an unknown escape");
        }
        ++position_;
        return true;
    }

    /// At the `u` of an escape that began at `start`; takes a surrogate pair as a whole.
    bool read_code_point(std::size_t start, std::string& out) {
        const auto first = read_unit();
        if (!first) return fail(start, "\\u needs four hexadecimal digits");
        if (*first < 0xD800 || *first > 0xDFFF) {
            utf8::append(out, *first);
            return true;
        }
        const bool is_high = *first < 0xDC00;
        if (!is_high || !text_.substr(position_).starts_with("\\u")) return fail(start, "a lone surrogate");
        ++position_;
        const auto second = read_unit();
        if (!second || *second < 0xDC00 || *second > 0xDFFF) return fail(start, "a lone surrogate");
        utf8::append(out, 0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00));
        return true;
    }

    std::optional<std::uint32_t> read_unit() noexcept {
        ++position_;
        if (text_.size() - position_ < 4) return std::nullopt;
        std::uint32_t unit = 0;
        for (int count = 0; count < 4; ++count) {
            const int digit = hex_value(text_[position_++]);
            if (digit < 0) return std::nullopt;
            unit = unit << 4 | static_cast<std::uint32_t>(digit);
        }
        return unit;
    }

    std::size_t skip_digits() noexcept {
        const std::size_t start = position_;
        while (is_digit(here())) ++position_;
        return position_ - start;
    }

    /// Walks over the grammar of RFC 8259 section 6; true in `is_integer` when there is neither fraction nor exponent.
    bool skip_number(bool& is_integer) {
        const std::size_t start = position_;
        if (here() == '-') ++position_;
        const bool leading_zero = here() == '0';
        const std::size_t whole = skip_digits();
        if (whole == 0) return fail(start, "a number needs a digit here");
        if (leading_zero && whole > 1) return fail(start, "a number must not begin with 0");
        if (here() == '.') {
            is_integer = false;
            ++position_;
            if (skip_digits() == 0) return fail(start, "a fraction needs a digit");
        }
        if (here() == 'e' || here() == 'E') {
            is_integer = false;
            ++position_;
            if (here() == '+' || here() == '-') ++position_;
            if (skip_digits() == 0) return fail(start, "an exponent needs a digit");
        }
        return true;
    }

    bool read_number(Value& out) {
        const std::size_t start = position_;
        bool is_integer = true;
        if (!skip_number(is_integer)) return false;
        const std::string_view written = text_.substr(start, position_ - start);
        double number = 0;
        const auto read = std::from_chars(written.data(), written.data() + written.size(), number);
        if (read.ec == std::errc::result_out_of_range) {
            const auto exponent = magnitude(written);
            if (exponent && *exponent > 0) return fail(start, "a number too large for a double");
            number = 0;
        }
        if (!std::isfinite(number)) return fail(start, "a number too large for a double");
        if (is_integer && limits_.safe_integers && std::abs(number) > highest_safe_integer) {
            return fail(start, "an integer beyond 2^53 - 1 cannot be kept exactly");
        }
        out = Value(number);
        return true;
    }

    std::string_view text_;
    ParseLimits limits_;
    std::size_t position_ = 0;
    std::size_t depth_ = 0;
    std::size_t offset_ = 0;  ///< of the fault
    std::string message_;     ///< of the fault
};

}  // namespace

std::expected<Value, ParseError> parse(std::string_view text, ParseLimits limits) { return Parser(text, limits).run(); }

}  // namespace sentinel::core::json
