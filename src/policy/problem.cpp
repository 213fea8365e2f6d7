#include "policy/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace sentinel::policy {

namespace {

constexpr std::size_t max_problems = 1000;
constexpr std::size_t max_problem_bytes = 4u << 20;
constexpr std::size_t max_quoted_bytes = 80;

}  // namespace

std::string problem_text(const Problem& problem) {
    const std::string place = problem.pointer.empty() ? std::string("the document") : problem.pointer;
    return fmt::format("line {}: {}: {}", problem.line, place, problem.message);
}

void Problems::add(Problem problem) {
    const std::size_t bytes = problem.pointer.size() + problem.message.size() + sizeof(Problem);
    if (cut_) return;
    if (problems_.size() >= max_problems || (bytes_ + bytes > max_problem_bytes && !problems_.empty())) {
        cut_ = true;
        return;
    }
    bytes_ += bytes;
    problems_.push_back(std::move(problem));
}

bool Problems::touches(std::string_view pointer, std::string_view row) const {
    const auto is_at_or_below = [](std::string_view lower, std::string_view upper) {
        return lower.starts_with(upper) && (lower.size() == upper.size() || lower[upper.size()] == '/');
    };
    return std::ranges::any_of(problems_, [&](const Problem& problem) {
        return problem.pointer.size() > row.size() && is_at_or_below(problem.pointer, row) &&
               (is_at_or_below(problem.pointer, pointer) || is_at_or_below(pointer, problem.pointer));
    });
}

std::vector<Problem> Problems::take() {
    const auto place = [](const Problem& problem) {
        return std::tie(problem.line, problem.pointer, problem.code, problem.message);
    };
    std::ranges::sort(problems_, {}, place);
    const auto repeated = std::ranges::unique(problems_);
    problems_.erase(repeated.begin(), repeated.end());
    if (cut_) problems_.push_back({problems_.back().line, "", "limit", "there are more problems than are listed here"});
    bytes_ = 0;
    cut_ = false;
    return std::exchange(problems_, {});
}

std::string quoted(std::string_view value) {
    if (value.size() <= max_quoted_bytes) return fmt::format("\"{}\"", value);
    std::size_t length = max_quoted_bytes;
    while (length > 0 && (static_cast<unsigned char>(value[length]) & 0xC0U) == 0x80U) --length;
    return fmt::format("\"{}…\"", value.substr(0, length));
}

}  // namespace sentinel::policy
