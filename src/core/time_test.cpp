#include "core/time.hpp"

#include <chrono>

#include <gtest/gtest.h>

#include "core/vectors_test.hpp"

namespace sentinel::core {
namespace {

Instant at(std::string_view text) {
    const auto instant = Instant::parse(text);
    EXPECT_TRUE(instant) << text;
    return instant.value_or(Instant{});
}

TEST(Instant, conformance_vectors) {
    SENTINEL_NEEDS_VECTORS("time/rfc3339.json");
    const auto set = vectors::parse("time/rfc3339.json");
    for (const auto& row : vectors::rows(set, "valid")) {
        const std::string text = vectors::text(row, "text");
        const auto instant = Instant::parse(text);
        ASSERT_TRUE(instant) << text;
        EXPECT_EQ(static_cast<double>(instant->seconds), vectors::number(row, "unix_seconds")) << text;
        EXPECT_EQ(static_cast<double>(instant->nanoseconds), vectors::number(row, "nanoseconds")) << text;
        EXPECT_EQ(at(instant->text()), *instant) << text;
    }
    for (const auto& row : vectors::rows(set, "invalid")) {
        EXPECT_FALSE(Instant::parse(vectors::text(row, "text"))) << vectors::text(row, "text");
    }
    for (const auto& row : vectors::rows(set, "compare")) {
        const auto order = at(vectors::text(row, "a")) <=> at(vectors::text(row, "b"));
        const std::string expected = vectors::text(row, "order");
        EXPECT_EQ(expected, order == 0 ? "equal" : order < 0 ? "before" : "after") << vectors::text(row, "a");
    }
}

TEST(Instant, a_leap_second_is_legal_only_before_midnight_utc) {
    EXPECT_EQ(at("2016-12-31T23:59:60Z"), at("2017-01-01T00:00:00Z"));
    EXPECT_EQ(at("2016-12-31T23:59:60.25Z"), at("2017-01-01T00:00:00.25Z"));
    EXPECT_EQ(at("2017-01-01T05:29:60+05:30"), at("2017-01-01T00:00:00Z"));
    EXPECT_FALSE(Instant::parse("2016-12-31T23:58:60Z"));
    EXPECT_FALSE(Instant::parse("2016-12-31T12:59:60Z"));
    EXPECT_FALSE(Instant::parse("2016-12-31T23:59:60+01:00"));
}

TEST(Instant, cuts_digits_past_the_ninth) {
    EXPECT_EQ(at("2026-01-01T00:00:00.1234567899Z").nanoseconds, 123'456'789);
    EXPECT_EQ(at("2026-01-01T00:00:00.000000000999999999999999999999Z").nanoseconds, 0);
    EXPECT_EQ(at("2026-01-01T00:00:00.5Z").nanoseconds, 500'000'000);
}

TEST(Instant, refuses_the_year_zero) { EXPECT_FALSE(Instant::parse("0000-12-31T23:59:59Z")); }

TEST(Instant, text_is_canonical) {
    EXPECT_EQ(at("2026-01-01t01:00:00.1200+01:00").text(), "2026-01-01T00:00:00.12Z");
    EXPECT_EQ(at("1969-12-31T23:59:59.000000001Z").text(), "1969-12-31T23:59:59.000000001Z");
    EXPECT_EQ(at("0001-01-01T00:00:00Z").text(), "0001-01-01T00:00:00Z");
    EXPECT_EQ(at("9999-12-31T23:59:59.999999999Z").text(), "9999-12-31T23:59:59.999999999Z");
}

TEST(Instant, fractions_before_1970_count_forward) {
    const Instant instant = at("1969-12-31T23:59:59.75Z");
    EXPECT_EQ(instant.seconds, -1);
    EXPECT_EQ(instant.nanoseconds, 750'000'000);
    EXPECT_LT(instant, at("1970-01-01T00:00:00Z"));
}

TEST(Instant, adds_seconds) { EXPECT_EQ(at("2026-02-28T23:59:59.5Z").plus_seconds(1), at("2026-03-01T00:00:00.5Z")); }

TEST(CivilTime, of_every_day_from_year_1_to_9999_agrees_with_chrono) {
    using namespace std::chrono;
    const auto first = sys_days(year(1) / 1 / 1);
    const auto last = sys_days(year(9999) / 12 / 31);
    for (auto day = first; day <= last; day += days(1)) {
        const std::int64_t midnight = std::int64_t{day.time_since_epoch().count()} * 86'400;
        const year_month_day expected(day);
        for (const std::int64_t second : {std::int64_t{0}, std::int64_t{86'399}}) {
            const CivilTime civil = Zone::utc().civil({midnight + second, 0});
            ASSERT_EQ(civil.year, static_cast<int>(expected.year()));
            ASSERT_EQ(civil.month, static_cast<unsigned>(expected.month()));
            ASSERT_EQ(civil.day, static_cast<unsigned>(expected.day()));
            ASSERT_EQ(civil.second_of_day, second);
            ASSERT_EQ(civil.weekday, weekday(day).iso_encoding() - 1);
        }
    }
}

TEST(Instant, first_of_every_month_reads_back) {
    for (int year = 1; year <= 9999; ++year) {
        for (int month = 1; month <= 12; ++month) {
            const auto day = std::chrono::sys_days(std::chrono::year(year) / month / 1);
            const Instant instant{std::int64_t{day.time_since_epoch().count()} * 86'400, 0};
            ASSERT_EQ(Instant::parse(instant.text()), instant) << instant.text();
        }
    }
}

TEST(CivilTime, prints_date_and_time_of_day) {
    const CivilTime civil = Zone::utc().civil(at("0987-06-05T04:03:02Z"));
    EXPECT_EQ(civil.date_text(), "0987-06-05");
    EXPECT_EQ(civil.time_of_day_text(), "04:03:02");
}

TEST(Weekday, reads_and_writes) {
    for (unsigned day = 0; day < 7; ++day) EXPECT_EQ(parse_weekday(weekday_text(day)), day);
    EXPECT_EQ(weekday_text(0), "mon");
    EXPECT_EQ(weekday_text(6), "sun");
    for (const auto* text : {"", "Mon", "monday", "mo", "mon "}) EXPECT_FALSE(parse_weekday(text)) << text;
    EXPECT_EQ(weekday_text(Zone::utc().civil(at("2026-01-01T00:00:00Z")).weekday), "thu");
}

TEST(TimeOfDay, reads_both_forms) {
    EXPECT_EQ(parse_time_of_day("00:00"), 0);
    EXPECT_EQ(parse_time_of_day("09:30"), 34'200);
    EXPECT_EQ(parse_time_of_day("23:59:59"), 86'399);
    for (const auto* text : {"", "24:00", "9:30", "09:60", "09:30:60", "09:30:", "09:30:1", "09-30", " 09:30", "09:30 ", "09:30Z",
                             "0930", "09:30:00.0", "+9:30", "23:59:5９"}) {
        EXPECT_FALSE(parse_time_of_day(text)) << text;
    }
}

TEST(Clock, fixed_clock_stands_until_it_is_set) {
    FixedClock clock(at("2026-01-01T00:00:00Z"));
    EXPECT_EQ(clock.now(), at("2026-01-01T00:00:00Z"));
    clock.set(at("2026-01-02T00:00:00Z"));
    EXPECT_EQ(clock.now(), at("2026-01-02T00:00:00Z"));
}

TEST(Clock, system_clock_agrees_with_chrono) {
    const auto before = std::chrono::system_clock::now().time_since_epoch() / std::chrono::seconds(1);
    const Instant now = SystemClock().now();
    const auto after = std::chrono::system_clock::now().time_since_epoch() / std::chrono::seconds(1);
    EXPECT_GE(now.seconds, before);
    EXPECT_LE(now.seconds, after);
    EXPECT_GE(now.nanoseconds, 0);
    EXPECT_LT(now.nanoseconds, 1'000'000'000);
}

}  // namespace
}  // namespace sentinel::core
