#pragma once
/// The bytes of one connection that are not used up yet.

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace sentinel::http {

class SessionInput {
public:
    SessionInput() : bytes_(usual_size) {}

    std::string_view unread() const noexcept { return {bytes_.data() + begin_, end_ - begin_}; }
    std::span<char> space() noexcept { return std::span(bytes_).subspan(end_); }
    void received(std::size_t count) noexcept { end_ += count; }
    /// Of the unread bytes the first `count` are used up.
    void consume(std::size_t count);
    /// Of the unread bytes only the first `count` are kept.
    void keep(std::size_t count) noexcept { end_ = begin_ + count; }
    /// How many bytes can follow the first unread one without moving it.
    std::size_t reach() const noexcept { return bytes_.size() - begin_; }
    /// Makes `reach()` at least `count`; moves the bytes.
    void extend(std::size_t count);

private:
    static constexpr std::size_t usual_size = 4 * 1024;

    std::vector<char> bytes_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace sentinel::http
