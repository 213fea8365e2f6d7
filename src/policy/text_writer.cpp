#include "policy/text_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/text.hpp"

namespace sentinel::policy {

namespace json = core::json;

namespace {

constexpr std::size_t indentation = 2;
constexpr std::size_t max_line_list = 100;   ///< bytes of a list that stays on one line
constexpr std::size_t max_simple_key = 128;  ///< libyaml wants keys of up to 1024 characters, longer ones in the form `? key`

constexpr std::size_t max_blanks = 512;  ///< of raw blanks in a row: the reader takes 1024

void indent(std::string& out, std::size_t depth) { out.append(depth * indentation, ' '); }

bool is_scalar(const json::Value& value) { return value.array() == nullptr && value.object() == nullptr; }

// ---- YAML --------------------------------------------------------------------------------------------------------

/// Words that some YAML reader takes for something else than text.
bool is_reserved_word(std::string_view text) {
    static constexpr std::array<std::string_view, 9> words{"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
    return std::ranges::any_of(words, [&](std::string_view word) { return core::equals_ignoring_ascii_case(word, text); });
}

/// Whether the text may stand without quotes, in a line list too.
bool is_plain(std::string_view text) {
    const auto is_letter = [](char letter) { return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z'); };
    const auto is_safe = [&](char letter) {
        return is_letter(letter) || (letter >= '0' && letter <= '9') ||
               std::string_view("_-./@$").find(letter) != std::string_view::npos;
    };
    if (text.empty() || !(is_letter(text.front()) || text.front() == '/' || text.front() == '$')) return false;
    return std::ranges::all_of(text, is_safe) && !is_reserved_word(text);
}

/// Whether YAML cannot have the code point raw within double quotes: controls, line breaks of YAML 1.1, non-characters, BOM.
bool needs_escape(std::uint32_t code_point) {
    return code_point < 0x20 || code_point == '"' || code_point == '\\' || (code_point >= 0x7F && code_point <= 0xA0) ||
           code_point == 0x2028 || code_point == 0x2029 || code_point == 0xFEFF || code_point == 0xFFFE || code_point == 0xFFFF;
}

/// The code point at the front of well-formed UTF-8, taken off.
std::uint32_t take_code_point(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t code_point = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) code_point = (code_point << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
    text.remove_prefix(length);
    return code_point;
}

void append_yaml_text(std::string& out, std::string_view text) {
    if (is_plain(text)) {
        out += text;
        return;
    }
    out += '"';
    std::size_t blanks = 0;
    while (!text.empty()) {
        const std::string_view before = text;
        const std::uint32_t code_point = take_code_point(text);
        blanks = code_point == ' ' ? blanks + 1 : 0;
        if (blanks > 0 && blanks % max_blanks == 0)
            out += "\\u0020";
        else if (code_point == '"' || code_point == '\\')
            out.append("\\").append(before.substr(0, 1));
        else if (code_point == '\n')
            out += "\\n";
        else if (needs_escape(code_point))
            out += fmt::format("\\u{:04x}", code_point);
        else
            out += before.substr(0, before.size() - text.size());
    }
    out += '"';
}

void append_yaml_scalar(std::string& out, const json::Value& value) {
    if (value.text() != nullptr)
        append_yaml_text(out, *value.text());
    else
        json::append(out, value);
}

/// `[a, b]`, or nothing when it would be too long or holds lists or maps.
std::string line_list(const json::Array& array, void (*append_scalar)(std::string&, const json::Value&)) {
    std::string line = "[";
    for (const json::Value& item : array) {
        if (!is_scalar(item) || line.size() > max_line_list) return {};
        if (line.size() > 1) line += ", ";
        append_scalar(line, item);
    }
    line += "]";
    return line.size() > max_line_list ? std::string() : line;
}

void append_yaml_members(std::string& out, const json::Object& object, std::size_t depth);

void append_yaml_items(std::string& out, const json::Array& array, std::size_t depth);

/// What follows `key:` or `-`, with the end of the line.
void append_yaml_value(std::string& out, const json::Value& value, std::size_t depth) {
    const json::Object* object = value.object();
    const json::Array* array = value.array();
    const std::string line = array == nullptr ? std::string() : line_list(*array, append_yaml_scalar);
    if (object != nullptr && !object->empty()) {
        out += '\n';
        append_yaml_members(out, *object, depth);
    } else if (array != nullptr && line.empty()) {
        out += '\n';
        append_yaml_items(out, *array, depth);
    } else {
        out += ' ';
        if (object != nullptr)
            out += "{}";
        else if (array != nullptr)
            out += line;
        else
            append_yaml_scalar(out, value);
        out += '\n';
    }
}

void append_yaml_key(std::string& out, std::string_view name, std::size_t depth) {
    std::string key;
    append_yaml_text(key, name);
    if (key.size() > max_simple_key) {
        out.append("? ").append(key) += '\n';
        indent(out, depth);
        out += ':';
    } else {
        out.append(key) += ':';
    }
}

void append_yaml_members(std::string& out, const json::Object& object, std::size_t depth) {
    for (const auto& [name, value] : object) {
        indent(out, depth);
        append_yaml_key(out, name, depth);
        append_yaml_value(out, value, depth + 1);
    }
}

void append_yaml_items(std::string& out, const json::Array& array, std::size_t depth) {
    for (const json::Value& item : array) {
        indent(out, depth);
        out += '-';
        append_yaml_value(out, item, depth + 1);
    }
}

// ---- JSON --------------------------------------------------------------------------------------------------------

void append_json_scalar(std::string& out, const json::Value& value) { json::append(out, value); }

void append_json(std::string& out, const json::Value& value, std::size_t depth);

void append_json_members(std::string& out, const json::Object& object, std::size_t depth) {
    out += '{';
    for (bool first = true; const auto& [name, value] : object) {
        out += first ? "\n" : ",\n";
        first = false;
        indent(out, depth + 1);
        json::append_text(out, name);
        out += ": ";
        append_json(out, value, depth + 1);
    }
    if (!object.empty()) {
        out += '\n';
        indent(out, depth);
    }
    out += '}';
}

void append_json_items(std::string& out, const json::Array& array, std::size_t depth) {
    if (const std::string line = line_list(array, append_json_scalar); !line.empty()) {
        out += line;
        return;
    }
    out += '[';
    for (bool first = true; const json::Value& item : array) {
        out += first ? "\n" : ",\n";
        first = false;
        indent(out, depth + 1);
        append_json(out, item, depth + 1);
    }
    out += '\n';
    indent(out, depth);
    out += ']';
}

void append_json(std::string& out, const json::Value& value, std::size_t depth) {
    if (value.object() != nullptr)
        append_json_members(out, *value.object(), depth);
    else if (value.array() != nullptr)
        append_json_items(out, *value.array(), depth);
    else
        append_json_scalar(out, value);
}

}  // namespace

std::string yaml_text(const json::Object& object) {
    if (object.empty()) return "{}\n";
    std::string out;
    append_yaml_members(out, object, 0);
    return out;
}

std::string json_text(const json::Object& object) {
    std::string out;
    append_json_members(out, object, 0);
    out += '\n';
    return out;
}

}  // namespace sentinel::policy
