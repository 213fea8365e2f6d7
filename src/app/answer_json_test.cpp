#include "app/answer_json.hpp"

#include <gtest/gtest.h>

#include "app/json_writer.hpp"
#include "core/json.hpp"

namespace sentinel::app {
namespace {

namespace json = core::json;
using engine::PermissionId;
using engine::RoleId;

constexpr std::string_view permission_text = "0190a000-0000-7000-8000-00000000abcd";
constexpr std::string_view role_text = "0190a000-0000-7000-8000-0000000000ff";

engine::Answer granted() {
    engine::Answer answer;
    answer.allowed = true;
    answer.reason_code = engine::ReasonCode::granted;
    answer.matched = engine::Matched{.permission = PermissionId::parse(permission_text),
                                     .permission_key = "inspect",
                                     .grant = {},
                                     .role = RoleId::parse(role_text),
                                     .role_name = "port \"inspector\"",
                                     .held_as = "direct",
                                     .resource = {}};
    answer.matched_conditions.set("region", "APAC");
    answer.fields[0].emplace("imo_number", engine::field_write);
    answer.fields[0].emplace("name", engine::field_read);
    answer.fields[2].emplace("audit", engine::field_hidden);
    answer.revision = 7;
    answer.ttl = 300;
    return answer;
}

json::Value parsed(const std::string& text) {
    auto value = json::parse(text);
    EXPECT_TRUE(value) << text;
    return value.value_or(json::Value{});
}

TEST(AnswerJson, ADecisionHasVerdictReasonAndWhatMatched) {
    std::string out;
    append_decision(out, granted());
    EXPECT_EQ(out,
              R"({"allowed":true,"reason_code":"granted","matched":{"permission_id":"0190a000-0000-7000-8000-00000000abcd",)"
              R"("permission_key":"inspect","role_id":"0190a000-0000-7000-8000-0000000000ff","role_name":"port \"inspector\"",)"
              R"("held_as":"direct","resource_id":null}})");
}

TEST(AnswerJson, NothingMatchedIsNull) {
    std::string out;
    append_decision(out, {});
    EXPECT_EQ(out, R"({"allowed":false,"reason_code":"no_matching_permission","matched":null})");
}

TEST(AnswerJson, TheWholeAnswerHasTheMembersOfTheCheckAnswer) {
    std::string out;
    append_answer(out, granted());
    const auto value = parsed(out);
    const auto& answer = *value.object();
    EXPECT_EQ(answer.size(), 13U);
    EXPECT_EQ(*answer.find("reason")->text(), "Granted by permission inspect of role port \"inspector\" (held direct).");
    EXPECT_EQ(*answer.find("matched_conditions"), parsed(R"({"region":"APAC"})"));
    EXPECT_EQ(
        *answer.find("field_permissions"),
        parsed(
            R"({"core":{"imo_number":["read","write"],"name":["read"]},"platform_dynamic":{},"tenant_specific":{"audit":["hidden"]}})"));
    EXPECT_EQ(*answer.find("requires_approval"), json::Value(false));
    EXPECT_EQ(*answer.find("approval_levels"), parsed("[]"));
    EXPECT_EQ(*answer.find("revision"), json::Value(7));
    EXPECT_EQ(*answer.find("ttl"), json::Value(300));
}

TEST(AnswerJson, AGrantHasNeitherPermissionNorRole) {
    engine::Answer answer = granted();
    answer.matched.emplace();
    answer.matched->grant = engine::GrantId::parse(permission_text);
    answer.matched->held_as = "grant:x";
    std::string out;
    append_decision(out, answer);
    const auto value = parsed(out);
    const auto& matched = *value.object()->find("matched")->object();
    for (const auto* name : {"permission_id", "permission_key", "role_id", "role_name", "resource_id"})
        EXPECT_TRUE(matched.find(name)->is_null()) << name;
    EXPECT_EQ(*matched.find("held_as")->text(), "grant:x");
}

TEST(AnswerJson, AnExplanationTellsMissingFromNull) {
    engine::ExplainedAnswer explained{.answer = granted(), .explanation = {}};
    engine::CandidateTrace candidate;
    candidate.permission = PermissionId::parse(permission_text);
    candidate.permission_key = "inspect";
    candidate.because = engine::Because::decides;
    candidate.applies = true;
    candidate.leaves = {
        {.path = "a", .operator_name = "$eq", .expected = 1, .actual = json::Value(nullptr), .truth = engine::Truth::no},
        {.path = "b", .operator_name = "$eq", .expected = 1, .actual = std::nullopt, .truth = engine::Truth::unknown}};
    explained.explanation.candidates = {candidate};
    std::string out;
    append_explained(out, explained);
    const auto value = parsed(out);
    const auto& explanation = *value.object()->find("explanation")->object();
    EXPECT_EQ(*explanation.find("conditions"),
              parsed(R"([{"path":"a","operator":"$eq","expected":1,"actual":null,"truth":"false"},
                                                         {"path":"b","operator":"$eq","expected":1,"truth":"unknown"}])"));
    const auto& first = *explanation.find("candidates")->array()->front().object();
    EXPECT_EQ(*first.find("position"), json::Value(1));
    EXPECT_EQ(*first.find("because"), json::Value("decides"));
}

TEST(AnswerJson, AnErrorNamesKindCodePointerAndMessage) {
    std::string out;
    append_error(out, {core::ErrorKind::not_found, {"/user_id", "reference", "nobody"}});
    EXPECT_EQ(out, R"({"error":{"kind":"not_found","code":"reference","pointer":"/user_id","message":"nobody"}})");
}

TEST(JsonWriter, WritesUuidsInLowerCase) {
    std::string out;
    append_uuid(out, *core::Uuid::parse("0190A000-0000-7000-8000-00000000ABCD"));
    EXPECT_EQ(out, "\"0190a000-0000-7000-8000-00000000abcd\"");
}

}  // namespace
}  // namespace sentinel::app
