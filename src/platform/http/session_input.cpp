#include "platform/http/session_input.hpp"

#include <algorithm>

namespace sentinel::http {

void SessionInput::consume(std::size_t count) {
    begin_ += count;
    if (begin_ != end_) return;
    begin_ = end_ = 0;
    // An idle connection holds no more than it needs.
    if (bytes_.size() > usual_size) bytes_ = std::vector<char>(usual_size);
}

void SessionInput::extend(std::size_t count) {
    if (reach() >= count) return;
    std::vector<char> larger;
    if (bytes_.size() < count) larger.resize(std::max(count, bytes_.size() * 2));
    std::vector<char>& target = larger.empty() ? bytes_ : larger;
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_), bytes_.begin() + static_cast<std::ptrdiff_t>(end_),
              target.begin());
    end_ -= begin_;
    begin_ = 0;
    if (!larger.empty()) bytes_.swap(larger);
}

}  // namespace sentinel::http
