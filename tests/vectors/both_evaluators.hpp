#pragma once
/// Asks the engine and the reference the same question, and makes the small tenants that the conformance data describes.

#include <expected>
#include <string>
#include <string_view>

#include "engine/engine.hpp"
#include "engine/model.hpp"
#include "engine/question.hpp"

namespace sentinel::vectors {

/// The moment at which all is asked; nothing in the data depends on it.
inline constexpr core::Instant asked_at{.seconds = 1'800'000'000};

/// An id that depends on nothing but the kind and the name.
template <class Id>
Id id_of(std::string_view kind, std::string_view name) {
    return Id{core::Uuid::v5(core::Uuid{}, std::string(kind) + '/' + std::string(name))};
}

engine::Role role_named(std::string_view name);
engine::Subject subject_with_role(std::string_view id, const engine::RoleId& role);

/// One tenant, asked of both evaluators.
class BothEvaluators {
public:
    /// A policy that does not compile is a failure of the test, and every question to it is one.
    explicit BothEvaluators(engine::TenantPolicy policy);

    /// The answer, which must be the same of the engine's check, the engine's decide, and the reference: else the test fails.
    std::expected<engine::Answer, engine::QuestionError> check(const engine::Question& question);

private:
    engine::TenantPolicy policy_;
    engine::SnapshotPointer snapshot_;
};

}  // namespace sentinel::vectors
