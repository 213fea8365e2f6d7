#pragma once
/// Reads a request's head as RFC 9112 writes it and in no other way: what has two readings is refused (security case S21).

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "platform/http/header.hpp"
#include "platform/http/request.hpp"
#include "platform/http/request_refusal.hpp"

namespace sentinel::http {

struct HeadLimits {
    std::size_t request_line = 8 * 1024;
    std::size_t headers = 16 * 1024;
    std::size_t header_count = 100;
};

/// Finds the end of a head that arrives piece by piece. Looks at each byte once; refuses at once what can be in no head:
/// control characters, a CR or LF alone, and parts past their limits.
class HeadScanner {
public:
    explicit HeadScanner(HeadLimits limits) noexcept : limits_(limits) {}
    void restart() noexcept;
    /// `text` is what arrived so far, from the head's first byte. The head's size with its empty line; nullopt = not all there.
    std::expected<std::optional<std::size_t>, Refusal> scan(std::string_view text) noexcept;

private:
    std::expected<std::optional<std::size_t>, Refusal> line_ended(std::string_view text) noexcept;
    std::optional<Refusal> past_limit(std::string_view text) const noexcept;

    HeadLimits limits_;
    std::size_t position_ = 0;
    std::size_t line_start_ = 0;
    std::size_t request_line_size_ = 0;  ///< 0 = not ended yet
};

/// The parts of a head; views into its text.
struct Head {
    Method method = Method::get;
    std::string_view target;
};

/// REQUIRES: `text` is a head that HeadScanner found whole. Fills `fields`, which it clears first.
std::expected<Head, Refusal> parse_head(std::string_view text, std::size_t header_count, HeaderFields& fields);
/// One field line without its line end; also of a trailer.
std::expected<HeaderField, Refusal> parse_field(std::string_view line) noexcept;

}  // namespace sentinel::http
