/// What is refused when written, where the fault points, and the limits.
#include <array>
#include <string>

#include "engine/condition_testing.hpp"
#include "engine/engine.hpp"

namespace sentinel::engine {
namespace {

using namespace testing;

struct Refused {
    const char* conditions;
    const char* pointer;
    const char* code;
};

/// Within every other limit, 256 expressions of 10,000 instructions each took a minute to load.
TEST(ConditionCompile, ExpressionsTogetherAreBounded) {
    const auto alternatives = [](std::size_t count) {
        json::Array list;
        for (std::size_t at = 0; at < count; ++at) {
            list.emplace_back(json::Object{{"a", json::Object{{"$regex", "[ab]{500}" + std::to_string(at)}}}});
        }
        return json::Object{{"$or", std::move(list)}};
    };
    EXPECT_TRUE(Condition::compile(alternatives(7)));
    const auto refused = Condition::compile(alternatives(256));
    ASSERT_FALSE(refused);
    ASSERT_EQ(refused.error().size(), 1U);
    EXPECT_EQ(refused.error()[0].code, "limit");
}

TEST(ConditionCompile, AnExpressionLooksAtSixtyFourKibibytes) {
    const auto condition = Condition::compile(json::Object{{"a", json::Object{{"$regex", "b$"}}}});
    const auto truth_of_length = [&](std::size_t length) {
        const json::Object attributes{{"a", std::string(length - 1, 'a') + "b"}};
        return condition->evaluate({.stored_attributes = &attributes});
    };
    EXPECT_EQ(truth_of_length(max_regex_text_bytes), Truth::yes);
    EXPECT_EQ(truth_of_length(max_regex_text_bytes + 1), Truth::unknown);
}

TEST(ConditionFaults, each_with_its_pointer) {
    constexpr std::array rows{
        // shape
        Refused{"{'a': {}}", "/a", "format"},
        Refused{"{'a': {'b': 1}}", "/a/b", "format"},
        Refused{"{'a': {'$eq': 1, 'b': 1}}", "/a/b", "format"},
        Refused{"{'a': {'$like': 1}}", "/a/$like", "format"},
        Refused{"{'$eq': 1}", "/$eq", "format"},
        Refused{"{'$nor': [{}]}", "/$nor", "format"},
        Refused{"{'a': {'$and': [{}]}}", "/a/$and", "format"},
        Refused{"{'a': {'$EQ': 1}}", "/a/$EQ", "format"},
        Refused{"{'a/b': {'$~': 1}}", "/a~1b/$~0", "format"},
        Refused{"{'a': []}", "/a", "range"},
        // combinators
        Refused{"{'$and': []}", "/$and", "range"},
        Refused{"{'$or': []}", "/$or", "range"},
        Refused{"{'$and': {}}", "/$and", "type"},
        Refused{"{'$or': null}", "/$or", "type"},
        Refused{"{'$or': [1]}", "/$or/0", "type"},
        Refused{"{'$and': [{}, null]}", "/$and/1", "type"},
        Refused{"{'$not': []}", "/$not", "type"},
        Refused{"{'$not': null}", "/$not", "type"},
        Refused{"{'a': {'$not': 1}}", "/a/$not", "type"},
        Refused{"{'a': {'$not': {}}}", "/a/$not", "format"},
        Refused{"{'$or': [{'$and': [{'a': {'$in': []}}]}]}", "/$or/0/$and/0/a/$in", "range"},
        // paths
        Refused{"{'': 1}", "/", "format"},
        Refused{"{'a.': 1}", "/a.", "format"},
        Refused{"{'.a': 1}", "/.a", "format"},
        Refused{"{'a..b': 1}", "/a..b", "format"},
        Refused{"{'resource': 1}", "/resource", "format"},
        Refused{"{'attributes': 1}", "/attributes", "format"},
        Refused{"{'user': 1}", "/user", "format"},
        Refused{"{'subject': 1}", "/subject", "format"},
        Refused{"{'user_attributes': 1}", "/user_attributes", "format"},
        Refused{"{'context': 1}", "/context", "format"},
        Refused{"{'env': 1}", "/env", "format"},
        Refused{"{'env.year': 1}", "/env.year", "format"},
        Refused{"{'env.time.x': 1}", "/env.time.x", "format"},
        Refused{"{'user.': 1}", "/user.", "format"},
        // null and wrong shapes
        Refused{"{'a': {'$gt': null}}", "/a/$gt", "type"},
        Refused{"{'a': {'$gt': true}}", "/a/$gt", "type"},
        Refused{"{'a': {'$gt': [1]}}", "/a/$gt", "type"},
        Refused{"{'a': {'$lte': {}}}", "/a/$lte", "type"},
        Refused{"{'a': {'$in': null}}", "/a/$in", "type"},
        Refused{"{'a': {'$in': 'x'}}", "/a/$in", "type"},
        Refused{"{'a': {'$in': []}}", "/a/$in", "range"},
        Refused{"{'a': {'$nin': []}}", "/a/$nin", "range"},
        Refused{"{'a': {'$nin': null}}", "/a/$nin", "type"},
        Refused{"{'a': {'$containsAny': []}}", "/a/$containsAny", "range"},
        Refused{"{'a': {'$containsAll': []}}", "/a/$containsAll", "range"},
        Refused{"{'a': {'$containsAll': 'x'}}", "/a/$containsAll", "type"},
        Refused{"{'a': {'$exists': 1}}", "/a/$exists", "type"},
        Refused{"{'a': {'$exists': null}}", "/a/$exists", "type"},
        Refused{"{'a': {'$startsWith': 1}}", "/a/$startsWith", "type"},
        Refused{"{'a': {'$endsWith': null}}", "/a/$endsWith", "type"},
        Refused{"{'a': {'$between': 1}}", "/a/$between", "type"},
        Refused{"{'a': {'$between': [1]}}", "/a/$between", "range"},
        Refused{"{'a': {'$between': [1, 2, 3]}}", "/a/$between", "range"},
        Refused{"{'a': {'$between': [1, 'x']}}", "/a/$between", "type"},
        Refused{"{'a': {'$between': [1, null]}}", "/a/$between/1", "type"},
        Refused{"{'a': {'$between': null}}", "/a/$between", "type"},
        // operators inside literals
        Refused{"{'a': {'$eq': {'$gt': 1}}}", "/a/$eq", "format"},
        Refused{"{'a': {'$eq': {'b': [{'$ref': 'x'}]}}}", "/a/$eq", "format"},
        Refused{"{'a': {'$ne': {'$ref': 'x', 'y': 1}}}", "/a/$ne", "format"},
        Refused{"{'a': {'$contains': {'b': {'$in': 1}}}}", "/a/$contains", "format"},
        Refused{"{'a': ['x', {'$gt': 1}]}", "/a/1", "format"},
        Refused{"{'a': {'$eq': [{'$ref': 'x'}]}}", "/a/$eq", "format"},
        // references
        Refused{"{'a': {'$eq': {'$ref': 1}}}", "/a/$eq/$ref", "type"},
        Refused{"{'a': {'$eq': {'$ref': 'user'}}}", "/a/$eq/$ref", "format"},
        Refused{"{'a': {'$in': [1, {'$ref': 'x.'}]}}", "/a/$in/1/$ref", "format"},
        Refused{"{'a': {'$gt': {'$ref': 'env.x'}}}", "/a/$gt/$ref", "format"},
        Refused{"{'a': {'$between': [{'$ref': ''}, 1]}}", "/a/$between/0/$ref", "format"},
        Refused{"{'a': {'$ref': null}}", "/a/$ref", "type"},
        Refused{"{'a': {'$ref': 'x', '$eq': 1}}", "/a/$ref", "format"},
        Refused{"{'a': {'$regex': {'$ref': 'x'}}}", "/a/$regex", "type"},
        Refused{"{'a': {'$cidr': {'$ref': 'x'}}}", "/a/$cidr", "type"},
        Refused{"{'a': {'$cidr': [{'$ref': 'x'}]}}", "/a/$cidr/0", "type"},
        Refused{"{'a': {'$exists': {'$ref': 'x'}}}", "/a/$exists", "type"},
        // expressions and networks
        Refused{"{'a': {'$regex': '('}}", "/a/$regex", "format"},
        Refused{"{'a': {'$regex': '(?=a)'}}", "/a/$regex", "format"},
        Refused{"{'a': {'$regex': null}}", "/a/$regex", "type"},
        Refused{"{'a': {'$regex': '((a{100}){100}){100}'}}", "/a/$regex", "format"},
        Refused{"{'a': {'$cidr': '10.0.0.0'}}", "/a/$cidr", "format"},
        Refused{"{'a': {'$cidr': '10.0.0.1/8'}}", "/a/$cidr", "format"},
        Refused{"{'a': {'$cidr': []}}", "/a/$cidr", "range"},
        Refused{"{'a': {'$cidr': ['10.0.0.0/8', 'x']}}", "/a/$cidr/1", "format"},
        Refused{"{'a': {'$cidr': null}}", "/a/$cidr", "type"},
        Refused{"{'ip_range': 'x'}", "/ip_range", "format"},
        // local time
        Refused{"{'a': {'$timeOfDay': '08:00'}}", "/a/$timeOfDay", "type"},
        Refused{"{'a': {'$timeOfDay': null}}", "/a/$timeOfDay", "type"},
        Refused{"{'a': {'$timeOfDay': {'from': '08:00'}}}", "/a/$timeOfDay/to", "required"},
        Refused{"{'a': {'$timeOfDay': {'to': '08:00'}}}", "/a/$timeOfDay/from", "required"},
        Refused{"{'a': {'$timeOfDay': {'from': '8:00', 'to': '09:00'}}}", "/a/$timeOfDay/from", "format"},
        Refused{"{'a': {'$timeOfDay': {'from': '08:00', 'to': '24:00'}}}", "/a/$timeOfDay/to", "format"},
        Refused{"{'a': {'$timeOfDay': {'from': 8, 'to': '09:00'}}}", "/a/$timeOfDay/from", "type"},
        Refused{"{'a': {'$timeOfDay': {'from': '08:00', 'to': '08:00:00'}}}", "/a/$timeOfDay", "range"},
        Refused{"{'a': {'$timeOfDay': {'from': '08:00', 'to': '09:00', 'tz': 'Mars/Base'}}}", "/a/$timeOfDay/tz", "format"},
        Refused{"{'a': {'$timeOfDay': {'from': '08:00', 'to': '09:00', 'tz': null}}}", "/a/$timeOfDay/tz", "type"},
        Refused{"{'a': {'$timeOfDay': {'from': '08:00', 'to': '09:00', 'zone': 'UTC'}}}", "/a/$timeOfDay/zone", "unknown_member"},
        Refused{"{'a': {'$timeOfDay': {'from': {'$ref': 'x'}, 'to': '09:00'}}}", "/a/$timeOfDay/from", "type"},
        Refused{"{'time_range': {'from': '08:00'}}", "/time_range/to", "required"},
        Refused{"{'a': {'$weekday': ['mon']}}", "/a/$weekday", "type"},
        Refused{"{'a': {'$weekday': {}}}", "/a/$weekday/days", "required"},
        Refused{"{'a': {'$weekday': {'days': 'mon'}}}", "/a/$weekday/days", "type"},
        Refused{"{'a': {'$weekday': {'days': []}}}", "/a/$weekday/days", "range"},
        Refused{"{'a': {'$weekday': {'days': ['mon', 'Tue']}}}", "/a/$weekday/days/1", "format"},
        Refused{"{'a': {'$weekday': {'days': [1]}}}", "/a/$weekday/days/0", "type"},
        Refused{"{'a': {'$weekday': {'days': ['mon'], 'tz': 'utc'}}}", "/a/$weekday/tz", "format"},
        Refused{"{'a': {'$weekday': {'days': ['mon'], 'from': 1}}}", "/a/$weekday/from", "unknown_member"},
        Refused{"{'days_of_week': ['mon']}", "/days_of_week", "type"},
    };
    for (const Refused& row : rows) {
        const core::Faults faults = validate_conditions(object_of(row.conditions));
        ASSERT_EQ(faults.size(), 1u) << row.conditions;
        EXPECT_EQ(faults[0].pointer, row.pointer) << row.conditions;
        EXPECT_EQ(faults[0].code, row.code) << row.conditions;
        EXPECT_FALSE(faults[0].message.empty());
        EXPECT_FALSE(Condition::compile(object_of(row.conditions)));
    }
}

TEST(ConditionFaults, all_at_once) {
    const core::Faults faults =
        validate_conditions(object_of("{'$or': [{'a': {'$gt': null}}, {'b..': 1}], 'c': {'$in': [{'$x': 1}, {'$y': 2}]}}"));
    std::string pointers;
    for (const core::Fault& fault : faults) pointers += fault.pointer + "\n";
    EXPECT_EQ(pointers, "/$or/0/a/$gt\n/$or/1/b..\n/c/$in/0\n/c/$in/1\n");
}

TEST(ConditionFaults, are_bounded) {
    std::string conditions = "{'a': {'$cidr': [''";
    for (int count = 0; count < 5'000; ++count) conditions += ", ''";
    EXPECT_EQ(validate_conditions(object_of(conditions + "]}}")).size(), 256u);
}

TEST(ConditionFaults, legal_forms) {
    for (const char* conditions :
         {"{}", "{'a': null}", "{'a': {'$eq': null, '$ne': null, '$contains': null}}", "{'a': [null]}", "{'a': {'$eq': []}}",
          "{'a': {'$eq': {}}}", "{'a': [{'b': 1}, []]}", "{'a': {'$not': {'$not': {'$eq': 1}}}}", "{'$not': {'$not': {}}}",
          "{'resource.time_range': 1}", "{'time_range.x': 1}", "{'a.$b': 1}", "{'a': {'$startsWith': {'$ref': 'b'}}}",
          "{'a': {'$between': [5, 1]}}", "{'a': {'$between': [{'$ref': 'b'}, {'$ref': 'c'}]}}", "{'a': {'$eq': '$ref'}}",
          "{'a': {'$weekday': {'days': ['mon', 'mon'], 'tz': 'Asia/Singapore'}}}", "{'användare': 1}",
          "{'env2': 1, 'users.x': 1}"}) {
        const core::Faults faults = validate_conditions(object_of(conditions));
        EXPECT_TRUE(faults.empty()) << conditions << ": " << (faults.empty() ? "" : faults[0].pointer);
    }
}

// ---- limits --------------------------------------------------------------------------------------------------------

std::string nested(int levels, const std::string& open, const std::string& close, std::string innermost) {
    for (int level = 0; level < levels; ++level) innermost = open + innermost + close;
    return innermost;
}

TEST(ConditionLimits, depth) {
    for (const auto& [open, close] : {std::pair{"{'$not': ", "}"}, std::pair{"{'$and': [", "]}"}, std::pair{"{'$or': [", "]}"}}) {
        EXPECT_TRUE(validate_conditions(object_of(nested(15, open, close, "{'a': 1}"))).empty()) << open;
        const core::Faults faults = validate_conditions(object_of(nested(16, open, close, "{'a': 1}")));
        ASSERT_EQ(faults.size(), 1u) << open;
        EXPECT_EQ(faults[0].code, "limit");
        EXPECT_FALSE(validate_conditions(object_of(nested(16, open, close, "{}"))).empty()) << "empty conditions count too";
    }
    const auto operators = [](int levels) { return "{'a': " + nested(levels, "{'$not': ", "}", "{'$eq': 1}") + "}"; };
    EXPECT_TRUE(validate_conditions(object_of(operators(15))).empty());
    EXPECT_FALSE(validate_conditions(object_of(operators(16))).empty());
    EXPECT_TRUE(validate_conditions(object_of(nested(14, "{'$not': ", "}", operators(1)))).empty());
    EXPECT_FALSE(validate_conditions(object_of(nested(15, "{'$not': ", "}", operators(1)))).empty());
}

TEST(ConditionLimits, leaves) {
    const auto with_leaves = [](int count) {
        std::string list = "{'$or': [{'a': {'$gt': 1, '$lt': 9}}";
        for (int leaf = 2; leaf < count; ++leaf) list += ", {'a': 1}";
        return object_of(list + "]}");
    };
    EXPECT_TRUE(validate_conditions(with_leaves(256)).empty());
    const core::Faults faults = validate_conditions(with_leaves(257));
    ASSERT_EQ(faults.size(), 1u);
    EXPECT_EQ(faults[0].code, "limit");
    EXPECT_EQ(faults[0].pointer, "");
}

TEST(ConditionLimits, bytes) {
    const auto with_bytes = [](std::size_t bytes) {
        return object_of("{'a': '" + std::string(bytes - std::string_view("{'a':''}").size(), 'x') + "'}");
    };
    ASSERT_EQ(json::to_text(with_bytes(65'536)).size(), 65'536u);
    EXPECT_TRUE(validate_conditions(with_bytes(65'536)).empty());
    const core::Faults faults = validate_conditions(with_bytes(65'537));
    ASSERT_EQ(faults.size(), 1u);
    EXPECT_EQ(faults[0].code, "limit");
}

}  // namespace
}  // namespace sentinel::engine
