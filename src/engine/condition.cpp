#include "engine/condition.hpp"

#include <utility>

#include "engine/condition_compile.hpp"
#include "engine/condition_evaluate.hpp"
#include "engine/condition_program.hpp"
#include "engine/condition_time.hpp"
#include "engine/engine.hpp"

namespace sentinel::engine {

using conditions::Reader;

struct Condition::Program : conditions::Program {};

Condition::Condition() = default;
Condition::~Condition() = default;
Condition::Condition(Condition&&) noexcept = default;
Condition& Condition::operator=(Condition&&) noexcept = default;
Condition::Condition(std::unique_ptr<const Program> program) noexcept : program_(std::move(program)) {}

std::expected<Condition, core::Faults> Condition::compile(const json::Object& conditions) {
    auto program = std::make_unique<Program>();
    program->source = conditions;
    core::Faults faults = conditions::compile(*program);
    if (!faults.empty()) return std::unexpected(std::move(faults));
    if (program->nodes.empty()) return Condition();
    return Condition(std::move(program));
}

Truth Condition::evaluate(const ConditionInput& input) const noexcept {
    if (program_ == nullptr) return Truth::yes;
    Reader reader(*program_, input);
    return truth(reader);
}

void Condition::trace(const ConditionInput& input, std::vector<LeafTrace>& leaves) const {
    if (program_ == nullptr) return;
    Reader reader(*program_, input);
    for (std::size_t index = 0; index < program_->leaves.size(); ++index) {
        const conditions::Leaf& leaf = program_->leaves[index];
        const conditions::Origin& origin = program_->origins[index];
        const conditions::View actual = reader.read(leaf.attribute);
        leaves.push_back({.path = std::string(origin.path),
                          .operator_name = std::string(origin.operator_name),
                          .expected = *origin.operand,
                          .actual = actual.missing() ? std::nullopt : std::optional(actual.value()),
                          .truth = truth(reader, leaf)});
    }
}

json::Object Condition::matched(const ConditionInput& input) const {
    json::Object values;
    if (program_ == nullptr) return values;
    Reader reader(*program_, input);
    for (std::size_t index = 0; index < program_->leaves.size(); ++index) {
        const conditions::View actual = reader.read(program_->leaves[index].attribute);
        if (!actual.missing()) values.set(program_->origins[index].path, actual.value());
    }
    return values;
}

TimeEdge Condition::next_edge(Instant now) const {
    return program_ == nullptr ? TimeEdge{} : conditions::next_edge(*program_, now);
}

bool Condition::reads_subject() const noexcept { return program_ != nullptr && program_->reads_subject; }

const std::vector<std::string>& Condition::subject_attribute_names() const noexcept {
    static const std::vector<std::string> none;
    return program_ == nullptr ? none : program_->subject_attribute_names;
}

std::size_t Condition::bytes() const noexcept {
    return sizeof(Condition) + (program_ == nullptr ? 0 : conditions::bytes(*program_));
}

core::Faults validate_conditions(const json::Object& conditions) {
    auto compiled = Condition::compile(conditions);
    return compiled ? core::Faults{} : std::move(compiled.error());
}

}  // namespace sentinel::engine
