/// Local time, zones, and the edges at which the clock alone changes a truth.
#include <array>
#include <string>

#include "engine/condition_testing.hpp"

namespace sentinel::engine {
namespace {

using namespace testing;

World at(std::string_view now) {
    World world;
    world.now = instant_of(now);
    return world;
}

struct TimeRow {
    const char* conditions;
    const char* now;
    Truth truth;
};

TEST(ConditionTime, windows_and_weekdays) {
    constexpr const char* day = "{'env.time': {'$timeOfDay': {'from': '08:00', 'to': '18:00:30'}}}";
    constexpr const char* night = "{'env.time': {'$timeOfDay': {'from': '22:00', 'to': '06:00'}}}";
    constexpr const char* berlin = "{'time_range': {'from': '09:00', 'to': '17:00', 'tz': 'Europe/Berlin'}}";
    constexpr const char* skipped = "{'time_range': {'from': '02:30', 'to': '03:30', 'tz': 'Europe/Berlin'}}";
    constexpr const char* weekend = "{'days_of_week': {'days': ['sat', 'sun'], 'tz': 'Asia/Singapore'}}";
    constexpr std::array rows{
        TimeRow{day, "2026-03-04T07:59:59.999999999Z", no},
        TimeRow{day, "2026-03-04T08:00:00Z", yes},
        TimeRow{day, "2026-03-04T18:00:29.9Z", yes},
        TimeRow{day, "2026-03-04T18:00:30Z", no},
        TimeRow{night, "2026-03-04T21:59:59Z", no},
        TimeRow{night, "2026-03-04T22:00:00Z", yes},
        TimeRow{night, "2026-03-04T00:00:00Z", yes},
        TimeRow{night, "2026-03-04T05:59:59Z", yes},
        TimeRow{night, "2026-03-04T06:00:00Z", no},
        TimeRow{berlin, "2026-03-04T08:00:00Z", yes},
        TimeRow{berlin, "2026-07-04T07:00:00Z", yes},
        TimeRow{berlin, "2026-07-04T06:59:59Z", no},
        TimeRow{berlin, "2026-03-04T16:00:00Z", no},
        // 29 March: 02:00 is 03:00, so the window has half an hour; 25 October: 02:30 comes twice
        TimeRow{skipped, "2026-03-29T00:59:59Z", no},
        TimeRow{skipped, "2026-03-29T01:00:00Z", yes},
        TimeRow{skipped, "2026-03-29T01:30:00Z", no},
        TimeRow{skipped, "2026-10-25T00:30:00Z", yes},
        TimeRow{skipped, "2026-10-25T01:00:00Z", no},
        TimeRow{skipped, "2026-10-25T01:30:00Z", yes},
        TimeRow{skipped, "2026-10-25T02:30:00Z", no},
        TimeRow{weekend, "2026-03-06T15:59:59Z", no},
        TimeRow{weekend, "2026-03-06T16:00:00Z", yes},
        TimeRow{weekend, "2026-03-08T15:59:59Z", yes},
        TimeRow{weekend, "2026-03-08T16:00:00Z", no},
    };
    for (const TimeRow& row : rows)
        EXPECT_EQ(truth_of(row.conditions, at(row.now)), row.truth) << row.conditions << " at " << row.now;
}

TEST(ConditionTime, on_attributes) {
    const World world = world_with("{'open': '2026-03-04T12:00:00+04:00', 'text': '12:00', 'number': 5, 'nothing': null}");
    EXPECT_EQ(truth_of("{'open': {'$timeOfDay': {'from': '08:00', 'to': '09:00'}}}", world), yes);
    EXPECT_EQ(truth_of("{'open': {'$timeOfDay': {'from': '09:00', 'to': '10:00'}}}", world), no);
    EXPECT_EQ(truth_of("{'open': {'$weekday': {'days': ['wed']}}}", world), yes);
    for (const std::string path : {"text", "number", "nothing", "none", "env.time_of_day", "env.date", "env.weekday"}) {
        EXPECT_EQ(truth_of("{'" + path + "': {'$timeOfDay': {'from': '08:00', 'to': '09:00'}}}", world), unknown) << path;
        EXPECT_EQ(truth_of("{'" + path + "': {'$weekday': {'days': ['wed']}}}", world), unknown) << path;
    }
}

TEST(ConditionTime, legacy_aliases_are_their_operators) {
    World world = world_with("{'time_range': 1, 'ip_range': 1, 'days_of_week': 1}", "{}", "{'ip_address': '10.0.0.1'}");
    EXPECT_EQ(truth_of("{'ip_range': ['10.0.0.0/8']}", world), yes);
    EXPECT_EQ(truth_of("{'$or': [{'ip_range': '11.0.0.0/8'}]}", world), no);
    EXPECT_EQ(truth_of("{'time_range': {'from': '10:00', 'to': '11:00'}, 'days_of_week': {'days': ['wed']}}", world), yes);
    EXPECT_EQ(truth_of("{'resource.time_range': 1}", world), yes);
    EXPECT_EQ(truth_of("{'context.ip_address': {'$eq': {'$ref': 'ip_range'}}}", world), unknown) << "an alias is a key, no path";
}

// ---- edges ---------------------------------------------------------------------------------------------------------

struct EdgeRow {
    const char* conditions;
    const char* now;
    const char* next;  ///< empty: never; "?": cannot be computed
};

TEST(ConditionEdges, next) {
    constexpr const char* day = "{'env.time': {'$timeOfDay': {'from': '08:00', 'to': '18:00'}}}";
    constexpr const char* berlin = "{'env.time': {'$timeOfDay': {'from': '02:30', 'to': '12:00', 'tz': 'Europe/Berlin'}}}";
    constexpr const char* monday = "{'days_of_week': {'days': ['mon'], 'tz': 'Asia/Kolkata'}}";
    constexpr std::array rows{
        EdgeRow{"{}", "2026-03-04T10:00:00Z", ""},
        EdgeRow{"{'x': 1}", "2026-03-04T10:00:00Z", ""},
        EdgeRow{day, "2026-03-04T07:00:00Z", "2026-03-04T08:00:00Z"},
        EdgeRow{day, "2026-03-04T08:00:00Z", "2026-03-04T18:00:00Z"},
        EdgeRow{day, "2026-03-04T08:00:00.5Z", "2026-03-04T18:00:00Z"},
        EdgeRow{day, "2026-03-04T17:59:59.5Z", "2026-03-04T18:00:00Z"},
        EdgeRow{day, "2026-03-04T18:00:00Z", "2026-03-05T08:00:00Z"},
        EdgeRow{day, "1969-12-31T23:59:59.5Z", "1970-01-01T08:00:00Z"},
        EdgeRow{berlin, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
        EdgeRow{berlin, "2026-03-29T01:00:00Z", "2026-03-29T10:00:00Z"},
        EdgeRow{berlin, "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z"},
        EdgeRow{berlin, "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"},
        EdgeRow{berlin, "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"},
        EdgeRow{berlin, "2026-10-25T01:30:00Z", "2026-10-25T11:00:00Z"},
        EdgeRow{monday, "2026-03-04T10:00:00Z", "2026-03-04T18:30:00Z"},
        EdgeRow{monday, "2026-03-04T18:30:00Z", "2026-03-05T18:30:00Z"},
        // ranges
        EdgeRow{"{'env.time': {'$gte': '2026-03-04T10:00:00Z'}}", "2026-03-04T09:00:00.25Z", "2026-03-04T10:00:00Z"},
        EdgeRow{"{'env.time': {'$gte': '2026-03-04T10:00:00Z'}}", "2026-03-04T10:00:00Z", ""},
        EdgeRow{"{'env.time': {'$lt': '2026-03-04T10:00:00Z'}}", "2026-03-04T10:00:00Z", ""},
        EdgeRow{"{'env.time': {'$gt': '2026-03-04T10:00:00Z'}}", "2026-03-04T09:00:00Z", "2026-03-04T10:00:00Z"},
        EdgeRow{"{'env.time': {'$gt': '2026-03-04T10:00:00Z'}}", "2026-03-04T10:00:00Z", "2026-03-04T10:00:00.000000001Z"},
        EdgeRow{"{'env.time': {'$lte': '2026-03-04T10:00:00.999999999Z'}}", "2026-03-04T10:00:00.999999999Z",
                "2026-03-04T10:00:01Z"},
        EdgeRow{"{'env.time': {'$gt': '2026-03-04T10:00:00Z'}}", "2026-03-04T10:00:00.000000001Z", ""},
        EdgeRow{"{'env.time': {'$between': ['2026-03-04T10:00:00Z', '2026-03-04T11:00:00Z']}}", "2026-03-04T09:00:00Z",
                "2026-03-04T10:00:00Z"},
        EdgeRow{"{'env.time': {'$between': ['2026-03-04T10:00:00Z', '2026-03-04T11:00:00Z']}}", "2026-03-04T10:00:00Z",
                "2026-03-04T11:00:00Z"},
        EdgeRow{"{'env.time': {'$between': ['2026-03-04T10:00:00Z', '2026-03-04T11:00:00Z']}}", "2026-03-04T11:00:00Z",
                "2026-03-04T11:00:00.000000001Z"},
        EdgeRow{"{'$or': [{'time_range': {'from': '08:00', 'to': '18:00'}}, {'$not': {'env.time': {'$lt': "
                "'2026-03-04T09:00:00Z'}}}]}",
                "2026-03-04T08:30:00Z", "2026-03-04T09:00:00Z"},
        // no time leaves
        EdgeRow{"{'env.time': {'$exists': true}, 'env.date': {'$exists': false}}", "2026-03-04T10:00:00Z", ""},
        EdgeRow{"{'due': {'$timeOfDay': {'from': '08:00', 'to': '18:00'}, '$lt': '2027-01-01T00:00:00Z'}}",
                "2026-03-04T10:00:00Z", ""},
        // what cannot be computed
        EdgeRow{"{'env.time': '2026-03-04T10:00:00Z'}", "2026-03-04T10:00:00Z", "?"},
        EdgeRow{"{'env.weekday': ['mon']}", "2026-03-04T10:00:00Z", "?"},
        EdgeRow{"{'env.date': {'$gt': '2026-01-01'}}", "2026-03-04T10:00:00Z", "?"},
        EdgeRow{"{'env.time': {'$gt': '2026'}}", "2026-03-04T10:00:00Z", "?"},
        EdgeRow{"{'env.time_of_day': {'$timeOfDay': {'from': '08:00', 'to': '18:00'}}}", "2026-03-04T10:00:00Z", "?"},
        EdgeRow{"{'env.date': {'$lt': '2027-01-01T00:00:00Z'}}", "2026-03-04T10:00:00Z", "?"},
        EdgeRow{"{'env.time': {'$lt': {'$ref': 'due'}}}", "2026-03-04T10:00:00Z", "?"},
        EdgeRow{"{'due': {'$gt': {'$ref': 'env.time'}}}", "2026-03-04T10:00:00Z", "?"},
        EdgeRow{"{'due': {'$eq': {'$ref': 'env.date'}}}", "2026-03-04T10:00:00Z", "?"},
        EdgeRow{"{'due': ['x', {'$ref': 'env.date'}]}", "2026-03-04T10:00:00Z", "?"},
        EdgeRow{"{'due': {'$between': ['2026-01-01T00:00:00Z', {'$ref': 'env.time'}]}}", "2026-03-04T10:00:00Z", "?"},
        EdgeRow{"{'env.time': {'$between': ['2026-01-01T00:00:00Z', 'x']}}", "2026-03-04T10:00:00Z", "?"},
        EdgeRow{"{'env.time': {'$between': {'$ref': 'due'}}}", "2026-03-04T10:00:00Z", "?"},
        EdgeRow{"{'$not': {'env.weekday': 'mon'}, 'time_range': {'from': '08:00', 'to': '18:00'}}", "2026-03-04T10:00:00Z", "?"},
    };
    for (const EdgeRow& row : rows) {
        const TimeEdge edge = compiled(row.conditions).next_edge(instant_of(row.now));
        const std::string found = !edge.computable ? "?" : edge.next ? edge.next->text() : "";
        EXPECT_EQ(found, row.next) << row.conditions << " at " << row.now;
    }
}

/// Until the edge the truth stays what it is, on the days when clocks change too.
TEST(ConditionEdges, never_overshoot) {
    constexpr std::array zones{
        "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia"};
    constexpr std::array windows{"'from': '02:30', 'to': '03:30'", "'from': '23:45', 'to': '00:15'",
                                 "'from': '00:00', 'to': '02:00'"};
    constexpr std::array days{"2026-03-28T12:03:07.5Z", "2026-10-24T12:03:07.5Z", "2011-12-29T12:03:07.5Z",
                              "2026-04-04T12:03:07.5Z"};
    for (const std::string zone : zones) {
        std::vector<Condition> conditions;
        for (const std::string window : windows)
            conditions.push_back(compiled("{'time_range': {" + window + ", 'tz': '" + zone + "'}}"));
        conditions.push_back(compiled("{'days_of_week': {'days': ['sun', 'fri'], 'tz': '" + zone + "'}}"));
        for (const Condition& condition : conditions) {
            for (const char* day : days) {
                World world = at(day);
                const Instant end = world.now.plus_seconds(86'400);
                for (Instant start = world.now; start < end; start = start.plus_seconds(23 * 60)) {
                    const TimeEdge edge = condition.next_edge(start);
                    ASSERT_TRUE(edge.computable && edge.next && *edge.next > start);
                    world.now = start;
                    const Truth truth = condition.evaluate(world.input());
                    for (Instant later = start; later < *edge.next; later = later.plus_seconds(10 * 60)) {
                        world.now = later;
                        ASSERT_EQ(condition.evaluate(world.input()), truth) << zone << ' ' << start.text() << ' ' << later.text();
                    }
                    world.now = {edge.next->seconds - 1, 999'999'999};
                    ASSERT_EQ(condition.evaluate(world.input()), truth)
                        << zone << ' ' << start.text() << ' ' << edge.next->text();
                }
            }
        }
    }
}

}  // namespace
}  // namespace sentinel::engine
