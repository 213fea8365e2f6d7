#include "platform/http/request_chunks.hpp"

#include <algorithm>
#include <charconv>

#include "platform/http/request_head.hpp"

namespace sentinel::http {

using platform::ErrorCode;

namespace {

constexpr std::size_t longest_size_line = 256;
constexpr std::size_t longest_trailer_line = 8 * 1024;
constexpr std::size_t most_size_digits = 8;

std::unexpected<Refusal> malformed(std::string_view message) {
    return std::unexpected(Refusal{ErrorCode::malformed_request, "chunked_body", message});
}

std::unexpected<Refusal> too_large() {
    return std::unexpected(Refusal{ErrorCode::payload_too_large, "body", "The body is larger than this route takes."});
}

/// `;name` or `;name=value` …, quotes closed.
bool is_extension(std::string_view text) noexcept {
    bool is_quoted = false;
    char previous = '\0';
    for (const char letter : text) {
        if (previous == ';' && !is_quoted && !is_token_character(letter)) return false;
        if (letter == '"') is_quoted = !is_quoted;
        previous = letter;
    }
    return text.empty() || (text.front() == ';' && previous != ';' && !is_quoted);
}

}  // namespace

void ChunkedBody::restart(std::size_t body_limit, std::size_t framing_limit) {
    part_ = Part::size_line;
    body_limit_ = body_limit;
    framing_left_ = framing_limit;
    data_left_ = 0;
    line_.clear();
}

std::expected<std::size_t, Refusal> ChunkedBody::decode(std::string_view bytes, std::string& body) {
    std::size_t used = 0;
    while (used < bytes.size() && !done()) {
        const auto rest = bytes.substr(used);
        const auto taken = part_ == Part::data ? take_data(rest, body) : take_line(rest);
        if (!taken) return taken;
        used += *taken;
    }
    return used;
}

std::expected<std::size_t, Refusal> ChunkedBody::take_data(std::string_view bytes, std::string& body) {
    const std::size_t count = std::min(bytes.size(), data_left_);
    if (count > body_limit_ - body.size()) return too_large();
    body.append(bytes.substr(0, count));
    data_left_ -= count;
    if (data_left_ == 0) part_ = Part::data_end;
    return count;
}

// Byte by byte: a line end in two pieces, and a CR or LF where none belongs, are seen where they stand.
std::expected<std::size_t, Refusal> ChunkedBody::take_line(std::string_view bytes) {
    const std::size_t longest = part_ == Part::trailer ? longest_trailer_line : longest_size_line;
    for (std::size_t index = 0; index < bytes.size(); ++index) {
        const char letter = bytes[index];
        if (framing_left_-- == 0) return too_large();
        const bool after_return = line_.ends_with('\r');
        if (after_return != (letter == '\n')) return malformed("A line of the chunked body does not end in CR LF.");
        if (after_return) {
            line_.pop_back();
            if (auto ended = line_ended(); !ended) return std::unexpected(ended.error());
            line_.clear();
            return index + 1;
        }
        if (part_ == Part::data_end && letter != '\r') return malformed("A chunk is longer than its size.");
        line_ += letter;
        if (line_.size() > longest) return malformed("A line of the chunked body is too long.");
    }
    return bytes.size();
}

std::expected<void, Refusal> ChunkedBody::line_ended() {
    switch (part_) {
        case Part::size_line: return size_line_ended();
        case Part::data_end: part_ = Part::size_line; return {};
        case Part::trailer:
            if (line_.empty()) {
                part_ = Part::done;
            } else if (!is_field_value(line_) || !parse_field(line_)) {
                return malformed("A trailer of the chunked body is not a field.");
            }
            return {};
        case Part::data:
        case Part::done: break;
    }
    return {};
}

std::expected<void, Refusal> ChunkedBody::size_line_ended() {
    const char* begin = line_.data();
    const char* end = begin + std::min(line_.size(), most_size_digits);
    std::uint32_t size = 0;
    const auto [digits_end, fault] = std::from_chars(begin, end, size, 16);
    const std::string_view extension = std::string_view(line_).substr(static_cast<std::size_t>(digits_end - begin));
    if (fault != std::errc() || line_.starts_with('-') || !is_field_value(extension) || !is_extension(extension)) {
        return malformed("A chunk does not begin with its size.");
    }
    data_left_ = size;
    part_ = size == 0 ? Part::trailer : Part::data;
    return {};
}

}  // namespace sentinel::http
