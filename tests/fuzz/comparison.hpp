#pragma once
/// One question to engine and reference; a difference ends the program, which is what a fuzzer looks for.

#include "engine/engine.hpp"

namespace sentinel::fuzz {

/// Asks check and explain of the evaluator and of the reference; all three must agree: whole answers and explanations, and of
/// errors kind and pointer (each may word the rest its own way).
void require_same_answers(const engine::TenantPolicy& policy, engine::Evaluator& evaluator, const engine::Question& question,
                          engine::Instant now, bool may_override_time = true);

}  // namespace sentinel::fuzz
