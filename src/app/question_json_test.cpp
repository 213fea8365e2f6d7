#include "app/question_json.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "app/question_scan.hpp"

namespace sentinel::app {
namespace {

namespace json = core::json;
using engine::Question;

std::expected<Question, engine::QuestionError> read_strictly(std::string_view text) {
    return question_from_json(json::parse(text).value());
}

void expect_equal(const Question& left, const Question& right) {
    EXPECT_EQ(left.subject, right.subject);
    EXPECT_EQ(left.action, right.action);
    EXPECT_EQ(left.resource.type, right.resource.type);
    EXPECT_EQ(left.resource.id, right.resource.id);
    EXPECT_EQ(left.resource.path, right.resource.path);
    EXPECT_EQ(left.resource.parent, right.resource.parent);
    EXPECT_EQ(left.resource.attributes, right.resource.attributes);
    EXPECT_EQ(left.context, right.context);
}

const std::vector<std::string> plain_questions{
    R"({"user_id":"ann","action":"read","resource":{"type":"vessel","id":"v1"}})",
    R"( { "resource" : { "path" : "/a/b", "type" : "app" } , "action" : "update" , "user_id" : "bob" } )",
    R"({"user_id":"","action":"","resource":{"type":""}})",
    R"({"user_id":"ann","action":"create","resource":{"type":"page","parent":"app-1"},"context":{}})",
    R"({"user_id":"ann","action":"read","resource":{"type":"vessel","id":"v1","attributes":{"a":{"b":[1,2,{"c":"}"}]},"q":"\"}{"}},"context":{"t":"ü\n"}})",
};

TEST(QuestionJson, PlainQuestionsAreReadQuicklyAndAsTheStrictReaderReadsThem) {
    for (const auto& text : plain_questions) {
        Question question;
        ASSERT_TRUE(scan_plain_question(text, question)) << text;
        expect_equal(question, read_strictly(text).value());
    }
}

TEST(QuestionJson, NothingOfTheQuestionBeforeIsLeft) {
    Question question;
    ASSERT_TRUE(read_question(
        R"({"user_id":"a","action":"b","resource":{"type":"t","id":"i","parent":"p","attributes":{"x":1}},"context":{"y":2}})",
        question));
    ASSERT_TRUE(read_question(R"({"user_id":"c","action":"d","resource":{"type":"u","path":"/q"}})", question));
    expect_equal(question, Question{.subject = {"c"},
                                    .action = "d",
                                    .resource = {.type = "u", .id = {}, .path = "/q", .parent = {}, .attributes = {}},
                                    .context = {}});
}

TEST(QuestionJson, TextsBeyondPlainAsciiAreReadToo) {
    Question question;
    const std::string_view text = R"({"user_id":"Zo\u00eb","action":"read","resource":{"type":"vessel","id":"Ærø"}})";
    EXPECT_FALSE(scan_plain_question(text, question));
    ASSERT_TRUE(read_question(text, question));
    EXPECT_EQ(question.subject.text, "Zoë");
    EXPECT_EQ(question.resource.id, "Ærø");
}

TEST(QuestionJson, WhatIsWrittenIsRead) {
    for (const auto& text : plain_questions) {
        const Question question = read_strictly(text).value();
        std::string written;
        append_question(written, question);
        expect_equal(question, read_strictly(written).value());
    }
}

struct Refused {
    std::string_view text;
    std::string_view pointer;
    std::string_view code;
};
constexpr std::array refused{
    Refused{"", "", "json"},
    Refused{"{", "", "json"},
    Refused{R"({"user_id":"a","user_id":"a","action":"b","resource":{"type":"t"}})", "", "json"},
    Refused{R"({"user_id":"a","action":"b","resource":{"type":"t"}} x)", "", "json"},
    Refused{R"({"user_id":"a","action":"b","resource":{"type":"t","attributes":{"x":01}}})", "", "json"},
    Refused{R"({"user_id":"a","action":"b","resource":{"type":"t","attributes":{"x":1,"x":1}}})", "", "json"},
    Refused{R"([])", "", "type"},
    Refused{R"({})", "/user_id", "required"},
    Refused{R"({"user_id":7,"action":"b","resource":{"type":"t"}})", "/user_id", "type"},
    Refused{R"({"user_id":"a","resource":{"type":"t"}})", "/action", "required"},
    Refused{R"({"user_id":"a","action":"b"})", "/resource", "required"},
    Refused{R"({"user_id":"a","action":"b","resource":"t/x"})", "/resource", "type"},
    Refused{R"({"user_id":"a","action":"b","resource":{}})", "/resource/type", "required"},
    Refused{R"({"user_id":"a","action":"b","resource":{"type":"t","id":null}})", "/resource/id", "type"},
    Refused{R"({"user_id":"a","action":"b","resource":{"type":"t","attributes":[]}})", "/resource/attributes", "type"},
    Refused{R"({"user_id":"a","action":"b","resource":{"type":"t"},"context":null})", "/context", "type"},
    Refused{R"({"user_id":"a","action":"b","resource":{"type":"t","kind":"x"}})", "/resource/kind", "unknown_member"},
    Refused{R"({"user":"a","action":"b","resource":{"type":"t"}})", "/user", "unknown_member"},
    Refused{R"({"user_id":"a","action":"b","resource":{"type":"t"},"a/b":1})", "/a~1b", "unknown_member"},
};

TEST(QuestionJson, WhatIsWrongIsNamedWithItsPointer) {
    for (const auto& [text, pointer, code] : refused) {
        Question question;
        const auto read = read_question(text, question);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().kind, core::ErrorKind::validation_failed) << text;
        EXPECT_EQ(read.error().fault.pointer, pointer) << text;
        EXPECT_EQ(read.error().fault.code, code) << text;
        EXPECT_FALSE(read.error().fault.message.empty()) << text;
    }
}

std::string nested(std::size_t levels) {
    std::string object = "1";
    for (std::size_t level = 0; level < levels; ++level) object = R"({"a":)" + object + "}";
    return object;
}

TEST(QuestionJson, TheQuickReaderKeepsTheLimitOfDepth) {
    for (const std::size_t levels : {29U, 30U, 31U, 32U}) {
        const std::string text = R"({"user_id":"a","action":"b","resource":{"type":"t","attributes":)" + nested(levels) + "}}";
        Question question;
        EXPECT_EQ(scan_plain_question(text, question), json::parse(text).has_value()) << levels;
        const std::string context = R"({"user_id":"a","action":"b","resource":{"type":"t"},"context":)" + nested(levels) + "}";
        EXPECT_EQ(scan_plain_question(context, question), json::parse(context).has_value()) << levels;
    }
}

/// A small generator of its own, so that a failure can be repeated.
std::uint64_t next_random(std::uint64_t& state) {
    state += 0x9E3779B97F4A7C15ULL;
    std::uint64_t value = state;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31);
}

TEST(QuestionJson, BrokenQuestionsAreNeverReadQuicklyWhereTheStrictReaderRefuses) {
    constexpr std::string_view alphabet = "{}[]\":,\\ abtruenl01.-e\n\x01\xC3";
    std::uint64_t state = 7;
    int accepted = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string text = plain_questions[next_random(state) % plain_questions.size()];
        for (std::uint64_t edits = next_random(state) % 3; edits > 0; --edits) {
            const std::size_t place = next_random(state) % text.size();
            const char letter = alphabet[next_random(state) % alphabet.size()];
            next_random(state) % 2 == 0 ? text.insert(place, 1, letter).size() : (text[place] = letter, text.size());
        }
        Question quick;
        if (!scan_plain_question(text, quick)) continue;
        ++accepted;
        const auto value = json::parse(text);
        ASSERT_TRUE(value) << text;
        const auto strict = question_from_json(*value);
        ASSERT_TRUE(strict) << text;
        expect_equal(quick, *strict);
    }
    EXPECT_GT(accepted, 10'000);
}

}  // namespace
}  // namespace sentinel::app
