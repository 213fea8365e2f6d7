#include "both_evaluators.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "engine/reference/reference.hpp"

namespace sentinel::vectors {

namespace {

std::string faults_text(const core::Faults& faults) {
    std::string text;
    for (const auto& fault : faults) text += fault.pointer + ": " + fault.message + '\n';
    return text;
}

}  // namespace

engine::Role role_named(std::string_view name) {
    engine::Role role;
    role.id = id_of<engine::RoleId>("role", name);
    role.name = name;
    return role;
}

engine::Subject subject_with_role(std::string_view id, const engine::RoleId& role) {
    engine::Subject subject;
    subject.id = {std::string(id)};
    subject.roles.push_back({role, {}});
    return subject;
}

BothEvaluators::BothEvaluators(engine::TenantPolicy policy) : policy_(std::move(policy)) {
    auto built = engine::build(policy_);
    if (!built) {
        ADD_FAILURE() << faults_text(built.error());
        return;
    }
    snapshot_ = std::move(*built);
}

std::expected<engine::Answer, engine::QuestionError> BothEvaluators::check(const engine::Question& question) {
    if (snapshot_ == nullptr) {
        ADD_FAILURE() << "the policy did not compile";
        return std::unexpected(engine::QuestionError{});
    }
    engine::Evaluator evaluator(snapshot_);
    auto answer = evaluator.check(question, asked_at);
    const auto expected = engine::reference::check(policy_, question, asked_at);
    if (answer.has_value() != expected.has_value()) {
        ADD_FAILURE() << "one evaluator refuses: " << (answer ? expected.error() : answer.error()).fault.message;
        return answer;
    }
    const auto verdict = evaluator.decide(question, asked_at);
    EXPECT_EQ(verdict.has_value(), answer.has_value());
    if (!answer) {
        EXPECT_EQ(answer.error().kind, expected.error().kind);
        EXPECT_EQ(answer.error().fault.pointer, expected.error().fault.pointer);
        return answer;
    }
    EXPECT_TRUE(*answer == expected->answer)
        << "engine: " << engine::reason_sentence(*answer) << " reference: " << engine::reason_sentence(expected->answer);
    if (verdict) {
        EXPECT_EQ(verdict->allowed, answer->allowed);
        EXPECT_EQ(verdict->reason_code, answer->reason_code);
    }
    return answer;
}

}  // namespace sentinel::vectors
