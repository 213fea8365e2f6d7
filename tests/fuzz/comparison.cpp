#include "comparison.hpp"

#include <fmt/format.h>

#include "engine/reference/reference.hpp"
#include "requirement.hpp"

namespace sentinel::fuzz {
namespace {

using engine::QuestionError;

bool same_error(const QuestionError& left, const QuestionError& right) {
    return left.kind == right.kind && left.fault.pointer == right.fault.pointer;
}

std::string told(const QuestionError& error) {
    return fmt::format("{} {} {} ({})", core::error_text(error.kind), error.fault.pointer, error.fault.code, error.fault.message);
}

std::string told(const engine::Answer& answer) {
    return fmt::format("{} by {}, conditions {}, ttl {}", engine::reason_code_text(answer.reason_code),
                       answer.matched ? answer.matched->permission_key : "nothing",
                       core::json::to_text(answer.matched_conditions), answer.ttl);
}

std::string told(const engine::ExplainedAnswer& explained) {
    auto text = told(explained.answer);
    for (const auto& role : explained.explanation.effective_roles) text += fmt::format("\n  role {} {}", role.name, role.held_as);
    for (const auto& candidate : explained.explanation.candidates) {
        text += fmt::format("\n  candidate {} {} {}", candidate.permission_key, engine::because_text(candidate.because),
                            engine::truth_text(candidate.conditions));
        for (const auto& leaf : candidate.leaves) {
            text += fmt::format("\n    {} {} {}: {}", leaf.path, leaf.operator_name, core::json::to_text(leaf.expected),
                                engine::truth_text(leaf.truth));
        }
    }
    return text;
}

template <class Value>
void require_same(std::string_view what, const std::expected<Value, QuestionError>& engine,
                  const std::expected<Value, QuestionError>& reference) {
    const auto told_of = [](const auto& result) { return result ? told(*result) : told(result.error()); };
    const bool same = engine.has_value() == reference.has_value() &&
                      (engine ? *engine == *reference : same_error(engine.error(), reference.error()));
    if (!same) fail(fmt::format("{} differs\nengine: {}\nreference: {}", what, told_of(engine), told_of(reference)));
}

}  // namespace

void require_same_answers(const engine::TenantPolicy& policy, engine::Evaluator& evaluator, const engine::Question& question,
                          engine::Instant now, bool may_override_time) {
    const auto reference = engine::reference::check(policy, question, now, {.may_override_time = may_override_time});
    const auto explained = evaluator.explain(question, now, {.may_override_time = may_override_time});
    require_same("explain", explained, reference);
    const auto answer = evaluator.check(question, now, {.may_override_time = may_override_time});
    using Checked = std::expected<engine::Answer, QuestionError>;
    require_same("check", answer, reference ? Checked(reference->answer) : std::unexpected(reference.error()));
}

}  // namespace sentinel::fuzz
