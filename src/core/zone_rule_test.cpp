#include "core/zone_rule.hpp"

#include <gtest/gtest.h>

#include "core/time.hpp"

namespace sentinel::core {
namespace {

std::int64_t at(std::string_view text) { return Instant::parse(text).value().seconds; }

void expect_change(std::string_view rule_text, std::string_view instant, int before, int after) {
    const auto rule = ZoneRule::parse(rule_text);
    ASSERT_TRUE(rule) << rule_text;
    EXPECT_EQ(rule->offset_seconds(at(instant) - 1), before) << rule_text << ' ' << instant;
    EXPECT_EQ(rule->offset_seconds(at(instant)), after) << rule_text << ' ' << instant;
    EXPECT_EQ(rule->next_transition(at(instant) - 1), at(instant)) << rule_text;
    EXPECT_GT(rule->next_transition(at(instant)), at(instant)) << rule_text;
}

TEST(ZoneRule, changes_in_the_north) {
    expect_change("CET-1CEST,M3.5.0,M10.5.0/3", "2040-03-25T01:00:00Z", 3'600, 7'200);
    expect_change("CET-1CEST,M3.5.0,M10.5.0/3", "2040-10-28T01:00:00Z", 7'200, 3'600);
    expect_change("EST5EDT,M3.2.0,M11.1.0", "2040-03-11T07:00:00Z", -18'000, -14'400);
    expect_change("EST5EDT,M3.2.0,M11.1.0", "2040-11-04T06:00:00Z", -14'400, -18'000);
}

TEST(ZoneRule, changes_in_the_south) {
    expect_change("AEST-10AEDT,M10.1.0,M4.1.0/3", "2039-10-01T16:00:00Z", 36'000, 39'600);
    expect_change("AEST-10AEDT,M10.1.0,M4.1.0/3", "2040-03-31T16:00:00Z", 39'600, 36'000);
    EXPECT_EQ(ZoneRule::parse("AEST-10AEDT,M10.1.0,M4.1.0/3")->offset_seconds(at("2040-01-01T00:00:00Z")), 39'600);
}

TEST(ZoneRule, reads_odd_times_and_offsets) {
    expect_change("EET-2EEST,M3.4.4/50,M10.4.4/50", "2040-03-24T00:00:00Z", 7'200, 10'800);
    expect_change("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-03-25T01:00:00Z", -7'200, -3'600);
    expect_change("IST-1GMT0,M10.5.0,M3.5.0/1", "2040-10-28T01:00:00Z", 3'600, 0);
    expect_change("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2040-10-06T15:30:00Z", 37'800, 39'600);
}

TEST(ZoneRule, without_daylight_never_changes) {
    const auto rule = ZoneRule::parse("<+0545>-5:45");
    ASSERT_TRUE(rule);
    EXPECT_EQ(rule->offset_seconds(at("2040-01-01T00:00:00Z")), 20'700);
    EXPECT_EQ(rule->next_transition(0), std::nullopt);
}

TEST(ZoneRule, refuses_what_it_cannot_read) {
    for (const auto* text :
         {"", "CET", "C-1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
          "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J60,J300", "CET-25", "CET-1 ", "<+01-1", "CET-1CEST,M3.5.0,M10.5.0/"}) {
        EXPECT_FALSE(ZoneRule::parse(text)) << text;
    }
}

}  // namespace
}  // namespace sentinel::core
