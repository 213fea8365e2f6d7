#pragma once
/// From the walk to whole answers: fields, ttl, matched conditions, explanation.

#include <string>

#include "engine/evaluation.hpp"

namespace sentinel::engine {

/// The most that a caller may keep an answer, in seconds (page 11 rule 6).
inline constexpr std::int32_t max_ttl_seconds = 300;

/// Answers; with `explanation`, explains too. One walk serves both.
Answer answer(Evaluation& evaluation, Asked& asked, Explanation* explanation);

/// How a grant is held: by its request, without one by itself.
std::string held_as(const Grant& grant);

/// The rights of every field that is defined or named (semantics 6). `applicable`: the allows that apply, in order.
FieldAnswer field_rights(const TypeFields* defined, const std::vector<Candidate>& applicable, bool allowed);

}  // namespace sentinel::engine
