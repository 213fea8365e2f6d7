#include "engine/condition_view.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sentinel::engine::conditions {
namespace {

json::Value value(std::string_view text) { return json::parse(text).value(); }

TEST(View, GivesBackTheValueItSees) {
    for (const char* text : {"null", "true", "1.5", "\"a\"", "[1, [2]]", "{\"a\": {\"b\": null}}"}) {
        const json::Value seen = value(text);
        EXPECT_EQ(View(seen).value(), seen) << text;
    }
}

TEST(Order, IsTotalWithinAndAcrossTheKinds) {
    const std::vector<std::string> rising{
        "null",       "false",         "true", "-1",     "0",   "2.5",  "\"\"", "\"a\"",      "\"ab\"",
        "[]",         "[false]",       "[1]",  "[1, 1]", "[2]", "[[]]", "{}",   "{\"a\": 1}", "{\"a\": 1, \"b\": 1}",
        "{\"a\": 2}", "{\"b\": null}",
    };
    for (std::size_t left = 0; left < rising.size(); ++left) {
        for (std::size_t right = 0; right < rising.size(); ++right) {
            const json::Value first = value(rising[left]);
            const json::Value second = value(rising[right]);
            EXPECT_EQ(order(View(first), View(second)), left <=> right) << rising[left] << " and " << rising[right];
            EXPECT_EQ(View(first) == View(second), left == right) << rising[left] << " and " << rising[right];
        }
    }
    EXPECT_EQ(order(View(), View()), std::strong_ordering::equal);
    EXPECT_TRUE(View() == View());
}

}  // namespace
}  // namespace sentinel::engine::conditions
