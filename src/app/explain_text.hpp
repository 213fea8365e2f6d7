#pragma once
/// An explained answer as a tree for the terminal.

#include <string>

#include "app/console.hpp"
#include "app/policy_file.hpp"
#include "engine/answer.hpp"
#include "engine/question.hpp"

namespace sentinel::app {

/// Several lines, the last one ended. Text that comes from the policy or the question cannot steer the terminal.
std::string explanation_text(const engine::Question& question, const engine::ExplainedAnswer& explained,
                             const LoadedPolicy& policy, const Style& style);
/// `allowed: granted` and the sentence, one line.
std::string verdict_line(const engine::Answer& answer, const Style& style);

}  // namespace sentinel::app
