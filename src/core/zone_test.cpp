#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/time.hpp"

namespace sentinel::core {
namespace {

Instant at(std::string_view text) { return Instant::parse(text).value(); }
Zone zone(std::string_view name) { return Zone::find(name).value(); }
std::string local(std::string_view name, std::string_view instant) {
    const CivilTime civil = zone(name).civil(at(instant));
    return civil.date_text() + ' ' + civil.time_of_day_text() + ' ' + std::string(weekday_text(civil.weekday));
}

TEST(Zone, finds_iana_names_and_links) {
    for (const auto* name : {"UTC", "Etc/UTC", "Europe/Paris", "US/Eastern", "America/Argentina/Buenos_Aires", "Asia/Kathmandu",
                             "GMT+0", "Etc/GMT+12", "EST5EDT", "Pacific/Apia"}) {
        EXPECT_TRUE(Zone::find(name)) << name;
    }
}

TEST(Zone, refuses_what_is_no_exact_iana_name) {
    for (const auto* name : {"",
                             "utc",
                             "europe/paris",
                             "Europe/paris",
                             "Europe",
                             "Europe/",
                             "/Europe/Paris",
                             "Europe/Paris ",
                             "+01:00",
                             "CEST",
                             "localtime",
                             "posixrules",
                             "posix/Europe/Paris",
                             "right/Europe/Paris",
                             "Factory",
                             "tzdata.zi",
                             "zone.tab",
                             "leapseconds",
                             "../zoneinfo/UTC",
                             "Europe/../UTC",
                             "/etc/passwd",
                             "Nowhere/Nothing"}) {
        EXPECT_FALSE(Zone::find(name)) << name;
    }
    EXPECT_FALSE(Zone::find(std::string_view("UTC\0", 4)));
}

TEST(Zone, tells_local_time) {
    EXPECT_EQ(local("Europe/Paris", "2024-07-01T22:30:00Z"), "2024-07-02 00:30:00 tue");
    EXPECT_EQ(local("America/New_York", "2024-01-01T04:59:59Z"), "2023-12-31 23:59:59 sun");
    EXPECT_EQ(local("Asia/Kathmandu", "2026-01-01T00:00:00Z"), "2026-01-01 05:45:00 thu");
    EXPECT_EQ(local("Pacific/Apia", "2011-12-30T09:59:59Z"), "2011-12-29 23:59:59 thu");
    EXPECT_EQ(local("Pacific/Apia", "2011-12-30T10:00:00Z"), "2011-12-31 00:00:00 sat");
    EXPECT_EQ(local("UTC", "2026-01-01T00:00:00Z"), "2026-01-01 00:00:00 thu");
}

TEST(Zone, changes_offset_exactly_at_the_transition) {
    const Zone paris = zone("Europe/Paris");
    EXPECT_EQ(paris.offset_seconds(at("2026-03-29T00:59:59.999Z")), 3'600);
    EXPECT_EQ(paris.offset_seconds(at("2026-03-29T01:00:00Z")), 7'200);
    EXPECT_EQ(paris.offset_seconds(at("2026-10-25T00:59:59Z")), 7'200);
    EXPECT_EQ(paris.offset_seconds(at("2026-10-25T01:00:00Z")), 3'600);
}

TEST(Zone, names_the_next_transition) {
    EXPECT_EQ(zone("Europe/Paris").next_transition(at("2026-01-01T00:00:00Z")), at("2026-03-29T01:00:00Z"));
    EXPECT_EQ(zone("Europe/Paris").next_transition(at("2026-03-29T01:00:00Z")), at("2026-10-25T01:00:00Z"));
    EXPECT_EQ(zone("Europe/Paris").next_transition(at("2026-03-29T00:59:59.5Z")), at("2026-03-29T01:00:00Z"));
    EXPECT_EQ(zone("Asia/Tokyo").next_transition(at("2026-01-01T00:00:00Z")), std::nullopt);
    EXPECT_EQ(Zone::utc().next_transition(at("2026-01-01T00:00:00Z")), std::nullopt);
    EXPECT_EQ(zone("America/New_York").next_transition(at("0001-01-01T00:00:00Z")), at("1883-11-18T17:00:00Z"));
}

TEST(Zone, works_from_year_1_to_9999) {
    for (const auto* name :
         {"Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Etc/GMT+12", "Africa/Casablanca"}) {
        for (const auto* text :
             {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59"}) {
            const int offset = zone(name).offset_seconds(at(text));
            EXPECT_LE(offset, 15 * 3'600) << name;
            EXPECT_GE(offset, -16 * 3'600) << name;
            EXPECT_LT(zone(name).civil(at(text)).second_of_day, 86'400) << name;
        }
        EXPECT_EQ(zone(name).next_transition(at("9999-12-31T23:59:59Z")), std::nullopt) << name;
    }
}

TEST(Zone, goes_on_after_the_last_recorded_transition) {
    EXPECT_EQ(local("America/New_York", "2040-07-01T12:00:00Z"), "2040-07-01 08:00:00 sun");
    EXPECT_EQ(local("Australia/Sydney", "9999-01-01T00:00:00Z"), "9999-01-01 11:00:00 fri");
    EXPECT_EQ(local("Asia/Tokyo", "2500-07-01T00:00:00Z"), "2500-07-01 09:00:00 thu");
    EXPECT_EQ(zone("Europe/Paris").next_transition(at("2037-10-25T01:00:00Z")), at("2038-03-28T01:00:00Z"));
    EXPECT_EQ(zone("Europe/Paris").next_transition(at("2040-01-01T00:00:00Z")), at("2040-03-25T01:00:00Z"));
}

TEST(Zone, reads_every_zone_of_the_system_s_list) {
    std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
    if (!file) GTEST_SKIP() << "no list of zones at /usr/share/zoneinfo/tzdata.zi";
    std::size_t count = 0;
    for (std::string kind, line; file >> kind; std::getline(file, line)) {
        std::string name;
        if (kind == "Z") file >> name;
        if (kind == "L") file >> name >> name;
        if (name.empty() || name == "Factory") continue;
        EXPECT_TRUE(Zone::find(name)) << name;
        ++count;
    }
    EXPECT_GT(count, 500U);
}

TEST(Zone, may_be_found_and_used_by_many_threads) {
    std::vector<std::jthread> threads;
    std::vector<int> offsets(8, 0);
    for (auto& offset : offsets) {
        threads.emplace_back([&offset] {
            for (const auto* name : {"Australia/Sydney", "America/Chicago", "Europe/Berlin"}) {
                offset += zone(name).offset_seconds(at("2026-07-01T00:00:00Z"));
            }
        });
    }
    threads.clear();
    for (const int offset : offsets) EXPECT_EQ(offset, 36'000 - 18'000 + 7'200);
}

}  // namespace
}  // namespace sentinel::core
