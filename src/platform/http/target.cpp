#include "platform/http/target.hpp"

#include <array>
#include <optional>

#include "core/text.hpp"
#include "platform/http/header.hpp"

namespace sentinel::http {

namespace {

constexpr std::array<bool, 256> table_of(std::string_view others) {
    std::array<bool, 256> table{};
    for (std::size_t code = 0; code < 128; ++code) table[code] = is_alphanumeric(static_cast<char>(code));
    for (const char letter : others) table[static_cast<unsigned char>(letter)] = true;
    return table;
}
constexpr auto path_characters = table_of("-._~!$&'()*+,;=:@/%");
// Browsers send the last ones unescaped in a query.
constexpr auto query_characters = table_of("-._~!$&'()*+,;=:@/?%[]{}|^`");

std::unexpected<Refusal> refused(std::string_view reason, std::string_view message) {
    return std::unexpected(Refusal{platform::ErrorCode::malformed_request, reason, message});
}

std::optional<unsigned> hexadecimal(char letter) noexcept {
    if (letter >= '0' && letter <= '9') return static_cast<unsigned>(letter - '0');
    const char small = core::to_lower_ascii(letter);
    if (small >= 'a' && small <= 'f') return static_cast<unsigned>(small - 'a') + 10;
    return std::nullopt;
}

/// The byte that `%xx` at the start of `text` stands for; nullopt = no such escape, or NUL.
std::optional<char> escaped_byte(std::string_view text) noexcept {
    if (text.size() < 3) return std::nullopt;
    const auto high = hexadecimal(text[1]);
    const auto low = hexadecimal(text[2]);
    if (!high || !low || (*high | *low) == 0) return std::nullopt;
    return static_cast<char>(*high << 4 | *low);
}

/// Characters and escapes of one part; what follows an escape is looked at as well.
std::optional<Refusal> check_part(std::string_view text, const std::array<bool, 256>& allowed, bool& has_escape) {
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (!allowed[static_cast<unsigned char>(text[index])]) {
            return refused("target_character", "The target holds a character that must be escaped.").error();
        }
        if (text[index] != '%') continue;
        if (!escaped_byte(text.substr(index))) return refused("target_escape", "The target holds a broken escape.").error();
        has_escape = true;
    }
    return std::nullopt;
}

std::expected<void, Refusal> decode_path(std::string_view text, std::string& decoded) {
    decoded.clear();
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (text[index] != '%') {
            decoded += text[index];
            continue;
        }
        const char byte = escaped_byte(text.substr(index)).value_or('\0');
        if (byte == '/' || byte == '\\') return refused("target_separator", "The path holds an escaped separator.");
        decoded += byte;
        index += 2;
    }
    if (!core::is_utf8(decoded) || core::has_control_or_format(decoded)) {
        return refused("target_text", "The path is not UTF-8 text without control characters.");
    }
    return {};
}

/// `//`, `/.` and `/..` as whole segments. REQUIRES: begins with `/`.
bool has_ambiguous_segment(std::string_view path) noexcept {
    for (std::size_t slash = 0; slash != std::string_view::npos;) {
        const auto next = path.find('/', slash + 1);
        const auto segment = path.substr(slash + 1, next == std::string_view::npos ? next : next - slash - 1);
        if (segment == "." || segment == ".." || (segment.empty() && next != std::string_view::npos)) return true;
        slash = next;
    }
    return false;
}

}  // namespace

std::expected<Target, Refusal> parse_target(std::string_view text, std::string& decoded) {
    if (!text.starts_with('/')) return refused("target_form", "The target is not an absolute path.");
    const auto mark = text.find('?');
    Target target{.path = text.substr(0, mark)};
    bool has_escape = false;
    if (auto fault = check_part(target.path, path_characters, has_escape)) return std::unexpected(*fault);
    if (mark != std::string_view::npos) {
        target.has_query = true;
        target.query = text.substr(mark + 1);
        bool ignored = false;
        if (auto fault = check_part(target.query, query_characters, ignored)) return std::unexpected(*fault);
    }
    if (has_escape) {
        if (auto result = decode_path(target.path, decoded); !result) return std::unexpected(result.error());
        target.path = decoded;
    }
    if (has_ambiguous_segment(target.path)) return refused("target_segment", "The path holds an empty or a dot segment.");
    return target;
}

}  // namespace sentinel::http
