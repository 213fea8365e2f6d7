#pragma once
/// Random questions about a policy, to measure with.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/model.hpp"
#include "engine/question.hpp"

namespace sentinel::app {

/// `count` questions that ask for subjects, actions and resources that the policy speaks of: registered resources by code, the
/// instances its permissions name, and for each type it names an instance of no name. The same seed gives the same questions.
/// Empty when the policy has no subject, action or resource to ask about.
std::vector<engine::Question> random_questions(const engine::TenantPolicy& policy, std::size_t count, std::uint64_t seed);

}  // namespace sentinel::app
