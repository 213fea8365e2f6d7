#include "platform/http/change.hpp"

#include <string>

#include <gtest/gtest.h>

namespace sentinel::http {
namespace {

namespace json = core::json;

TEST(Change, applies_only_what_is_given_and_new) {
    std::string stored = "a";
    EXPECT_FALSE(Change<std::string>().apply_to(stored));
    EXPECT_FALSE(Change<std::string>("a").apply_to(stored));
    EXPECT_TRUE(Change<std::string>("b").apply_to(stored));
    EXPECT_EQ(stored, "b");
    EXPECT_EQ(Change<std::string>().value_or("z"), "z");
}

struct MergeCase {
    std::string target, patch, result;
    bool altered;
};

TEST(Change, merges_documents_as_rfc_7396_shows) {
    const std::vector<MergeCase> cases{
        {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})", true},
        {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})", true},
        {R"({"a":"b"})", R"({"a":null})", "{}", true},
        {R"({"a":"b"})", R"({"z":null})", R"({"a":"b"})", false},
        {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})", true},
        {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})", true},
        {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})", true},
        {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})", true},
        {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})", true},
        {R"({"e":null})", R"({"a":1})", R"({"a":1,"e":null})", true},
        {"{}", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})", true},
        {R"({"a":{"b":1}})", R"({"a":{"b":1}})", R"({"a":{"b":1}})", false},
        {R"({"a":1})", "{}", R"({"a":1})", false},
    };
    for (const auto& [target, patch, result, altered] : cases) {
        auto stored = *json::parse(target);
        EXPECT_EQ(merge_document(*stored.object(), *json::parse(patch)->object()), altered) << target << patch;
        EXPECT_EQ(json::to_text(stored), result);
    }
}

}  // namespace
}  // namespace sentinel::http
