#pragma once
/// Tenants, questions and answers as JSON: what a difference is kept as, and read back from.

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "engine/answer.hpp"
#include "generator.hpp"

namespace sentinel::differential {

/// A tenant and the questions asked of one evaluator in this order; a difference shows at the last of them.
struct Case {
    std::string note;
    engine::TenantPolicy policy;
    std::vector<Asked> questions;
};

/// Members that hold their default are left out; reading restores them.
json::Value to_json(const Case& value);
Case case_from_json(const json::Value& value);
std::expected<Case, std::string> read_case(std::string_view text);

json::Value to_json(const engine::ExplainedAnswer& answer);
json::Value to_json(const engine::Answer& answer);
json::Value to_json(const engine::QuestionError& error);
json::Value to_json(const engine::Permission& permission);

/// The canonical value over several lines, indented by two blanks; short values stay on one line.
std::string pretty(const json::Value& value);

}  // namespace sentinel::differential
