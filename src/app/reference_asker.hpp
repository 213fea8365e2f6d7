#pragma once
/// Asks the reference evaluator the questions of scenarios.

#include <vector>

#include "engine/model.hpp"
#include "policy/scenario.hpp"

namespace sentinel::app {

/// The slow evaluator behind the interface of scenarios. REQUIRES: the policy outlives it.
class ReferenceAsker final : public policy::Asker {
public:
    explicit ReferenceAsker(const engine::TenantPolicy& policy) : policy_(policy) {}

    std::expected<engine::Answer, engine::QuestionError> check(const policy::Asked& asked) override;
    std::expected<engine::ExplainedAnswer, engine::QuestionError> explain(const policy::Asked& asked) override;
    /// Asks about every subject of the policy, one by one.
    std::expected<std::vector<engine::SubjectId>, engine::QuestionError> who_can(const policy::Asked& asked) override;

private:
    const engine::TenantPolicy& policy_;
};

}  // namespace sentinel::app
