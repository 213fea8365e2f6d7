#include "platform/http/header.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"

namespace sentinel::http {

using core::equals_ignoring_ascii_case;

namespace {

constexpr std::array<bool, 256> token_characters = [] {
    std::array<bool, 256> table{};
    for (int code = 0; code < 128; ++code) table[static_cast<std::size_t>(code)] = is_alphanumeric(static_cast<char>(code));
    for (const char letter : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(letter)] = true;
    return table;
}();

}  // namespace

bool is_token_character(char letter) noexcept { return token_characters[static_cast<unsigned char>(letter)]; }

bool is_field_value(std::string_view value) noexcept {
    return std::ranges::all_of(value, [](char letter) {
        const auto code = static_cast<unsigned char>(letter);
        return (code >= 0x20 && code != 0x7F) || letter == '\t';
    });
}

std::string_view trimmed(std::string_view text) noexcept {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::string_view> HeaderFields::find(std::string_view name) const noexcept {
    for (const HeaderField& field : fields_) {
        if (equals_ignoring_ascii_case(field.name, name)) return field.value;
    }
    return std::nullopt;
}

std::size_t HeaderFields::count(std::string_view name) const noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(fields_, [&](const HeaderField& field) { return equals_ignoring_ascii_case(field.name, name); }));
}

void ResponseHeaders::add(std::string_view name, std::string_view value) {
    if (!is_field_value(value)) return;
    text_.append(name).append(": ").append(value).append("\r\n");
}

void ResponseHeaders::add(std::string_view name, std::int64_t number) {
    std::array<char, 24> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    add(name, std::string_view(digits.data(), static_cast<std::size_t>(written.ptr - digits.data())));
}

std::optional<std::string_view> ResponseHeaders::find(std::string_view name) const noexcept {
    std::string_view rest = text_;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find("\r\n"));
        const auto colon = line.find(": ");
        if (equals_ignoring_ascii_case(line.substr(0, colon), name)) return line.substr(colon + 2);
        rest.remove_prefix(line.size() + 2);
    }
    return std::nullopt;
}

}  // namespace sentinel::http
