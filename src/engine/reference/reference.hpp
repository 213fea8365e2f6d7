#pragma once
/// The slow and obvious evaluator: decision-semantics.md clause by clause, in its order, with nothing clever.
/// The fast engine is tested against it, question by question; it shares no code with the engine beyond the input
/// and output types and core/.

#include <expected>
#include <vector>

#include "core/error.hpp"
#include "engine/answer.hpp"
#include "engine/model.hpp"
#include "engine/question.hpp"

namespace sentinel::engine::reference {

struct Options {
    /// Whether the caller may override the clock by `context.time` (permission:simulate); else that is `forbidden`.
    bool may_override_time = true;
};

/// Answers and explains one question. `now` is the one clock reading. O(everything).
/// REQUIRES: validate accepts every permission's conditions.
std::expected<ExplainedAnswer, QuestionError> check(const TenantPolicy& policy, const Question& question, Instant now,
                                                    Options options = {});

/// Faults of a permission as written (06 data table and rules 1-4, semantics 3 and 5), pointers relative to it
/// (`/actions/0`, `/conditions/a.b/$in`, `/resource_path`); empty when it may be stored. Without the tenant's resources, so
/// not whether a literal fits two children.
core::Faults validate(const Permission& permission);

/// Truth of a conditions object that validate accepts, for one question whose parts are given ready.
/// The subject of the tests of single operators: attributes stand for the resource's.
Truth evaluate_conditions(const json::Object& conditions, const json::Object& resource_attributes,
                          const json::Object& subject_attributes, const json::Object& context, Instant now);

}  // namespace sentinel::engine::reference
