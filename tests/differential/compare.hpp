#pragma once
/// One question put to the engine and to the reference.

#include <expected>
#include <optional>
#include <string>

#include "dump.hpp"
#include "engine/engine.hpp"
#include "engine/reference/reference.hpp"

namespace sentinel::differential {

using Outcome = std::expected<engine::ExplainedAnswer, engine::QuestionError>;

/// Where the two differ. `part` names the members that do (`check: ttl, matched.held_as`): the same bug mostly gives the same part.
struct Difference {
    std::string part;
    std::string engine;
    std::string reference;
};

/// Compares the engine's check and explain with the reference's outcome, whole structs; of errors kind and pointer.
std::optional<Difference> compare(engine::Evaluator& evaluator, const Asked& asked, const Outcome& expected);
Outcome ask_reference(const engine::TenantPolicy& policy, const Asked& asked);
/// The members at which two JSON values differ, two levels deep; only `allowed` where that is one of them.
std::string differing_members(const json::Value& left, const json::Value& right);
std::string to_text(const Outcome& outcome);

/// Both validators on one permission: whether they refuse. (Which further faults follow from one is theirs to say.)
std::optional<Difference> compare_validation(const engine::Permission& permission);

/// Replays a case: one evaluator, all questions in order. nullopt when engine and reference agree on each; a policy that the engine
/// does not build is a difference of part `build`.
std::optional<Difference> replay(const Case& one);

}  // namespace sentinel::differential
