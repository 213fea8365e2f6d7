#pragma once
/// The questions of a batch: JSON lines, or the elements of one JSON array, split as they are read.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sentinel::app {

/// Splits a stream of bytes into items without parsing them. Memory is bounded by the longest item.
class ItemSource {
public:
    /// Reads up to `size` bytes into `data`: the count, 0 at the end, negative on an error (which ends the input).
    using Read = std::function<std::ptrdiff_t(char* data, std::size_t size)>;
    static constexpr std::size_t max_item_bytes = 16U << 20;

    explicit ItemSource(Read read) : read_(std::move(read)) {}

    /// The next item's text, valid until the next call; nullopt at the end. An error (one sentence) ends the batch.
    std::expected<std::optional<std::string_view>, std::string> next();
    std::uint64_t bytes_taken() const noexcept { return bytes_taken_; }

private:
    enum class Form { unknown, lines, array, done };
    using Item = std::expected<std::optional<std::string_view>, std::string>;

    bool refill();
    /// Leaves the cursor at a character that is no blank; false at the end of the input.
    bool skip_blanks();
    Item next_line();
    Item next_element();
    std::expected<bool, std::string> element_follows();
    std::expected<std::size_t, std::string> element_size();
    std::string_view rest() const { return std::string_view(buffer_).substr(begin_); }
    void consume(std::size_t count);

    Read read_;
    std::string buffer_;
    std::size_t begin_ = 0;
    std::uint64_t bytes_taken_ = 0;
    std::uint64_t elements_ = 0;
    Form form_ = Form::unknown;
    bool at_end_ = false;
    bool failed_ = false;
};

}  // namespace sentinel::app
