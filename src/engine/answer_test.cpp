#include "engine/answer.hpp"

#include <gtest/gtest.h>

#include <array>

namespace sentinel::engine {
namespace {

TEST(AnswerTexts, AreThoseOfThePages) {
    EXPECT_EQ(truth_text(Truth::no), "false");
    EXPECT_EQ(truth_text(Truth::unknown), "unknown");
    EXPECT_EQ(truth_text(Truth::yes), "true");

    constexpr std::array reasons{
        std::pair{ReasonCode::tenant_inactive, "tenant_inactive"},
        std::pair{ReasonCode::subject_inactive, "subject_inactive"},
        std::pair{ReasonCode::denied_by_guardrail, "denied_by_guardrail"},
        std::pair{ReasonCode::approval_required, "approval_required"},
        std::pair{ReasonCode::granted, "granted"},
        std::pair{ReasonCode::denied_by_permission, "denied_by_permission"},
        std::pair{ReasonCode::no_matching_permission, "no_matching_permission"},
    };
    for (const auto& [code, text] : reasons) EXPECT_EQ(reason_code_text(code), text);

    constexpr std::array becauses{
        std::pair{Because::decides, "decides"},
        std::pair{Because::applies, "applies"},
        std::pair{Because::conditions_false, "conditions_false"},
        std::pair{Because::conditions_unknown, "conditions_unknown"},
        std::pair{Because::resource_inactive, "resource_inactive"},
    };
    for (const auto& [because, text] : becauses) EXPECT_EQ(because_text(because), text);
}

Answer answer_of(ReasonCode code) {
    Answer answer{.allowed = code == ReasonCode::granted, .reason_code = code};
    answer.matched =
        Matched{.permission = PermissionId{}, .permission_key = "ops:read", .role_name = "viewer", .held_as = "direct"};
    return answer;
}

TEST(ReasonSentence, IsWrittenForEveryReason) {
    EXPECT_EQ(reason_sentence({.reason_code = ReasonCode::tenant_inactive}), "The tenant is not active.");
    EXPECT_EQ(reason_sentence({.reason_code = ReasonCode::subject_inactive}),
              "The subject is inactive or locked by an administrator.");
    EXPECT_EQ(reason_sentence({.reason_code = ReasonCode::approval_required}),
              "Allowed by policy, but an approval is required first.");
    EXPECT_EQ(reason_sentence({.reason_code = ReasonCode::no_matching_permission}),
              "No permission applies to this action on this resource.");
    EXPECT_EQ(reason_sentence(answer_of(ReasonCode::granted)), "Granted by permission ops:read of role viewer (held direct).");
    EXPECT_EQ(reason_sentence(answer_of(ReasonCode::denied_by_permission)),
              "Denied by permission ops:read of role viewer (held direct).");
    EXPECT_EQ(reason_sentence(answer_of(ReasonCode::denied_by_guardrail)),
              "Denied by the guardrail permission ops:read of role viewer (held direct).");
}

TEST(ReasonSentence, NamesAPermissionWithoutKeyByItsId) {
    Answer answer = answer_of(ReasonCode::granted);
    answer.matched->permission_key.clear();
    EXPECT_EQ(reason_sentence(answer),
              "Granted by permission 00000000-0000-0000-0000-000000000000 of role viewer (held direct).");
}

TEST(ReasonSentence, NamesAGrantByItsId) {
    Answer answer{.allowed = true, .reason_code = ReasonCode::granted};
    answer.matched = Matched{.grant = GrantId{}, .held_as = "grant:00000000-0000-0000-0000-000000000000"};
    EXPECT_EQ(reason_sentence(answer), "Granted by grant 00000000-0000-0000-0000-000000000000.");
}

}  // namespace
}  // namespace sentinel::engine
