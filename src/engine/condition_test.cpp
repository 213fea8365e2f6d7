/// The truth of each operator, of paths, and of combinations.
#include "engine/condition.hpp"

#include <array>
#include <span>

#include "engine/condition_testing.hpp"

namespace sentinel::engine {
namespace {

using namespace testing;

/// `value` is what stands at the path `x`; empty: nothing does. `y`, `z`, `none` … are the subject's, for references.
struct Row {
    const char* operators;
    const char* value;
    Truth truth;
};

constexpr const char* subject = R"({
    "text": "a", "number": 5, "empty": [], "list": ["a", 1], "nothing": null, "nulls": [null], "pair": [1, 9], "mixed": [1, "b"],
    "three": [1, 2, 3], "words": ["b", "d"], "flags": [true, 1], "early": "2026-01-01T00:00:00Z", "flag": true,
    "days": ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"], "long": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]})";

void expect_rows(std::span<const Row> rows) {
    for (const Row& row : rows) {
        const std::string attributes = *row.value == '\0' ? "{}" : "{'x': " + std::string(row.value) + "}";
        const World world = world_with(attributes, subject);
        EXPECT_EQ(truth_of("{'x': " + std::string(row.operators) + "}", world), row.truth)
            << row.operators << " on " << row.value;
    }
}

TEST(ConditionOperators, equality) {
    constexpr std::array rows{
        Row{"{'$eq': 'a'}", "'a'", yes},
        Row{"{'$eq': 'a'}", "'b'", no},
        Row{"{'$eq': 'a'}", "", unknown},
        Row{"{'$eq': 'a'}", "1", unknown},
        Row{"{'$eq': 'a'}", "null", unknown},
        Row{"'a'", "'a'", yes},
        Row{"'a'", "'A'", no},
        Row{"1", "1.0", yes},
        Row{"0", "-0.0", yes},
        Row{"1", "true", unknown},
        Row{"true", "true", yes},
        Row{"true", "false", no},
        Row{"null", "null", yes},
        Row{"null", "'a'", no},
        Row{"null", "[]", no},
        Row{"null", "", unknown},
        Row{"{'$eq': [1, 'a']}", "[1, 'a']", yes},
        Row{"{'$eq': [1, 'a']}", "['a', 1]", no},
        Row{"{'$eq': [1]}", "['1']", no},
        Row{"{'$eq': []}", "[]", yes},
        Row{"{'$eq': {'k': {'l': 1}}}", "{'k': {'l': 1}}", yes},
        Row{"{'$eq': {'k': 1}}", "{'k': 2}", no},
        Row{"{'$eq': {'k': 1}}", "[1]", unknown},
        Row{"{'$eq': {}}", "{}", yes},
        Row{"'2026-01-01T00:00:00Z'", "'2026-01-01T00:00:00+00:00'", no},
        Row{"{'$ne': 'a'}", "'b'", yes},
        Row{"{'$ne': 'a'}", "'a'", no},
        Row{"{'$ne': 'a'}", "", unknown},
        Row{"{'$ne': 'a'}", "1", unknown},
        Row{"{'$ne': 'a'}", "null", unknown},
        Row{"{'$ne': null}", "null", no},
        Row{"{'$ne': null}", "'a'", yes},
        Row{"{'$ne': null}", "", unknown},
        Row{"{'$eq': {'$ref': 'user.text'}}", "'a'", yes},
        Row{"{'$ref': 'user.text'}", "'a'", yes},
        Row{"{'$ref': 'user.text'}", "'b'", no},
        Row{"{'$eq': {'$ref': 'user.none'}}", "'a'", unknown},
        Row{"{'$eq': {'$ref': 'user.number'}}", "'a'", unknown},
        Row{"{'$eq': {'$ref': 'user.nothing'}}", "'a'", no},
        Row{"{'$ne': {'$ref': 'user.nothing'}}", "'a'", yes},
        Row{"{'$eq': {'$ref': 'user.nothing'}}", "null", yes},
        Row{"{'$ne': {'$ref': 'user.none'}}", "'a'", unknown},
        Row{"{'$eq': {'$ref': 'user.text'}}", "null", unknown},
        Row{"{'$eq': {'$ref': 'user.list'}}", "['a', 1]", yes},
    };
    expect_rows(rows);
}

TEST(ConditionOperators, in_and_not_in) {
    constexpr std::array rows{
        Row{"['a', 'b']", "'b'", yes},
        Row{"['a', 'b']", "'c'", no},
        Row{"{'$in': ['a']}", "", unknown},
        Row{"{'$in': ['a']}", "1", unknown},
        Row{"{'$in': ['a', 2]}", "1", no},
        Row{"{'$in': ['a']}", "null", unknown},
        Row{"{'$in': ['a', null]}", "null", yes},
        Row{"{'$in': [null]}", "'a'", unknown},
        Row{"{'$in': [['a']]}", "['a']", unknown},
        Row{"{'$in': ['a']}", "['a']", unknown},
        Row{"{'$in': [{'k': 1}]}", "{'k': 1}", yes},
        Row{"{'$in': [{'k': 1}]}", "{'k': 2}", no},
        Row{"{'$in': [{'k': 1}]}", "'k'", unknown},
        Row{"{'$in': [true]}", "true", yes},
        Row{"{'$in': [true]}", "false", no},
        Row{"{'$in': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}", "10", yes},
        Row{"{'$in': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}", "11", no},
        Row{"{'$in': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}", "'1'", unknown},
        Row{"{'$in': ['i', 'h', 'g', 'f', 'e', 'd', 'c', 'b', 'a', 'a']}", "'a'", yes},
        Row{"{'$nin': ['a', 'b']}", "'c'", yes},
        Row{"{'$nin': ['a', 'b']}", "'a'", no},
        Row{"{'$nin': ['a']}", "", unknown},
        Row{"{'$nin': ['a']}", "1", unknown},
        Row{"{'$nin': ['a']}", "null", unknown},
        Row{"{'$nin': [null]}", "null", no},
        Row{"{'$nin': [null, 'b']}", "'a'", yes},
        Row{"{'$nin': [['a']]}", "['a']", unknown},
        // references as elements
        Row{"{'$in': ['b', {'$ref': 'user.text'}]}", "'a'", yes},
        Row{"{'$in': ['b', {'$ref': 'user.none'}]}", "'b'", yes},
        Row{"{'$in': ['b', {'$ref': 'user.none'}]}", "'c'", unknown},
        Row{"{'$nin': ['b', {'$ref': 'user.none'}]}", "'b'", no},
        Row{"{'$nin': ['b', {'$ref': 'user.none'}]}", "'c'", unknown},
        Row{"{'$in': [{'$ref': 'user.number'}]}", "'a'", unknown},
        Row{"{'$in': [{'$ref': 'user.number'}]}", "6", no},
        Row{"{'$in': [{'$ref': 'user.nothing'}]}", "null", yes},
        Row{"{'$in': [{'$ref': 'user.none'}, {'$ref': 'user.text'}]}", "'a'", yes},
        // a reference to the list
        Row{"{'$in': {'$ref': 'user.list'}}", "'a'", yes},
        Row{"{'$in': {'$ref': 'user.list'}}", "'b'", no},
        Row{"{'$in': {'$ref': 'user.list'}}", "true", unknown},
        Row{"{'$in': {'$ref': 'user.none'}}", "'a'", unknown},
        Row{"{'$in': {'$ref': 'user.text'}}", "'a'", unknown},
        Row{"{'$in': {'$ref': 'user.nothing'}}", "null", unknown},
        Row{"{'$in': {'$ref': 'user.empty'}}", "'a'", no},
        Row{"{'$nin': {'$ref': 'user.empty'}}", "'a'", yes},
        Row{"{'$in': {'$ref': 'user.empty'}}", "null", no},
        Row{"{'$in': {'$ref': 'user.empty'}}", "", unknown},
        Row{"{'$in': {'$ref': 'user.empty'}}", "['a']", unknown},
        Row{"{'$nin': {'$ref': 'user.empty'}}", "[]", unknown},
        Row{"{'$in': {'$ref': 'user.nulls'}}", "null", yes},
        Row{"{'$nin': {'$ref': 'user.list'}}", "'b'", yes},
    };
    expect_rows(rows);
}

TEST(ConditionOperators, ranges) {
    constexpr std::array rows{
        Row{"{'$gt': 1}", "2", yes},
        Row{"{'$gt': 1}", "1", no},
        Row{"{'$gte': 1}", "1", yes},
        Row{"{'$gte': 1}", "0.5", no},
        Row{"{'$lt': 1}", "0", yes},
        Row{"{'$lt': 1}", "1", no},
        Row{"{'$lte': 1}", "1", yes},
        Row{"{'$lte': 1}", "1.5", no},
        Row{"{'$gt': 1}", "", unknown},
        Row{"{'$gt': 1}", "'2'", unknown},
        Row{"{'$gt': 1}", "null", unknown},
        Row{"{'$gt': 1}", "true", unknown},
        Row{"{'$gt': 1}", "[2]", unknown},
        Row{"{'$gt': 'a'}", "'b'", yes},
        Row{"{'$gt': 'b'}", "'a'", no},
        Row{"{'$gt': 'Z'}", "'a'", yes},
        Row{"{'$gt': 'z'}", "'é'", yes},
        Row{"{'$gt': '\uffff'}", "'\U0001F600'", yes},
        Row{"{'$gt': '10'}", "'9'", yes},
        Row{"{'$lt': 'a'}", "1", unknown},
        Row{"{'$gte': ''}", "''", yes},
        // instants
        Row{"{'$lt': '2026-01-01T00:00:00Z'}", "'2026-01-01T00:30:00+01:00'", yes},
        Row{"{'$gte': '2026-01-01T00:00:00Z'}", "'2026-01-01T01:00:00+01:00'", yes},
        Row{"{'$lt': '2026-01-01T00:00:00Z'}", "'2025'", unknown},
        Row{"{'$lt': '2026-01-01'}", "'2025-12-31T23:00:00Z'", yes},
        Row{"{'$lt': '2026-01-01T00:00:00Z'}", "5", unknown},
        Row{"{'$lt': '2026-01-01T00:00:00Z'}", "null", unknown},
        Row{"{'$lt': '2026-01-01T00:00:00Z'}", "", unknown},
        Row{"{'$gt': '2026-01-01T00:00:00Z'}", "'2026-01-01T00:00:00.000000001Z'", yes},
        // $between
        Row{"{'$between': [1, 3]}", "1", yes},
        Row{"{'$between': [1, 3]}", "3", yes},
        Row{"{'$between': [1, 3]}", "4", no},
        Row{"{'$between': [1, 3]}", "0", no},
        Row{"{'$between': [3, 1]}", "2", no},
        Row{"{'$between': [1, 3]}", "'2'", unknown},
        Row{"{'$between': [1, 3]}", "", unknown},
        Row{"{'$between': [1, 3]}", "null", unknown},
        Row{"{'$between': ['a', 'c']}", "'b'", yes},
        Row{"{'$between': ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z']}", "'2026-01-15T00:00:00+02:00'", yes},
        Row{"{'$between': ['2026-01-01T00:00:00Z', 'x']}", "'2025-01-01T00:00:00Z'", no},
        Row{"{'$between': ['2026-01-01T00:00:00Z', 'x']}", "'abc'", unknown},
        Row{"{'$between': ['2026-01-01T00:00:00Z', 'x']}", "'z'", no},
        // references
        Row{"{'$gt': {'$ref': 'user.number'}}", "6", yes},
        Row{"{'$gt': {'$ref': 'user.number'}}", "5", no},
        Row{"{'$gt': {'$ref': 'user.none'}}", "6", unknown},
        Row{"{'$gt': {'$ref': 'user.number'}}", "'6'", unknown},
        Row{"{'$gt': {'$ref': 'user.nothing'}}", "6", unknown},
        Row{"{'$gt': {'$ref': 'user.nothing'}}", "null", unknown},
        Row{"{'$gt': {'$ref': 'user.flag'}}", "true", unknown},
        Row{"{'$gt': {'$ref': 'user.early'}}", "'2026-01-01T00:30:00+01:00'", no},
        Row{"{'$gt': {'$ref': 'user.early'}}", "'2027'", unknown},
        Row{"{'$gt': {'$ref': 'user.text'}}", "'b'", yes},
        Row{"{'$gt': {'$ref': 'user.text'}}", "'2026-01-01T00:00:00Z'", unknown},
        Row{"{'$gt': {'$ref': 'user.none'}}", "", unknown},
        Row{"{'$between': {'$ref': 'user.pair'}}", "9", yes},
        Row{"{'$between': {'$ref': 'user.pair'}}", "10", no},
        Row{"{'$between': {'$ref': 'user.mixed'}}", "0", unknown},
        Row{"{'$between': {'$ref': 'user.three'}}", "2", unknown},
        Row{"{'$between': {'$ref': 'user.none'}}", "2", unknown},
        Row{"{'$between': {'$ref': 'user.flags'}}", "2", unknown},
        Row{"{'$between': {'$ref': 'user.words'}}", "'c'", yes},
        Row{"{'$between': {'$ref': 'user.days'}}", "'2026-01-31T23:00:00-00:30'", yes},
        Row{"{'$between': {'$ref': 'user.days'}}", "'x'", unknown},
        Row{"{'$between': {'$ref': 'user.nulls'}}", "null", unknown},
        Row{"{'$between': [1, {'$ref': 'user.number'}]}", "5", yes},
        Row{"{'$between': [1, {'$ref': 'user.number'}]}", "6", no},
        Row{"{'$between': [1, {'$ref': 'user.none'}]}", "0", no},
        Row{"{'$between': [1, {'$ref': 'user.none'}]}", "2", unknown},
        Row{"{'$between': [{'$ref': 'user.text'}, 4]}", "5", no},
        Row{"{'$between': [{'$ref': 'user.text'}, 4]}", "3", unknown},
    };
    expect_rows(rows);
}

TEST(ConditionOperators, presence) {
    constexpr std::array rows{
        Row{"{'$exists': true}", "1", yes}, Row{"{'$exists': true}", "null", yes}, Row{"{'$exists': true}", "", no},
        Row{"{'$exists': false}", "1", no}, Row{"{'$exists': false}", "null", no}, Row{"{'$exists': false}", "", yes},
    };
    expect_rows(rows);
}

TEST(ConditionOperators, contains) {
    constexpr std::array rows{
        Row{"{'$contains': 'b'}", "'abc'", yes},
        Row{"{'$contains': 'd'}", "'abc'", no},
        Row{"{'$contains': ''}", "''", yes},
        Row{"{'$contains': 'b'}", "''", no},
        Row{"{'$contains': 'b'}", "", unknown},
        Row{"{'$contains': 'b'}", "1", unknown},
        Row{"{'$contains': 'b'}", "null", unknown},
        Row{"{'$contains': 'b'}", "{'b': 1}", unknown},
        Row{"{'$contains': 1}", "'1'", unknown},
        Row{"{'$contains': null}", "'a'", unknown},
        Row{"{'$contains': 'b'}", "['a', 'b']", yes},
        Row{"{'$contains': 'b'}", "[1, 'abc']", no},
        Row{"{'$contains': null}", "[null]", yes},
        Row{"{'$contains': null}", "[1]", no},
        Row{"{'$contains': null}", "null", unknown},
        Row{"{'$contains': {'k': 1}}", "[{'k': 1}]", yes},
        Row{"{'$contains': [1]}", "[[1]]", yes},
        Row{"{'$contains': [1]}", "[1]", no},
        Row{"{'$contains': 1}", "[]", no},
        Row{"{'$contains': {'$ref': 'user.text'}}", "'cat'", yes},
        Row{"{'$contains': {'$ref': 'user.none'}}", "'cat'", unknown},
        Row{"{'$contains': {'$ref': 'user.number'}}", "'5'", unknown},
        Row{"{'$contains': {'$ref': 'user.number'}}", "[5]", yes},
        Row{"{'$contains': {'$ref': 'user.nothing'}}", "[null]", yes},
        Row{"{'$contains': {'$ref': 'user.nothing'}}", "'a'", unknown},
        Row{"{'$contains': {'$ref': 'user.none'}}", "[]", unknown},
    };
    expect_rows(rows);
}

TEST(ConditionOperators, contains_any_and_all) {
    constexpr const char* long_list = "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,'a']";
    constexpr std::array rows{
        Row{"{'$containsAny': ['a', 1]}", "['b', 1]", yes},
        Row{"{'$containsAny': ['a']}", "['b', 1]", no},
        Row{"{'$containsAny': ['a']}", "", unknown},
        Row{"{'$containsAny': ['a']}", "'a'", unknown},
        Row{"{'$containsAny': ['a']}", "null", unknown},
        Row{"{'$containsAny': ['a']}", "[]", no},
        Row{"{'$containsAny': [null]}", "[null]", yes},
        Row{"{'$containsAny': ['a', {'$ref': 'user.none'}]}", "['a']", yes},
        Row{"{'$containsAny': ['a', {'$ref': 'user.none'}]}", "['b']", unknown},
        Row{"{'$containsAny': [{'$ref': 'user.number'}]}", "[5]", yes},
        Row{"{'$containsAny': {'$ref': 'user.list'}}", "[1]", yes},
        Row{"{'$containsAny': {'$ref': 'user.list'}}", "[2]", no},
        Row{"{'$containsAny': {'$ref': 'user.empty'}}", "[2]", no},
        Row{"{'$containsAny': {'$ref': 'user.empty'}}", "2", unknown},
        Row{"{'$containsAny': {'$ref': 'user.text'}}", "['a']", unknown},
        Row{"{'$containsAny': {'$ref': 'user.nothing'}}", "[null]", unknown},
        Row{"{'$containsAny': {'$ref': 'user.none'}}", "['a']", unknown},
        Row{"{'$containsAll': ['a', 1]}", "[1, 2, 'a']", yes},
        Row{"{'$containsAll': ['a', 1]}", "['a', '1']", no},
        Row{"{'$containsAll': ['a']}", "", unknown},
        Row{"{'$containsAll': ['a']}", "'a'", unknown},
        Row{"{'$containsAll': ['a']}", "null", unknown},
        Row{"{'$containsAll': ['a', 'a']}", "['a']", yes},
        Row{"{'$containsAll': ['a', {'$ref': 'user.none'}]}", "['a']", unknown},
        Row{"{'$containsAll': ['a', {'$ref': 'user.none'}]}", "['b']", no},
        Row{"{'$containsAll': [{'$ref': 'user.none'}, {'$ref': 'user.number'}]}", "['b']", no},
        Row{"{'$containsAll': {'$ref': 'user.list'}}", "[1, 'a', 2]", yes},
        Row{"{'$containsAll': {'$ref': 'user.list'}}", "[1]", no},
        Row{"{'$containsAll': {'$ref': 'user.empty'}}", "[]", yes},
        Row{"{'$containsAll': {'$ref': 'user.empty'}}", "", unknown},
        Row{"{'$containsAll': {'$ref': 'user.number'}}", "[5]", unknown},
        // long lists go another way
        Row{"{'$containsAll': {'$ref': 'user.long'}}", long_list, yes},
        Row{"{'$containsAny': {'$ref': 'user.long'}}", long_list, yes},
        Row{"{'$containsAll': {'$ref': 'user.long'}}", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,21]", no},
        Row{"{'$containsAny': {'$ref': 'user.long'}}", "[31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47]", no},
        Row{"{'$containsAll': [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18]}", long_list, yes},
        Row{"{'$containsAll': [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,'b']}", long_list, no},
    };
    expect_rows(rows);
}

TEST(ConditionOperators, text_ends_and_expressions) {
    constexpr std::array rows{
        Row{"{'$startsWith': 'ab'}", "'abc'", yes},
        Row{"{'$startsWith': 'b'}", "'abc'", no},
        Row{"{'$startsWith': 'a'}", "", unknown},
        Row{"{'$startsWith': 'a'}", "['a']", unknown},
        Row{"{'$startsWith': 'a'}", "null", unknown},
        Row{"{'$startsWith': ''}", "''", yes},
        Row{"{'$startsWith': {'$ref': 'user.text'}}", "'abc'", yes},
        Row{"{'$startsWith': {'$ref': 'user.number'}}", "'5'", unknown},
        Row{"{'$startsWith': {'$ref': 'user.none'}}", "'5'", unknown},
        Row{"{'$startsWith': {'$ref': 'user.nothing'}}", "'5'", unknown},
        Row{"{'$endsWith': 'bc'}", "'abc'", yes},
        Row{"{'$endsWith': 'b'}", "'abc'", no},
        Row{"{'$endsWith': 'a'}", "", unknown},
        Row{"{'$endsWith': 'a'}", "1", unknown},
        Row{"{'$endsWith': 'a'}", "null", unknown},
        Row{"{'$endsWith': {'$ref': 'user.text'}}", "'ba'", yes},
        Row{"{'$regex': 'b+'}", "'abbc'", yes},
        Row{"{'$regex': '^b+'}", "'abbc'", no},
        Row{"{'$regex': 'b'}", "", unknown},
        Row{"{'$regex': 'b'}", "1", unknown},
        Row{"{'$regex': 'b'}", "null", unknown},
        Row{"{'$regex': '^.$'}", "'é'", yes},
        Row{"{'$regex': ''}", "''", yes},
    };
    expect_rows(rows);
}

TEST(ConditionOperators, networks) {
    constexpr std::array rows{
        Row{"{'$cidr': '10.0.0.0/8'}", "'10.1.2.3'", yes},
        Row{"{'$cidr': '10.0.0.0/8'}", "'11.1.2.3'", no},
        Row{"{'$cidr': '10.0.0.0/8'}", "", unknown},
        Row{"{'$cidr': '10.0.0.0/8'}", "'x'", unknown},
        Row{"{'$cidr': '10.0.0.0/8'}", "10", unknown},
        Row{"{'$cidr': '10.0.0.0/8'}", "null", unknown},
        Row{"{'$cidr': '10.0.0.0/8'}", "'::ffff:10.1.2.3'", yes},
        Row{"{'$cidr': '::/0'}", "'10.1.2.3'", no},
        Row{"{'$cidr': ['10.0.0.0/8', '2001:db8::/32']}", "'2001:db8::1'", yes},
        Row{"{'$cidr': ['10.0.0.0/8', '2001:db8::/32']}", "'2001:db9::1'", no},
        Row{"{'$cidr': '10.0.0.0/8'}", "'10.1.2.3/32'", unknown},
    };
    expect_rows(rows);
}

// ---- combinations --------------------------------------------------------------------------------------------------

TEST(ConditionTruth, kleene_tables) {
    const std::array truths{no, unknown, yes};
    const auto leaf = [](Truth truth) { return truth == unknown ? "{'none': 1}" : truth == yes ? "{'x': 1}" : "{'x': 2}"; };
    const World world = world_with("{'x': 1}");
    for (const Truth left : truths) {
        const auto negated = static_cast<Truth>(2 - static_cast<int>(left));
        EXPECT_EQ(truth_of(std::string("{'$not': ") + leaf(left) + "}", world), negated);
        for (const Truth right : truths) {
            const std::string list = std::string(": [") + leaf(left) + ", " + leaf(right) + "]}";
            EXPECT_EQ(truth_of("{'$and'" + list, world), std::min(left, right)) << list;
            EXPECT_EQ(truth_of("{'$or'" + list, world), std::max(left, right)) << list;
            EXPECT_EQ(truth_of("{'$not': {'$or'" + list + "}", world),
                      static_cast<Truth>(2 - static_cast<int>(std::max(left, right))))
                << list;
        }
    }
}

TEST(ConditionTruth, nesting) {
    const World world = world_with("{'x': 1, 'y': 'b'}");
    EXPECT_EQ(truth_of("{}", world), yes);
    EXPECT_TRUE(compiled("{}").is_always_true());
    EXPECT_TRUE(compiled("{'$and': [{}]}").is_always_true());
    EXPECT_FALSE(compiled("{'x': 1}").is_always_true());
    EXPECT_EQ(truth_of("{'$not': {}}", world), no);
    EXPECT_EQ(truth_of("{'$or': [{}]}", world), yes);
    EXPECT_EQ(truth_of("{'$or': [{'x': 2}, {}]}", world), yes);
    EXPECT_EQ(truth_of("{'$and': [{}, {'x': 2}]}", world), no);
    EXPECT_EQ(truth_of("{'x': 1, 'y': 'b'}", world), yes);
    EXPECT_EQ(truth_of("{'x': 1, 'y': 'c'}", world), no);
    EXPECT_EQ(truth_of("{'$or': [{'x': 1, 'y': 'c'}, {'x': 2, 'y': 'b'}]}", world), no);
    EXPECT_EQ(truth_of("{'$or': [{'x': 2}, {'$and': [{'x': 1}, {'$not': {'y': 'c'}}]}], 'x': {'$gt': 0, '$lt': 2}}", world), yes);
    EXPECT_EQ(truth_of("{'x': {'$gt': 0, '$lt': 1}}", world), no);
    EXPECT_EQ(truth_of("{'x': {'$not': {'$gt': 0, '$lt': 1}}}", world), yes);
    EXPECT_EQ(truth_of("{'x': {'$not': {'$not': {'$gt': 0}}, '$lt': 2}}", world), yes);
    EXPECT_EQ(truth_of("{'none': {'$not': {'$gt': 0}}}", world), unknown);
    EXPECT_EQ(truth_of("{'$not': {'x': 1, 'none': 1}}", world), unknown);
    EXPECT_EQ(truth_of("{'$not': {'x': 2, 'none': 1}}", world), yes);
}

// ---- paths ---------------------------------------------------------------------------------------------------------

TEST(ConditionPaths, resource_attributes_and_overlay) {
    World world = world_with("{'a': {'b': 1}, 'c': 'stored', 'd': 'stored'}", "{}",
                             "{'c': 'context', 'e': 'context', 'a': {'z': 1}, 'f': {'g': 2}}");
    world.overlay = object_of("{'c': 'overlay', 'd': null}");
    for (const std::string root : {"", "resource.", "attributes."}) {
        EXPECT_EQ(truth_of("{'" + root + "a.b': 1}", world), yes) << root;
        EXPECT_EQ(truth_of("{'" + root + "a.b.c': {'$exists': true}}", world), no) << root;
        EXPECT_EQ(truth_of("{'" + root + "c': 'overlay'}", world), yes) << root;
        EXPECT_EQ(truth_of("{'" + root + "d': null}", world), yes) << root;
        EXPECT_EQ(truth_of("{'" + root + "a.z': {'$exists': true}}", world), no) << root;
        EXPECT_EQ(truth_of("{'" + root + "e': {'$exists': true}}", world), root.empty() ? yes : no) << root;
        EXPECT_EQ(truth_of("{'" + root + "f.g': 2}", world), root.empty() ? yes : unknown) << root;
    }
    world.overlay = object_of("{'a': {}}");
    EXPECT_EQ(truth_of("{'a.b': {'$exists': true}}", world), no) << "an overlay replaces the whole top-level member";
}

TEST(ConditionPaths, built_ins_cannot_be_shadowed) {
    World world = world_with("{'id': 'x', 'type': 'x', 'path': 'x', 'workflow_state': 'x'}",
                             "{'id': 'x', 'email_domain': 'x', 'roles': ['x'], 'groups': ['x'], 'is_service_account': 'x'}");
    world.overlay = world.stored;
    EXPECT_EQ(
        truth_of("{'resource.id': 'r1', 'resource.type': 'invoice', 'resource.path': '/a/b', 'resource.workflow_state': 'draft'}",
                 world),
        yes);
    EXPECT_EQ(truth_of("{'attributes.id': 'x', 'type': 'x', 'attributes.path': 'x', 'workflow_state': 'x'}", world), yes);
    for (const std::string root : {"user.", "subject."}) {
        EXPECT_EQ(truth_of("{'" + root + "id': 'u1', '" + root + "email_domain': 'example.org', '" + root +
                               "is_service_account': false}",
                           world),
                  yes);
        EXPECT_EQ(
            truth_of("{'" + root + "roles': {'$containsAll': ['admin', 'clerk']}, '" + root + "groups': {'$contains': 'apac'}}",
                     world),
            yes);
        EXPECT_EQ(truth_of("{'" + root + "roles': {'$contains': 'x'}}", world), no);
    }
    EXPECT_EQ(truth_of("{'user_attributes.id': 'x', 'user_attributes.roles': {'$contains': 'x'}}", world), yes);
    EXPECT_EQ(truth_of("{'resource.id.x': {'$exists': true}}", world), no) << "below a built-in nothing is found";
    EXPECT_EQ(truth_of("{'user.groups.x': {'$exists': true}}", world), no);

    ConditionInput input = world.input();
    input.resource_id = input.resource_path = input.workflow_state = input.email_domain = std::nullopt;
    for (const char* path : {"resource.id", "resource.path", "resource.workflow_state", "user.email_domain"}) {
        EXPECT_EQ(compiled("{'" + std::string(path) + "': {'$exists': true}}").evaluate(input), no) << path;
        EXPECT_EQ(compiled("{'" + std::string(path) + "': 'x'}").evaluate(input), unknown) << path;
    }
}

TEST(ConditionPaths, subject_context_and_absent_parts) {
    const World world =
        world_with("{}", "{'department': 'sales', 'deep': {'er': true}}", "{'ip': '10.0.0.1', 'list': [{'a': 1}]}");
    EXPECT_EQ(truth_of("{'user.department': 'sales', 'subject.deep.er': true, 'user_attributes.department': 'sales', "
                       "'context.ip': '10.0.0.1'}",
                       world),
              yes);
    EXPECT_EQ(truth_of("{'context.list.0': {'$exists': true}}", world), no);
    EXPECT_EQ(truth_of("{'department': {'$exists': true}}", world), no);
    for (const char* path : {"resource.x", "x", "user.x", "context.x", "user.roles", "user.groups"}) {
        EXPECT_EQ(compiled("{'" + std::string(path) + "': {'$exists': true}}").evaluate({}), no) << path;
    }
}

TEST(ConditionPaths, environment) {
    World world = world_with("{'due': '2026-03-04T12:00:00+01:00', 'day': '2026-03-04'}");
    world.now = instant_of("2026-03-04T10:20:30.25Z");
    EXPECT_EQ(truth_of("{'env.time': '2026-03-04T10:20:30.25Z', 'env.time_of_day': '10:20:30', 'env.weekday': 'wed', 'env.date': "
                       "'2026-03-04'}",
                       world),
              yes);
    EXPECT_EQ(truth_of("{'env.time_of_day': {'$gte': '10:20'}, 'env.weekday': ['tue', 'wed'], 'env.date': {'$lt': '2026-03-05'}}",
                       world),
              yes);
    EXPECT_EQ(truth_of("{'resource.due': {'$gt': {'$ref': 'env.time'}}, 'env.time': {'$lt': {'$ref': 'due'}}}", world), yes);
    EXPECT_EQ(truth_of("{'resource.day': {'$eq': {'$ref': 'env.date'}}}", world), yes);
    EXPECT_EQ(truth_of("{'resource.day': {'$gt': {'$ref': 'env.time'}}}", world), unknown);
    EXPECT_EQ(truth_of("{'env.time': {'$gt': {'$ref': 'day'}}}", world), unknown);
    EXPECT_EQ(truth_of("{'env.time': {'$gt': '2026-03-04'}}", world), yes) << "code points, since the operand is no date-time";
    EXPECT_EQ(truth_of("{'env.time': {'$between': ['2026-03-04T10:20:30Z', {'$ref': 'due'}]}}", world), yes);
    EXPECT_EQ(truth_of("{'env.time': {'$exists': true}, 'env.date': {'$exists': true}}", world), yes);
    EXPECT_EQ(truth_of("{'due': {'$in': [{'$ref': 'env.time'}, {'$ref': 'env.date'}]}}", world), no);
}

// ---- explanation ---------------------------------------------------------------------------------------------------

TEST(ConditionTrace, every_leaf_in_canonical_order_without_short_circuit) {
    World world = world_with("{'x': 5}", "{}", "{'ip_address': '10.0.0.1'}");
    const Condition condition = compiled(
        "{'z': null, 'x': {'$not': {'$lt': 3}, '$gt': 9}, '$or': [{'x': 5}, {'x': ['a', 5]}], 'ip_range': '10.0.0.0/8', "
        "'days_of_week': {'days': ['wed']}}");
    std::vector<LeafTrace> leaves;
    condition.trace(world.input(), leaves);
    std::string text;
    for (const LeafTrace& leaf : leaves) {
        text += leaf.path + " " + leaf.operator_name + " " + json::to_text(leaf.expected) + " " +
                (leaf.actual ? json::to_text(*leaf.actual) : "-") + " " + std::string(truth_text(leaf.truth)) + "\n";
    }
    EXPECT_EQ(text,
              "x $eq 5 5 true\n"
              "x $in [\"a\",5] 5 true\n"
              "env.time $weekday {\"days\":[\"wed\"]} \"2026-03-04T10:20:30Z\" true\n"
              "context.ip_address $cidr \"10.0.0.0/8\" \"10.0.0.1\" true\n"
              "x $gt 9 5 false\n"
              "x $lt 3 5 false\n"
              "z $eq null - unknown\n");
    EXPECT_EQ(json::to_text(condition.matched(world.input())),
              R"({"context.ip_address":"10.0.0.1","env.time":"2026-03-04T10:20:30Z","x":5})");
    leaves.clear();
    Condition().trace(world.input(), leaves);
    EXPECT_TRUE(leaves.empty());
    EXPECT_TRUE(Condition().matched(world.input()).empty());
}

TEST(ConditionReads, subject_names) {
    const auto names = [](std::string_view conditions) { return compiled(conditions).subject_attribute_names(); };
    using Names = std::vector<std::string>;
    EXPECT_EQ(names("{'x': 1}"), Names{});
    EXPECT_FALSE(compiled("{'x': 1, 'context.user': 2}").reads_subject());
    EXPECT_EQ(
        names("{'user.b.c': 1, 'subject.a': {'$exists': true}, 'user.roles': {'$contains': 'x'}, 'user_attributes.roles': 1}"),
        (Names{"a", "b", "roles"}));
    EXPECT_EQ(names("{'x': {'$in': [{'$ref': 'user.d'}, {'$ref': 'user.d'}]}, 'y': {'$between': [1, {'$ref': 'user.e'}]}, 'z': "
                    "{'$eq': {'$ref': 'user.f'}}}"),
              (Names{"d", "e", "f"}));
    EXPECT_TRUE(compiled("{'x': {'$ref': 'user.id'}}").reads_subject());
    EXPECT_TRUE(compiled("{'user.id.x': 1}").reads_subject());
    EXPECT_EQ(names("{'x': {'$ref': 'user.id'}}"), Names{});
    EXPECT_FALSE(Condition().reads_subject());
    EXPECT_TRUE(Condition().subject_attribute_names().empty());
}

TEST(ConditionMemory, grows_with_what_is_kept) {
    const std::size_t small = compiled("{'x': 1}").bytes();
    EXPECT_LT(Condition().bytes(), small);
    EXPECT_GE(compiled("{'x': '" + std::string(10'000, 'a') + "'}").bytes(), small + 10'000);
}

}  // namespace
}  // namespace sentinel::engine
