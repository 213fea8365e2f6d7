#include "app/item_source.hpp"

#include <fmt/format.h>

namespace sentinel::app {

namespace {

constexpr std::size_t chunk_bytes = 256U << 10;

bool is_blank(char letter) { return letter == ' ' || letter == '\n' || letter == '\r' || letter == '\t'; }

/// Finds where a JSON value ends by its brackets and quotes; may be fed in pieces.
class ExtentScanner {
public:
    /// Looks at `text` (which begins with what was seen before); the value's size once it is complete.
    std::optional<std::size_t> advance(std::string_view text) {
        for (; at_ < text.size(); ++at_) {
            if (quoted_) {
                scan_quoted(text[at_]);
            } else if (scan_plain(text[at_])) {
                return at_;
            }
            if (depth_ == 0 && !quoted_ && bracketed_) return at_ + 1;
        }
        return std::nullopt;
    }

private:
    void scan_quoted(char letter) {
        if (escaped_) {
            escaped_ = false;
        } else if (letter == '\\') {
            escaped_ = true;
        } else if (letter == '"') {
            quoted_ = false;
        }
    }

    /// True when `letter` stands behind a value without brackets.
    bool scan_plain(char letter) {
        switch (letter) {
            case '"': quoted_ = true; return false;
            case '{':
            case '[':
                ++depth_;
                bracketed_ = true;
                return false;
            case '}':
            case ']':
                if (depth_ == 0) return true;
                --depth_;
                return false;
            default: return depth_ == 0 && (letter == ',' || is_blank(letter));
        }
    }

    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    bool quoted_ = false;
    bool escaped_ = false;
    bool bracketed_ = false;
};

}  // namespace

bool ItemSource::refill() {
    if (at_end_) return false;
    buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t kept = buffer_.size();
    buffer_.resize(kept + chunk_bytes);
    const std::ptrdiff_t count = read_(buffer_.data() + kept, chunk_bytes);
    buffer_.resize(kept + static_cast<std::size_t>(count > 0 ? count : 0));
    failed_ = count < 0;
    at_end_ = count <= 0;
    return !at_end_;
}

void ItemSource::consume(std::size_t count) {
    begin_ += count;
    bytes_taken_ += count;
}

bool ItemSource::skip_blanks() {
    for (;;) {
        const std::string_view text = rest();
        std::size_t blanks = 0;
        while (blanks < text.size() && is_blank(text[blanks])) ++blanks;
        consume(blanks);
        if (blanks < text.size()) return true;
        if (!refill()) return false;
    }
}

ItemSource::Item ItemSource::next() {
    if (form_ == Form::done || !skip_blanks()) {
        if (failed_) return std::unexpected("cannot be read");
        if (form_ == Form::array) return std::unexpected("the array of questions is not closed");
        return std::nullopt;
    }
    if (form_ == Form::unknown) form_ = rest().front() == '[' ? Form::array : Form::lines;
    return form_ == Form::lines ? next_line() : next_element();
}

ItemSource::Item ItemSource::next_line() {
    std::size_t searched = 0;
    for (;;) {
        const std::string_view text = rest();
        const std::size_t end = text.find('\n', searched);
        if (end != std::string_view::npos) {
            consume(end + 1);
            return text.substr(0, end);
        }
        searched = text.size();
        if (searched > max_item_bytes) return std::unexpected(fmt::format("a line is longer than {} MiB", max_item_bytes >> 20));
        if (refill()) continue;
        if (failed_) return std::unexpected("cannot be read");
        const std::string_view last = rest();
        consume(last.size());
        return last;
    }
}

std::expected<bool, std::string> ItemSource::element_follows() {
    const char letter = rest().front();
    if (elements_ > 0 && letter != ',' && letter != ']') {
        return std::unexpected(fmt::format("a comma or the end of the array is missing after question {}", elements_));
    }
    if (elements_ == 0 && letter == '[') {
        consume(1);
        if (!skip_blanks()) return std::unexpected("the array of questions is not closed");
        if (rest().front() != ']') return true;
    } else if (letter == ',') {
        consume(1);
        if (!skip_blanks()) return std::unexpected("the array of questions is not closed");
        return true;
    }
    consume(1);
    form_ = Form::done;
    if (skip_blanks()) return std::unexpected("something follows the array of questions");
    return false;
}

std::expected<std::size_t, std::string> ItemSource::element_size() {
    ExtentScanner scanner;
    for (;;) {
        if (const auto size = scanner.advance(rest())) {
            if (*size == 0) return std::unexpected(fmt::format("question {} of the array is missing", elements_ + 1));
            return *size;
        }
        if (rest().size() > max_item_bytes)
            return std::unexpected(fmt::format("a question is longer than {} MiB", max_item_bytes >> 20));
        if (!refill()) return std::unexpected("the array of questions is not closed");
    }
}

ItemSource::Item ItemSource::next_element() {
    const auto follows = element_follows();
    if (!follows) return std::unexpected(follows.error());
    if (!*follows) return std::nullopt;
    const auto size = element_size();
    if (!size) return std::unexpected(size.error());
    ++elements_;
    const std::string_view element = rest().substr(0, *size);
    consume(*size);
    return element;
}

}  // namespace sentinel::app
