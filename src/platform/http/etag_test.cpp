#include "platform/http/etag.hpp"

#include <gtest/gtest.h>

#include "platform/http/endpoint.hpp"

namespace sentinel::http {
namespace {

using Versions = std::vector<std::int64_t>;

TEST(IfMatch, names_versions) {
    EXPECT_EQ(etag_of(7), "\"7\"");
    EXPECT_EQ(parse_if_match("*"), Versions());
    EXPECT_EQ(parse_if_match("\"7\""), Versions({7}));
    EXPECT_EQ(parse_if_match(" \"7\" , \"8\""), Versions({7, 8}));
}

TEST(IfMatch, what_no_version_has_is_never_taken_for_a_star) {
    for (const auto* value : {"W/\"7\"", "\"abc\"", "\"\"", "\"07\"", "\"-1\"", "\"0\"", "\"99999999999999999999\""}) {
        EXPECT_EQ(parse_if_match(value), Versions({-1})) << value;
    }
}

TEST(IfMatch, malformed) {
    for (const auto* value : {"", "7", "\"7", "\"7\" \"8\"", "\"7\",", ",\"7\"", "**", "*, \"7\"", "w/\"7\"", "\"a b\""}) {
        EXPECT_EQ(parse_if_match(value), std::nullopt) << value;
    }
}

TEST(IfMatch, is_compared_by_the_service) {
    platform::RequestContext context;
    EXPECT_NO_THROW(check_version(context, 3));
    context.if_match = Versions();
    EXPECT_NO_THROW(check_version(context, 3));
    context.if_match = Versions({2, 3});
    EXPECT_NO_THROW(check_version(context, 3));
    context.if_match = Versions({2, -1});
    try {
        check_version(context, 3);
        FAIL();
    } catch (const platform::ServiceError& error) {
        EXPECT_EQ(error.status(), 412);
        EXPECT_EQ(*error.details().find("current_etag")->text(), "\"3\"");
    }
}

TEST(IfNoneMatch, compares_weakly) {
    EXPECT_TRUE(names_tag("\"7\"", "\"7\""));
    EXPECT_TRUE(names_tag("W/\"7\"", "\"7\""));
    EXPECT_TRUE(names_tag("\"6\", \"7\"", "\"7\""));
    EXPECT_TRUE(names_tag("*", "\"7\""));
    EXPECT_FALSE(names_tag("\"6\"", "\"7\""));
    EXPECT_FALSE(names_tag("\"7\" x", "\"7\""));
    EXPECT_FALSE(names_tag("", "\"7\""));
}

}  // namespace
}  // namespace sentinel::http
