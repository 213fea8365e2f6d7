#include "app/json_writer.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "core/utf8.hpp"

namespace sentinel::app {

namespace {

/// No early end: so the loop becomes a few instructions for many bytes.
bool is_printable_ascii(std::string_view text) {
    unsigned char highest = 0;
    for (const char letter : text) highest = std::max(highest, static_cast<unsigned char>(letter));
    return highest < 0x7F;
}

void append_escape(std::string& out, std::uint32_t code_point) {
    if (code_point < 0x10000) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", code_point);
        return;
    }
    const std::uint32_t rest = code_point - 0x10000;
    fmt::format_to(std::back_inserter(out), "\\u{:04x}\\u{:04x}", 0xD800 | rest >> 10, 0xDC00 | (rest & 0x3FF));
}

std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    while (!text.empty()) {
        const std::size_t bytes = core::utf8::sequence_length(text);
        const std::string_view character = text.substr(0, std::max<std::size_t>(bytes, 1));
        if (bytes == 0) {
            append_escape(out, 0xFFFD);
        } else if (core::has_control_or_format(character)) {
            append_escape(out, core::utf8::decode(character, bytes));
        } else {
            out += character;
        }
        text.remove_prefix(character.size());
    }
    return out;
}

}  // namespace

void escape_invisible(std::string& out, std::size_t from) {
    const std::string_view text = std::string_view(out).substr(from);
    if (!is_printable_ascii(text)) out.replace(from, std::string::npos, escaped(text));
}

}  // namespace sentinel::app
