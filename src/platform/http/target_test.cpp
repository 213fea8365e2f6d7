#include "platform/http/target.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sentinel::http;

TEST(Target, DecodesOnce) {
    std::string decoded;
    const auto target = parse_target("/caf%C3%A9/%2541?q=%2F&x[]=1", decoded);
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/caf\xC3\xA9/%41");
    EXPECT_EQ(target->query, "q=%2F&x[]=1");
    EXPECT_TRUE(parse_target("/a?", decoded)->has_query);
    EXPECT_FALSE(parse_target("/a/", decoded)->has_query);
}

TEST(Target, RefusesWhatTwoReadersCouldSeeDifferently) {
    std::string decoded;
    for (const std::string_view text :
         {"",          "*",      "a",      "http://a/",    "//a",   "/a//b",  "/.",      "/a/..", "/a/../b",
          "/%2e%2e/b", "/a/%2E", "/a%2Fb", "/a%5cb",       "/a\\b", "/a%00",  "/?a=%00", "/%",    "/%2",
          "/%zz",      "/%ff",   "/a%0a",  "/caf\xC3\xA9", "/a#b",  "/a?b#c", "/a b",    "/a\"",  "/<"}) {
        EXPECT_FALSE(parse_target(text, decoded)) << text;
    }
    for (const std::string_view text : {"/", "/a/", "/...", "/.a", "/a..b", "/a?//../.", "/a:b@c;d,e"}) {
        EXPECT_TRUE(parse_target(text, decoded)) << text;
    }
}

}  // namespace
