#include <yaml.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "core/text.hpp"
#include "policy/node_builder.hpp"

namespace sentinel::policy {

namespace {

/// libyaml clears a buffer as long as the longest run of blanks at each word that follows it: bounded, so that it stays linear.
constexpr std::size_t max_blank_run = 1024;

bool is_digit(char letter) noexcept { return letter >= '0' && letter <= '9'; }

std::size_t digits(std::string_view text, std::size_t from) noexcept {
    std::size_t end = from;
    while (end < text.size() && is_digit(text[end])) ++end;
    return end - from;
}

/// A decimal number of the core schema, as JSON writes it; empty when it is none. Leading zeros make it text: YAML 1.1
/// would read an octal number there, YAML 1.2 a decimal one.
std::string decimal(std::string_view text) {
    std::string written;
    std::size_t at = 0;
    if (text.starts_with('-') || text.starts_with('+')) at = 1;
    if (text.starts_with('-')) written = "-";
    const std::size_t whole = digits(text, at);
    if (whole > 1 && text[at] == '0') return {};
    written += whole == 0 ? std::string_view("0") : text.substr(at, whole);
    at += whole;
    std::size_t fraction = 0;
    if (at < text.size() && text[at] == '.') {
        fraction = digits(text, ++at);
        if (fraction > 0)
            written.append(".").append(text.substr(at, fraction));
        else
            written.append(".0");
        at += fraction;
    }
    if (whole + fraction == 0) return {};
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        written += 'e';
        ++at;
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) written += text[at++];
        const std::size_t exponent = digits(text, at);
        if (exponent == 0) return {};
        written += text.substr(at, exponent);
        at += exponent;
    }
    return at == text.size() ? written : std::string();
}

/// `0x1F` and `0o17` of the core schema in decimal; empty when it is neither.
std::string based(std::string_view text) {
    const bool hexadecimal = text.starts_with("0x");
    if ((!hexadecimal && !text.starts_with("0o")) || text.size() < 3) return {};
    const std::string_view legal = hexadecimal ? "0123456789abcdefABCDEF" : "01234567";
    if (text.find_first_not_of(legal, 2) != std::string_view::npos) return {};
    std::uint64_t number = 0;
    const auto read = std::from_chars(text.data() + 2, text.data() + text.size(), number, hexadecimal ? 16 : 8);
    if (read.ec != std::errc()) return "1e999";  // beyond any exact number: the builder refuses it
    return fmt::format("{}", number);
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, text) != words.end();
}

bool plain_scalar(std::string_view text, std::size_t line, NodeBuilder& builder) {
    if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return builder.scalar(std::monostate(), line);
    if (is_one_of(text, {"true", "True", "TRUE"})) return builder.scalar(true, line);
    if (is_one_of(text, {"false", "False", "FALSE"})) return builder.scalar(false, line);
    const std::string_view unsigned_text = text.starts_with('-') || text.starts_with('+') ? text.substr(1) : text;
    if (is_one_of(unsigned_text, {".inf", ".Inf", ".INF"}) || is_one_of(text, {".nan", ".NaN", ".NAN"})) {
        return builder.fail(line, "range", "infinite numbers and .nan are not kept");
    }
    if (const std::string number = decimal(text); !number.empty()) return builder.number(number, line);
    if (const std::string number = based(text); !number.empty()) return builder.number(number, line);
    return builder.scalar(std::string(text), line);
}

std::string_view as_text(const yaml_char_t* text, std::size_t length) { return {reinterpret_cast<const char*>(text), length}; }

bool scalar_event(const yaml_event_t& event, std::size_t line, NodeBuilder& builder) {
    const auto& scalar = event.data.scalar;
    const std::string_view text = as_text(scalar.value, scalar.length);
    if (builder.expects_key()) return builder.key(std::string(text), line);
    if (scalar.style == YAML_PLAIN_SCALAR_STYLE) return plain_scalar(text, line, builder);
    return builder.scalar(std::string(text), line);
}

bool document_start(const yaml_event_t& event, std::size_t line, std::size_t documents, NodeBuilder& builder) {
    const auto& start = event.data.document_start;
    if (documents > 1) return builder.fail(line, "syntax", "there is more than one document");
    if (start.tag_directives.start != start.tag_directives.end)
        return builder.fail(line, "syntax", "tag directives are not read");
    const yaml_version_directive_t* version = start.version_directive;
    if (version != nullptr && (version->major != 1 || version->minor != 2)) {
        return builder.fail(line, "syntax", "only YAML 1.2 is read");
    }
    return true;
}

bool no_properties(const yaml_char_t* anchor, const yaml_char_t* tag, std::size_t line, NodeBuilder& builder) {
    if (anchor != nullptr) return builder.fail(line, "syntax", "anchors are not read");
    if (tag != nullptr) return builder.fail(line, "syntax", "tags are not read");
    return true;
}

/// Whether a list or map may begin here: keys are scalars.
bool may_nest(std::size_t line, NodeBuilder& builder) {
    return !builder.expects_key() || builder.fail(line, "syntax", "a key must be a text");
}

/// The line, counted from 1, of the byte at `offset`: a line ends with LF, CR or both.
std::size_t line_of(std::string_view text, std::size_t offset) noexcept {
    std::size_t line = 1;
    for (std::size_t at = 0; at < offset; ++at) {
        const bool is_pair = text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
        if (text[at] == '\n' || (text[at] == '\r' && !is_pair)) ++line;
    }
    return line;
}

/// Owns libyaml's parser.
class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {
        if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;
    ~Parser() { yaml_parser_delete(&parser_); }

    bool next(yaml_event_t& event) { return yaml_parser_parse(&parser_, &event) != 0; }
    std::size_t problem_line() const noexcept {
        if (parser_.error != YAML_READER_ERROR) return parser_.problem_mark.line + 1;
        return line_of(text_, parser_.problem_offset);
    }
    std::string problem() const {
        const char* problem = parser_.problem == nullptr ? "it cannot be read" : parser_.problem;
        return fmt::format("this is not YAML: {}", problem);
    }

private:
    std::string_view text_;
    yaml_parser_t parser_{};
};

/// True while there is more to read.
bool on_event(const yaml_event_t& event, std::size_t& documents, NodeBuilder& builder, bool& ended) {
    const std::size_t line = event.start_mark.line + 1;
    switch (event.type) {
        case YAML_NO_EVENT:
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT: return true;
        case YAML_STREAM_END_EVENT: ended = true; return documents > 0 || builder.scalar(std::monostate(), line);
        case YAML_DOCUMENT_START_EVENT: return document_start(event, line, ++documents, builder);
        case YAML_ALIAS_EVENT: return builder.fail(line, "syntax", "aliases are not read");
        case YAML_SCALAR_EVENT:
            return no_properties(event.data.scalar.anchor, event.data.scalar.tag, line, builder) &&
                   scalar_event(event, line, builder);
        case YAML_SEQUENCE_START_EVENT:
            return no_properties(event.data.sequence_start.anchor, event.data.sequence_start.tag, line, builder) &&
                   may_nest(line, builder) && builder.begin_list(line);
        case YAML_SEQUENCE_END_EVENT: return builder.end_list();
        case YAML_MAPPING_START_EVENT:
            return no_properties(event.data.mapping_start.anchor, event.data.mapping_start.tag, line, builder) &&
                   may_nest(line, builder) && builder.begin_map(line);
        case YAML_MAPPING_END_EVENT: return builder.end_map();
    }
    std::unreachable();
}

/// Line breaks of YAML 1.1, to which libyaml keeps while YAML 1.2 takes them for ordinary characters, and the byte order mark.
/// Each would let people and other readers see another document than this one: a comment could hide policy.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> never_raw{
    {{"\xC2\x85", "\\u0085"}, {"\xE2\x80\xA8", "\\u2028"}, {"\xE2\x80\xA9", "\\u2029"}, {"\xEF\xBB\xBF", "\\uFEFF"}}};

bool only_plain_characters(std::string_view text, NodeBuilder& builder) {
    for (const auto& [raw, escaped] : never_raw) {
        const std::size_t at = text.find(raw);
        if (at == std::string_view::npos) continue;
        return builder.fail(
            line_of(text, at), "syntax",
            fmt::format("the character U+{} may not stand here, nor in a comment: write it as \"{}\" in double quotes",
                        escaped.substr(2), escaped));
    }
    return true;
}

std::size_t first_line_not_utf8(std::string_view text) noexcept {
    std::size_t start = 0;
    for (std::size_t end = text.find_first_of("\r\n");
         end != std::string_view::npos && core::is_utf8(text.substr(start, end - start));
         end = text.find_first_of("\r\n", start)) {
        start = end + 1;
    }
    return line_of(text, start);
}

/// What libyaml would not refuse in linear time, or not say with a line, or read in another way than YAML 1.2.
bool precheck(std::string_view text, NodeBuilder& builder) {
    if (!core::is_utf8(text)) return builder.fail(first_line_not_utf8(text), "syntax", "the document is not UTF-8");
    if (!only_plain_characters(text, builder)) return false;
    std::size_t run = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        run = std::string_view(" \t\r\n").contains(text[at]) ? run + 1 : 0;
        if (run > max_blank_run) {
            return builder.fail(line_of(text, at + 1), "limit", fmt::format("more than {} blanks in a row", max_blank_run));
        }
    }
    return true;
}

}  // namespace

bool read_yaml(std::string_view text, NodeBuilder& builder) {
    if (!precheck(text, builder)) return false;
    Parser parser(text);
    std::size_t documents = 0;
    bool ended = false;
    while (!ended) {
        yaml_event_t event;
        if (!parser.next(event)) return builder.fail(parser.problem_line(), "syntax", parser.problem());
        const std::unique_ptr<yaml_event_t, decltype(&yaml_event_delete)> owner(&event, yaml_event_delete);
        if (!on_event(event, documents, builder, ended)) return false;
    }
    return true;
}

}  // namespace sentinel::policy
