#pragma once
/// What is wrong with a policy document: every fault with its line and its JSON pointer.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sentinel::policy {

/// One fault of a document.
struct Problem {
    std::size_t line = 0;  ///< counted from 1; 0 where the text has no line
    std::string pointer;   ///< RFC 6901, "" is the whole document
    std::string code;      ///< syntax, limit, duplicate, unknown_member, type, required, format, range, reference, cycle, …
    std::string message;
    friend bool operator==(const Problem&, const Problem&) = default;
};

/// `line 3: /roles/x: message`.
std::string problem_text(const Problem& problem);

/// Gathers problems, within bounds: an input of n bytes must not cost n pointers of n bytes.
class Problems {
public:
    void add(Problem problem);
    bool empty() const noexcept { return problems_.empty(); }
    /// Whether no more are kept, so that making one is wasted.
    bool full() const noexcept { return cut_; }
    /// Whether a problem below `row` is at `pointer`, above or below it.
    bool touches(std::string_view pointer, std::string_view row) const;
    /// In order of the lines, then of the pointers.
    std::vector<Problem> take();

private:
    std::vector<Problem> problems_;
    std::size_t bytes_ = 0;
    bool cut_ = false;
};

/// `value` in quotes for a message, cut to a readable length.
std::string quoted(std::string_view value);

}  // namespace sentinel::policy
