#pragma once
/// Decodes a chunked body (RFC 9112 section 7.1), strictly. Extensions and trailers are checked and dropped.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "platform/http/request_refusal.hpp"

namespace sentinel::http {

class ChunkedBody {
public:
    /// `framing_limit` bounds everything that is not body: size lines, extensions, trailers.
    void restart(std::size_t body_limit, std::size_t framing_limit);
    /// Appends what `bytes` hold of the body; the number of bytes used. Uses all of them unless `done()`.
    std::expected<std::size_t, Refusal> decode(std::string_view bytes, std::string& body);
    bool done() const noexcept { return part_ == Part::done; }

private:
    enum class Part : std::uint8_t { size_line, data, data_end, trailer, done };

    std::expected<std::size_t, Refusal> take_line(std::string_view bytes);
    std::expected<std::size_t, Refusal> take_data(std::string_view bytes, std::string& body);
    std::expected<void, Refusal> line_ended();
    std::expected<void, Refusal> size_line_ended();

    Part part_ = Part::size_line;
    std::size_t body_limit_ = 0;
    std::size_t framing_left_ = 0;
    std::size_t data_left_ = 0;
    std::string line_;  ///< the line being read, with its CR once that came
};

}  // namespace sentinel::http
