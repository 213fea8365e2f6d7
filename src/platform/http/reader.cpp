#include "platform/http/reader.hpp"

#include <utility>

#include "core/error.hpp"

namespace sentinel::http {

namespace {

/// A hostile body could break a rule with every few bytes; nobody reads more than this.
constexpr std::size_t most_faults = 1'000;

}  // namespace

void Reader::fault(platform::Rule rule, std::string message) { fault({}, rule, std::move(message)); }

void Reader::fault(std::string_view pointer, platform::Rule rule, std::string message) {
    if (faults_->size() >= most_faults) return;
    faults_->push_back({place_, this->pointer().append(pointer), rule, std::move(message)});
}

std::string Reader::pointer() const {
    std::string out;
    append_steps(out, step_);
    return out;
}

void Reader::append_steps(std::string& out, const Step* step) {
    if (step == nullptr) return;
    append_steps(out, step->above_);
    out = step->is_index_ ? core::pointer_to(out, step->index_) : core::pointer_to(out, step->member_);
}

Reader::Step::Step(Reader& reader, std::string_view member) noexcept : reader_(&reader), above_(reader.step_), member_(member) {
    reader.step_ = this;
}

Reader::Step::Step(Reader& reader, std::size_t index) noexcept
    : reader_(&reader), above_(reader.step_), index_(index), is_index_(true) {
    reader.step_ = this;
}

Reader::Step::~Step() { reader_->step_ = above_; }

}  // namespace sentinel::http
