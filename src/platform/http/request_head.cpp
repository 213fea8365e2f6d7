#include "platform/http/request_head.hpp"

#include <algorithm>
#include <array>

namespace sentinel::http {

using platform::ErrorCode;

namespace {

// No method that anybody speaks is longer; what goes on without a blank is not HTTP.
constexpr std::size_t longest_method = 32;

constexpr std::array<bool, 256> stops_the_scan = [] {
    std::array<bool, 256> table{};
    for (std::size_t code = 0; code < 0x20; ++code) table[code] = code != '\t';
    table[0x7F] = true;
    return table;
}();

Refusal malformed(std::string_view reason, std::string_view message, std::size_t offset) {
    return {ErrorCode::malformed_request, reason, message, offset};
}

bool is_version(std::string_view text) noexcept {
    return text.size() == 8 && text.starts_with("HTTP/") && text[5] >= '0' && text[5] <= '9' && text[6] == '.' &&
           text[7] >= '0' && text[7] <= '9';
}

std::expected<Head, Refusal> parse_request_line(std::string_view line) {
    const auto method_end = std::min(line.find(' '), line.size());
    const std::string_view method = line.substr(0, method_end);
    if (method.empty() || !std::ranges::all_of(method, is_token_character)) {
        return std::unexpected(malformed("method", "The request line does not begin with a method.", 0));
    }
    const auto target_end = line.find(' ', method_end + 1);
    if (target_end == std::string_view::npos || target_end == method_end + 1) {
        return std::unexpected(malformed("request_line", "The request line is not method, target and version.", method_end));
    }
    const std::string_view version = line.substr(target_end + 1);
    if (version != "HTTP/1.1") {
        const bool other = is_version(version);
        return std::unexpected(
            malformed("version", other ? "Only HTTP/1.1 is spoken here." : "The version is not HTTP/1.1.", target_end + 1));
    }
    const auto known = parse_method(method);
    if (!known) return std::unexpected(Refusal{ErrorCode::not_implemented, "method", "The method is not implemented."});
    return Head{*known, line.substr(method_end + 1, target_end - method_end - 1)};
}

}  // namespace

void HeadScanner::restart() noexcept { position_ = line_start_ = request_line_size_ = 0; }

std::optional<Refusal> HeadScanner::past_limit(std::string_view text) const noexcept {
    if (request_line_size_ == 0) {
        const std::size_t size = position_ - line_start_;
        if (size > longest_method && text.substr(0, longest_method).find(' ') == std::string_view::npos) {
            return malformed("method", "The request line does not begin with a method.", longest_method);
        }
        if (size > limits_.request_line) return Refusal{ErrorCode::uri_too_long, "request_line", "The request line is too long."};
    } else if (position_ - request_line_size_ > limits_.headers) {
        return Refusal{ErrorCode::headers_too_large, "headers", "The header fields are too large."};
    }
    return std::nullopt;
}

std::expected<std::optional<std::size_t>, Refusal> HeadScanner::scan(std::string_view text) noexcept {
    while (position_ < text.size()) {
        const auto letter = static_cast<unsigned char>(text[position_]);
        if (!stops_the_scan[letter]) {
            ++position_;
            continue;
        }
        if (letter != '\r')
            return std::unexpected(malformed("control_character", "A control character stands in the head.", position_));
        if (position_ + 1 == text.size()) break;
        if (text[position_ + 1] != '\n') {
            return std::unexpected(malformed("line_end", "A carriage return is not followed by a line feed.", position_));
        }
        if (auto ended = line_ended(text); !ended || *ended) return ended;
    }
    if (auto refusal = past_limit(text)) return std::unexpected(*refusal);
    return std::nullopt;
}

std::expected<std::optional<std::size_t>, Refusal> HeadScanner::line_ended(std::string_view text) noexcept {
    if (auto refusal = past_limit(text)) return std::unexpected(*refusal);
    const bool is_empty = position_ == line_start_;
    if (is_empty && request_line_size_ == 0) {
        return std::unexpected(malformed("request_line", "An empty line stands before the request.", position_));
    }
    position_ += 2;
    line_start_ = position_;
    if (is_empty) return position_;
    if (request_line_size_ == 0) request_line_size_ = position_;
    return std::nullopt;
}

std::expected<HeaderField, Refusal> parse_field(std::string_view line) noexcept {
    if (line.starts_with(' ') || line.starts_with('\t')) {
        return std::unexpected(malformed("folded_field", "A field goes on in a second line.", 0));
    }
    std::size_t name_end = 0;
    while (name_end < line.size() && is_token_character(line[name_end])) ++name_end;
    if (name_end == 0 || name_end == line.size() || line[name_end] != ':') {
        return std::unexpected(malformed("field_name", "A field is not a name, a colon and a value.", name_end));
    }
    return HeaderField{line.substr(0, name_end), trimmed(line.substr(name_end + 1))};
}

std::expected<Head, Refusal> parse_head(std::string_view text, std::size_t header_count, HeaderFields& fields) {
    fields.clear();
    const auto first_end = text.find('\r');
    auto head = parse_request_line(text.substr(0, first_end));
    if (!head && head.error().code == ErrorCode::malformed_request) return head;
    for (std::size_t start = first_end + 2; text[start] != '\r';) {
        const auto end = text.find('\r', start);
        auto field = parse_field(text.substr(start, end - start));
        if (!field) {
            field.error().offset += start;
            return std::unexpected(field.error());
        }
        if (fields.size() == header_count) {
            return std::unexpected(Refusal{ErrorCode::headers_too_large, "header_count", "There are too many header fields."});
        }
        fields.add(field->name, field->value);
        start = end + 2;
    }
    return head;
}

}  // namespace sentinel::http
