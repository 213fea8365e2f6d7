#include "engine/selector.hpp"

#include <gtest/gtest.h>

#include <string>

#include "engine/question.hpp"

namespace sentinel::engine {
namespace {

const std::string id_text = "0190a000-0000-7000-8000-000000000001";
const std::string acute = "e\xCC\x81";  // NFD
const std::string zero_width = "\xE2\x80\x8B";

std::string repeated(std::string_view piece, std::size_t times) {
    std::string text;
    for (; times > 0; --times) text += piece;
    return text;
}

TEST(TypeName, IsALowerCaseWordOfAtMostAHundredBytes) {
    for (const std::string& name : {std::string("a"), std::string("app"), std::string("v2_x"), std::string(100, 'a')}) {
        EXPECT_TRUE(is_type_name(name)) << name;
    }
    for (const std::string& name : {std::string(), std::string("A"), std::string("1a"), std::string("_a"), std::string("a-b"),
                                    std::string("a."), std::string("a{"), std::string("a/"), std::string(101, 'a')}) {
        EXPECT_FALSE(is_type_name(name)) << name;
    }
}

TEST(ActionName, AlsoHoldsDotsColonsAndHyphensUpToSixtyFour) {
    for (const std::string& name : {std::string("read"), std::string("a.b:c-d_1"), std::string(64, 'a')})
        EXPECT_TRUE(is_action_name(name)) << name;
    for (const std::string& name : {std::string(), std::string("*"), std::string("Read"), std::string(".a"), std::string("a b"),
                                    std::string("a;"), std::string(65, 'a')}) {
        EXPECT_FALSE(is_action_name(name)) << name;
    }
}

TEST(ResourceKind, AreTheSeven) {
    for (const char* kind : {"product_family", "app", "capability", "service", "entity", "page", "api"})
        EXPECT_TRUE(is_resource_kind(kind)) << kind;
    EXPECT_FALSE(is_resource_kind("vessel"));
}

// ---- parse_selector -------------------------------------------------------------------------------------------------

Selector parsed(std::string_view type, std::string_view path) {
    auto selector = parse_selector(type, std::nullopt, path);
    if (selector) return *selector;
    ADD_FAILURE() << type << " " << path << ": " << selector.error().message;
    return {};
}

TEST(ParseSelector, KnowsTheFiveForms) {
    EXPECT_EQ(parsed("*", "**").form, SelectorForm::all);
    EXPECT_EQ(parsed("*", "*/*").form, SelectorForm::all);
    EXPECT_EQ(parsed("app", "app/*").form, SelectorForm::type);
    const Selector instance = parsed("vessel", "vessel/v 1");
    EXPECT_EQ(instance.form, SelectorForm::instance);
    EXPECT_EQ(instance.type, "vessel");
    EXPECT_EQ(instance.instance, "v 1");
    const auto node = parse_selector("app", ResourceId::parse(id_text), "");
    ASSERT_TRUE(node);
    EXPECT_EQ(node->form, SelectorForm::node);
    EXPECT_EQ(node->resource, ResourceId::parse(id_text));
    EXPECT_EQ(parsed("page", "/a/b").form, SelectorForm::path);
}

TEST(ParseSelector, TakesEntityForEveryTypeThatIsNoKind) {
    EXPECT_EQ(parsed("entity", "vessel/*").type, "vessel");
    EXPECT_EQ(parsed("entity", "entity/*").type, "entity");
    EXPECT_FALSE(parse_selector("entity", std::nullopt, "app/*"));
}

TEST(ParseSelector, ReadsEachSegmentOfAPath) {
    const Selector selector = parsed("*", "/a/*/**/" + id_text);
    ASSERT_EQ(selector.segments.size(), 4U);
    EXPECT_EQ(selector.segments[0].kind, PathSegment::Kind::literal);
    EXPECT_EQ(selector.segments[0].text, "a");
    EXPECT_EQ(selector.segments[0].id, std::nullopt);
    EXPECT_EQ(selector.segments[1].kind, PathSegment::Kind::one);
    EXPECT_EQ(selector.segments[2].kind, PathSegment::Kind::many);
    EXPECT_EQ(selector.segments[3].id, ResourceId::parse(id_text));
    EXPECT_TRUE(selector.has_wildcard());
    EXPECT_FALSE(parsed("*", "/a/b").has_wildcard());
}

TEST(ParseSelector, ATrailingSlashMeansNothing) {
    EXPECT_EQ(parsed("*", "/a/b/").segments, parsed("*", "/a/b").segments);
    EXPECT_EQ(parsed("*", "**/").form, SelectorForm::all);
    EXPECT_EQ(parsed("app", "app/*/").form, SelectorForm::type);
}

struct BadSelector {
    std::string type;
    std::string path;
    std::string pointer;
    std::string code;
};

TEST(ParseSelector, RefusesEveryOtherFormWithPointerAndCode) {
    const std::vector<BadSelector> cases{
        {"App", "**", "/resource_type", "format"},
        {"", "**", "/resource_type", "format"},
        {"*", "", "/resource_path", "required"},
        {"app", "**", "/resource_type", "reference"},
        {"app", "*/*", "/resource_type", "reference"},
        {"*", "/", "/resource_path", "format"},
        {"*", "//", "/resource_path", "format"},
        {"*", "/a//b", "/resource_path", "format"},
        {"*", "/a/.", "/resource_path", "format"},
        {"*", "/a/../b", "/resource_path", "format"},
        {"*", "/a%2fb", "/resource_path", "format"},
        {"*", "/a;b", "/resource_path", "format"},
        {"*", "/a\\b", "/resource_path", "format"},
        {"*", "/**/a/**/b/**", "/resource_path", "format"},
        {"*", "/" + acute, "/resource_path", "format"},
        {"*", "/\xFF", "/resource_path", "format"},
        {"*", "/a" + zero_width, "/resource_path", "format"},
        {"app", "app", "/resource_path", "format"},
        {"app", "App/x", "/resource_path", "format"},
        {"app", "page/x", "/resource_path", "reference"},
        {"*", "app/x", "/resource_path", "reference"},
        {"app", "app/a/b", "/resource_path", "format"},
        {"app", "app/a*", "/resource_path", "format"},
        {"app", "app/" + std::string(256, 'a'), "/resource_path", "format"},
        {"*", repeated("/a", 33), "/resource_path", "limit"},
        {"*", "/" + std::string(2'000, 'a'), "/resource_path", "limit"},
    };
    for (const BadSelector& bad : cases) {
        const auto selector = parse_selector(bad.type, std::nullopt, bad.path);
        ASSERT_FALSE(selector) << bad.type << " " << bad.path;
        EXPECT_EQ(selector.error().pointer, bad.pointer) << bad.type << " " << bad.path;
        EXPECT_EQ(selector.error().code, bad.code) << bad.type << " " << bad.path;
    }
    const auto both = parse_selector("app", ResourceId{}, "/a");
    ASSERT_FALSE(both);
    EXPECT_EQ(both.error().pointer, "/resource_path");
}

TEST(ParseSelector, TakesWhatIsJustWithinTheLimits) {
    EXPECT_EQ(parsed("*", repeated("/a", 32)).segments.size(), 32U);
    EXPECT_EQ(parsed("*", "/" + std::string(1'999, 'a')).segments.size(), 1U);
    EXPECT_EQ(parsed("*", "/**/a/**").segments.size(), 3U);
    EXPECT_EQ(parsed("app", "app/" + std::string(255, 'a')).instance.size(), 255U);
    EXPECT_EQ(parsed("app", "app/" + repeated("\xC3\xA9", 255)).instance.size(), 510U) << "characters count, not bytes";
}

// ---- split_question_path --------------------------------------------------------------------------------------------

TEST(SplitQuestionPath, GivesTheSegments) {
    using Segments = std::vector<std::string_view>;
    EXPECT_EQ(split_question_path("/a").value(), Segments{"a"});
    EXPECT_EQ(split_question_path("/a/b c/d/").value(), (Segments{"a", "b c", "d"}));
}

TEST(SplitQuestionPath, RefusesWhatIsNotCanonical) {
    for (const std::string& path :
         {std::string(""),     std::string("/"),     std::string("a/b"),   std::string("//"),  std::string("/a//b"),
          std::string("/."),   std::string("/a/.."), std::string("/ a"),   std::string("/a "), std::string("/a%"),
          std::string("/a;"),  std::string("/*"),    std::string("/a?"),   std::string("/a#"), std::string("/a\\b"),
          std::string("/a\n"), "/" + acute,          std::string("/\xFF"), "/a" + zero_width,  "/" + std::string(256, 'a')}) {
        const auto segments = split_question_path(path);
        ASSERT_FALSE(segments) << path;
        EXPECT_EQ(segments.error().pointer, "/resource/path");
        EXPECT_EQ(segments.error().code, "format") << path;
    }
}

TEST(SplitQuestionPath, HoldsAtMostSixtyFourSegmentsOf255Characters) {
    EXPECT_EQ(split_question_path(repeated("/a", max_question_segments)).value().size(), 64U);
    EXPECT_EQ(split_question_path(repeated("/a", max_question_segments + 1)).error().code, "limit");
    EXPECT_TRUE(split_question_path("/" + repeated("\xC3\xA9", 255)));
}

TEST(CheckReferenceText, TakesOneTo255CharactersOfPlainNfcText) {
    for (const std::string& text :
         {std::string("vessel-001"), std::string("a/b * ?"), std::string(255, 'x'), repeated("\xC3\xA9", 255)}) {
        EXPECT_EQ(check_reference_text(text, "/resource/id"), std::nullopt) << text;
    }
    for (const std::string& text :
         {std::string(), std::string(256, 'x'), std::string("\xFF"), acute, "a" + zero_width, std::string("a\tb")}) {
        const auto fault = check_reference_text(text, "/resource/id");
        ASSERT_TRUE(fault) << text;
        EXPECT_EQ(fault->pointer, "/resource/id");
        EXPECT_EQ(fault->code, "format");
    }
}

}  // namespace
}  // namespace sentinel::engine
