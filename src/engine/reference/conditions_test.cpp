/// Section 5 of decision-semantics.md: every operator in its three truths, and what is refused when written; page 06.

#include <algorithm>

#include "engine/reference/test_tenant.hpp"

namespace sentinel::engine::reference {
namespace {

/// The truth of `{"x": …}` with resource attributes, the subject's attributes and a context.
std::string truth(std::string_view conditions, std::string_view attributes, std::string_view subject = "{}",
                  std::string_view context = "{}") {
    Permission permission;
    permission.resource_type = "*";
    permission.resource_path = "**";
    permission.actions = {"read"};
    permission.conditions = object(conditions);
    if (!validate(permission).empty()) return "refused";
    const Truth result = evaluate_conditions(permission.conditions, object(attributes), object(subject), object(context), noon);
    return result == Truth::yes ? "true" : result == Truth::no ? "false" : "unknown";
}

struct Row {
    std::string_view expected;
    std::string_view operators;  ///< of the path `x`
    std::string_view x;          ///< "" = missing
    std::string_view user = "{}";
};

void expect_rows(std::initializer_list<Row> rows) {
    for (const Row& row : rows) {
        const std::string conditions = R"({"x": )" + std::string(row.operators) + "}";
        const std::string attributes = row.x.empty() ? "{}" : R"({"x": )" + std::string(row.x) + "}";
        EXPECT_EQ(truth(conditions, attributes, row.user), row.expected)
            << row.operators << " on " << row.x << " user " << row.user;
    }
}

TEST(ReferenceOperators, Equality) {
    expect_rows({
        {"true", R"("a")", R"("a")"},
        {"false", R"("a")", R"("A")"},
        {"unknown", R"("1")", "1"},
        {"unknown", R"("a")", ""},
        {"true", "1", "1.0"},
        {"true", "0", "-0"},
        {"true", R"({"$eq": [1, {"a": 2}]})", R"([1, {"a": 2}])"},
        {"false", R"({"$eq": [1, 2]})", "[2, 1]"},
        {"true", "null", "null"},
        {"false", "null", "1"},
        {"unknown", "null", ""},
        {"unknown", R"("a")", "null"},
        {"unknown", R"({"$ne": "a"})", "null"},
        {"true", R"({"$ne": null})", "1"},
        {"false", R"({"$ne": null})", "null"},
        {"true", R"({"$ne": 1})", "2"},
        {"unknown", R"({"$ne": 1})", R"("2")"},
        {"true", R"({"$ref": "user.y"})", "1", R"({"y": 1})"},
        {"unknown", R"({"$ref": "user.y"})", "1"},
        {"false", R"({"$ref": "user.y"})", "1", R"({"y": null})"},
        {"true", R"({"$eq": {"a": null}})", R"({"a": null})"},
        {"refused", "{}", "1"},
        {"refused", R"({"a": 1})", "1"},
        {"refused", R"({"$equals": 1})", "1"},
        {"refused", R"({"$eq": {"$a": 1}})", "1"},
        {"refused", R"({"$eq": {"a": [{"$ref": "b"}]}})", "1"},
        {"refused", R"({"$ref": 1})", "1"},
        {"refused", R"({"$ref": "user"})", "1"},
    });
}

TEST(ReferenceOperators, Lists) {
    expect_rows({
        {"true", "[1, \"a\"]", R"("a")"},
        {"false", "[1, \"a\"]", R"("b")"},
        {"unknown", "[1, 2]", R"("b")"},
        {"unknown", "[1]", "[1]"},
        {"true", R"({"$nin": ["a"]})", R"("b")"},
        {"false", R"({"$nin": ["a"]})", R"("a")"},
        {"unknown", R"({"$nin": ["a"]})", "1"},
        {"unknown", "[null]", R"("a")"},
        {"true", "[null]", "null"},
        {"unknown", "[1]", "null"},
        {"unknown", "[1]", ""},
        {"true", R"([{"$ref": "user.y"}, 1])", "1"},
        {"unknown", R"([{"$ref": "user.y"}, 1])", "2"},
        {"false", R"({"$nin": [{"$ref": "user.y"}, 1]})", "1"},
        {"unknown", R"({"$nin": [{"$ref": "user.y"}, 1]})", "2"},
        {"true", R"({"$in": {"$ref": "user.y"}})", "2", R"({"y": [1, 2]})"},
        {"unknown", R"({"$in": {"$ref": "user.y"}})", "2", R"({"y": 2})"},
        {"unknown", R"({"$in": {"$ref": "user.y"}})", "2", R"({"y": null})"},
        {"false", R"({"$in": {"$ref": "user.y"}})", "2", R"({"y": []})"},
        {"true", R"({"$nin": {"$ref": "user.y"}})", "2", R"({"y": []})"},
        {"refused", "[]", "1"},
        {"refused", R"({"$nin": []})", "1"},
        {"refused", R"({"$in": 1})", "1"},
        {"refused", R"({"$in": [{"$ref": "user.y", "a": 1}]})", "1"},
    });
}

TEST(ReferenceOperators, Ranges) {
    expect_rows({
        {"true", R"({"$gt": 1})", "1.5"},
        {"false", R"({"$gt": 1})", "1"},
        {"true", R"({"$gte": 1})", "1"},
        {"true", R"({"$lt": "b"})", R"("a")"},
        {"true", R"({"$lte": "b"})", R"("b")"},
        {"unknown", R"({"$gt": 1})", R"("2")"},
        {"unknown", R"({"$gt": 1})", "null"},
        {"unknown", R"({"$gt": 1})", "true"},
        {"true", R"({"$lt": "é"})", R"("z")"},
        {"true", R"({"$gt": "2026-01-01T12:00:00+02:00"})", R"("2026-01-01T10:30:00Z")"},
        {"unknown", R"({"$gt": "2026-01-01T12:00:00Z"})", R"("2026-01-02")"},
        {"true", R"({"$gt": "2026-01-01"})", R"("2026-01-01T00:00:00Z")"},
        {"true", R"({"$between": [1, 3]})", "3"},
        {"false", R"({"$between": [1, 3]})", "4"},
        {"true", R"({"$between": ["a", "c"]})", R"("b")"},
        {"false", R"({"$between": [{"$ref": "user.y"}, 3]})", "4"},
        {"unknown", R"({"$between": [{"$ref": "user.y"}, 3]})", "2"},
        {"false", R"({"$between": ["2026-01-01T00:00:00Z", "a"]})", R"("b")"},
        {"true", R"({"$between": {"$ref": "user.y"}})", "2", R"({"y": [1, 3]})"},
        {"unknown", R"({"$between": {"$ref": "user.y"}})", "2", R"({"y": [1]})"},
        {"true", R"({"$gt": {"$ref": "user.y"}})", "2", R"({"y": 1})"},
        {"unknown", R"({"$gt": {"$ref": "user.y"}})", "2", R"({"y": null})"},
        {"false", R"({"$lt": {"$ref": "user.y"}})", R"("2026-01-01T12:00:00+02:00")", R"({"y": "2026-01-01T09:00:00Z"})"},
        {"true", R"({"$lt": {"$ref": "user.y"}})", R"("a")", R"({"y": "b"})"},
        {"unknown", R"({"$lt": {"$ref": "user.y"}})", R"("2026-01-01T12:00:00Z")", R"({"y": "b"})"},
        {"refused", R"({"$gt": null})", "1"},
        {"refused", R"({"$gt": [1]})", "1"},
        {"refused", R"({"$between": [1, "a"]})", "1"},
        {"refused", R"({"$between": [1]})", "1"},
        {"refused", R"({"$between": [1, null]})", "1"},
        {"refused", R"({"$lt": true})", "1"},
    });
}

TEST(ReferenceOperators, PresenceAndContainment) {
    expect_rows({
        {"true", R"({"$exists": true})", "null"},
        {"false", R"({"$exists": true})", ""},
        {"true", R"({"$exists": false})", ""},
        {"refused", R"({"$exists": 1})", "1"},
        {"refused", R"({"$exists": {"$ref": "user.y"}})", "1"},
        {"true", R"({"$contains": "b"})", R"("abc")"},
        {"false", R"({"$contains": "B"})", R"("abc")"},
        {"true", R"({"$contains": 1})", "[1, \"a\"]"},
        {"false", R"({"$contains": 2})", "[1, \"2\"]"},
        {"true", R"({"$contains": null})", "[null]"},
        {"unknown", R"({"$contains": "1"})", "1"},
        {"unknown", R"({"$contains": 1})", R"("1")"},
        {"unknown", R"({"$contains": null})", "null"},
        {"true", R"({"$contains": {"a": 1}})", R"([{"a": 1}])"},
        {"unknown", R"({"$contains": {"$ref": "user.y"}})", "[1]"},
        {"true", R"({"$containsAny": [1, 2]})", "[2]"},
        {"false", R"({"$containsAny": [1, 2]})", "[3]"},
        {"unknown", R"({"$containsAny": [1]})", "1"},
        {"true", R"({"$containsAll": [1, 2]})", "[2, 1, 3]"},
        {"false", R"({"$containsAll": [1, 2]})", "[2]"},
        {"true", R"({"$containsAny": [{"$ref": "user.y"}, 2]})", "[2]"},
        {"unknown", R"({"$containsAny": [{"$ref": "user.y"}, 2]})", "[3]"},
        {"false", R"({"$containsAll": [{"$ref": "user.y"}, 2]})", "[3]"},
        {"unknown", R"({"$containsAll": [{"$ref": "user.y"}, 2]})", "[2]"},
        {"false", R"({"$containsAny": {"$ref": "user.y"}})", "[3]", R"({"y": []})"},
        {"true", R"({"$containsAll": {"$ref": "user.y"}})", "[3]", R"({"y": []})"},
        {"unknown", R"({"$containsAll": {"$ref": "user.y"}})", "[3]", R"({"y": 3})"},
        {"refused", R"({"$containsAll": []})", "[1]"},
    });
}

TEST(ReferenceOperators, Text) {
    expect_rows({
        {"true", R"({"$startsWith": "ab"})", R"("abc")"},
        {"false", R"({"$startsWith": "bc"})", R"("abc")"},
        {"true", R"({"$endsWith": "bc"})", R"("abc")"},
        {"unknown", R"({"$endsWith": "1"})", "1"},
        {"true", R"({"$startsWith": {"$ref": "user.y"}})", R"("abc")", R"({"y": "a"})"},
        {"unknown", R"({"$startsWith": {"$ref": "user.y"}})", R"("abc")", R"({"y": 1})"},
        {"refused", R"({"$startsWith": 1})", "1"},
        {"true", R"({"$regex": "b+c"})", R"("abbcd")"},
        {"false", R"({"$regex": "^b"})", R"("ab")"},
        {"true", R"({"$regex": "^.$"})", R"("é")"},
        {"unknown", R"({"$regex": "1"})", "1"},
        {"refused", R"({"$regex": "("})", "1"},
        {"refused", R"x({"$regex": "(?=a)"})x", "1"},
        {"refused", R"({"$regex": {"$ref": "user.y"}})", "1"},
    });
}

TEST(ReferenceOperators, NetworksAndTimes) {
    expect_rows({
        {"true", R"({"$cidr": "10.0.0.0/8"})", R"("10.1.2.3")"},
        {"false", R"({"$cidr": "10.0.0.0/8"})", R"("11.1.2.3")"},
        {"true", R"({"$cidr": ["192.168.0.0/16", "10.0.0.0/8"]})", R"("::ffff:10.1.2.3")"},
        {"false", R"({"$cidr": "::/0"})", R"("10.1.2.3")"},
        {"unknown", R"({"$cidr": "10.0.0.0/8"})", R"("ten")"},
        {"unknown", R"({"$cidr": "10.0.0.0/8"})", "10"},
        {"refused", R"({"$cidr": "10.0.0.0"})", "1"},
        {"refused", R"({"$cidr": "10.0.0.1/8"})", "1"},
        {"refused", R"({"$cidr": []})", "1"},
        {"refused", R"({"$cidr": 1})", "1"},
        {"true", R"({"$timeOfDay": {"from": "09:00", "to": "17:00"}})", R"("2026-01-05T09:00:00Z")"},
        {"false", R"({"$timeOfDay": {"from": "09:00", "to": "17:00"}})", R"("2026-01-05T17:00:00Z")"},
        {"true", R"({"$timeOfDay": {"from": "22:00", "to": "06:00:30"}})", R"("2026-01-05T06:00:29Z")"},
        {"true", R"({"$timeOfDay": {"from": "09:00", "to": "17:00", "tz": "Asia/Tokyo"}})", R"("2026-01-05T00:30:00Z")"},
        {"unknown", R"({"$timeOfDay": {"from": "09:00", "to": "17:00"}})", R"("10:00:00")"},
        {"refused", R"({"$timeOfDay": {"from": "09:00", "to": "09:00:00"}})", "1"},
        {"refused", R"({"$timeOfDay": {"from": "09:00"}})", "1"},
        {"refused", R"({"$timeOfDay": {"from": "9:00", "to": "10:00"}})", "1"},
        {"refused", R"({"$timeOfDay": {"from": "09:00", "to": "10:00", "tz": "Mars/Base"}})", "1"},
        {"refused", R"({"$timeOfDay": {"from": "09:00", "to": "10:00", "zone": "UTC"}})", "1"},
        {"true", R"({"$weekday": {"days": ["mon"]}})", R"("2026-01-05T12:00:00Z")"},
        {"false", R"({"$weekday": {"days": ["mon"], "tz": "Asia/Tokyo"}})", R"("2026-01-05T15:00:00Z")"},
        {"unknown", R"({"$weekday": {"days": ["mon"]}})", R"("2026-01-05")"},
        {"refused", R"({"$weekday": {"days": ["Mon"]}})", "1"},
        {"refused", R"({"$weekday": {"days": []}})", "1"},
        {"refused", R"({"$weekday": ["mon"]})", "1"},
    });
}

TEST(ReferenceConditions, CombineInThreeValues) {
    EXPECT_EQ(truth("{}", "{}"), "true");
    EXPECT_EQ(truth(R"({"$not": {}})", "{}"), "false");
    EXPECT_EQ(truth(R"({"a": 1, "b": 1})", R"({"a": 2})"), "false");
    EXPECT_EQ(truth(R"({"a": 1, "b": 1})", R"({"a": 1})"), "unknown");
    EXPECT_EQ(truth(R"({"$or": [{"a": 1}, {"b": 1}]})", R"({"a": 1})"), "true");
    EXPECT_EQ(truth(R"({"$or": [{"a": 1}, {"b": 1}]})", R"({"a": 2})"), "unknown");
    EXPECT_EQ(truth(R"({"$not": {"a": 1}})", "{}"), "unknown");
    EXPECT_EQ(truth(R"({"a": {"$not": {"$gt": 1, "$lt": 5}}})", R"({"a": 7})"), "true");
    EXPECT_EQ(truth(R"({"a": {"$gt": 1, "$lt": 5}})", R"({"a": 3})"), "true");
    EXPECT_EQ(truth(R"({"$and": [{"a": 1}, {}]})", R"({"a": 1})"), "true");
    for (const char* refused :
         {R"({"$and": []})", R"({"$or": {}})", R"({"$not": []})", R"({"$and": [1]})", R"({"$nor": [{}]})",
          R"({"a": {"$not": {}}})", R"({"a": {"$not": 1}})", R"({"a": {"$and": [{}]}})", R"({"a": {"$ref": "b", "$gt": 1}})"}) {
        EXPECT_EQ(truth(refused, "{}"), "refused") << refused;
    }
}

TEST(ReferenceConditions, PathsResolveByTheirRoots) {
    EXPECT_EQ(truth(R"({"a.b": 1})", R"({"a": {"b": 1}})"), "true");
    EXPECT_EQ(truth(R"({"a.0": 1})", R"({"a": [1]})"), "unknown");
    EXPECT_EQ(truth(R"({"a.b": 1})", R"({"a.b": 1})"), "unknown");
    EXPECT_EQ(truth(R"({"a.b": 1})", "{}", "{}", R"({"a": {"b": 1}})"), "true");
    EXPECT_EQ(truth(R"({"a.b": 1})", R"({"a": {}})", "{}", R"({"a": {"b": 1}})"), "unknown");
    EXPECT_EQ(truth(R"({"a": 1})", R"({"a": null})", "{}", R"({"a": 1})"), "unknown");
    EXPECT_EQ(truth(R"({"resource.a": 1})", "{}", "{}", R"({"a": 1})"), "unknown");
    EXPECT_EQ(truth(R"({"attributes.a": 1, "resource.a": 1})", R"({"a": 1})"), "true");
    EXPECT_EQ(truth(R"({"user.a": 1, "subject.a": 1, "user_attributes.a": 1})", "{}", R"({"a": 1})"), "true");
    EXPECT_EQ(truth(R"({"context.workflow_state": "draft"})", "{}", "{}", R"({"workflow_state": "draft"})"), "true");
    EXPECT_EQ(truth(R"({"env.time": "2026-01-05T12:00:00Z", "env.time_of_day": "12:00:00", "env.weekday": "mon"})", "{}"),
              "true");
    EXPECT_EQ(truth(R"({"env.date": "2026-01-05"})", "{}"), "true");
    EXPECT_EQ(truth(R"({"ip_range": ["10.0.0.0/8"]})", "{}", "{}", R"({"ip_address": "10.0.0.1"})"), "true");
    EXPECT_EQ(truth(R"({"$and": [{"time_range": {"from": "11:00", "to": "13:00"}}, {"days_of_week": {"days": ["mon", "tue"]}}]})",
                    "{}"),
              "true");
    for (const char* path :
         {"", ".", "a..b", ".a", "a.", "resource", "user", "env", "env.year", "env.time.x", "context", "attributes", "$a"}) {
        EXPECT_EQ(truth("{\"" + std::string(path) + "\": 1}", "{}"), "refused") << path;
    }
}

TEST(ReferenceConditions, StayWithinTheirLimits) {
    const auto nested = [](int levels) {
        std::string text = R"({"a": 1})";
        for (int level = 0; level < levels; ++level) text = R"({"$not": )" + text + "}";
        return text;
    };
    EXPECT_EQ(truth(nested(15), R"({"a": 1})"), "false");
    EXPECT_EQ(truth(nested(16), R"({"a": 1})"), "refused");
    const auto wide = [](int leaves) {
        std::string text = "{";
        for (int leaf = 0; leaf < leaves; ++leaf) text += (leaf > 0 ? ",\"a" : "\"a") + std::to_string(leaf) + "\": 1";
        return text + "}";
    };
    EXPECT_EQ(truth(wide(256), "{}"), "unknown");
    EXPECT_EQ(truth(wide(257), "{}"), "refused");
    const auto heavy = [](std::size_t bytes) { return R"({"a":")" + std::string(bytes - 8, 'x') + "\"}"; };
    EXPECT_EQ(truth(heavy(65536), "{}"), "unknown");
    EXPECT_EQ(truth(heavy(65537), "{}"), "refused");
}

// ---- page 06 -------------------------------------------------------------------------------------------------------

Permission sound() {
    Permission permission;
    permission.resource_type = "vessel";
    permission.resource_path = "vessel/*";
    permission.actions = {"read"};
    return permission;
}

std::string faults(const Permission& permission) {
    std::string pointers;
    for (const core::Fault& fault : validate(permission)) pointers += (pointers.empty() ? "" : " ") + fault.pointer;
    return pointers;
}

TEST(ReferenceValidate, SelectorsHaveFiveForms) {
    const auto of = [](std::string type, std::string path) {
        Permission permission = sound();
        permission.resource_type = std::move(type);
        permission.resource_path = std::move(path);
        return faults(permission);
    };
    for (const char* path : {"vessel/*", "vessel/v 1", "vessel/*/", "/a", "/a/", "/**", "/a/*/**", "/a/b*", "/a?#"})
        EXPECT_EQ(of("vessel", path), "") << path;
    EXPECT_EQ(of("*", "**"), "");
    EXPECT_EQ(of("*", "*/*"), "");
    EXPECT_EQ(of("*", "**/"), "");
    EXPECT_EQ(of("entity", "vessel/*"), "");
    EXPECT_EQ(of("entity", "app/*"), "/resource_path");
    EXPECT_EQ(of("vessel", "**"), "/resource_type");
    EXPECT_EQ(of("Vessel", "/a"), "/resource_type");
    for (const char* path : {"", "/", "//", "/a//b", "/.", "/a/..", "/%", "/;", "/\\", "/a\x01", "/e\u0301", "/**/**/**",
                             "cargo/*", "vessel", "vessel/", "vessel/a/b", "vessel/a*", "vessel/**", "*/x"}) {
        EXPECT_EQ(of("vessel", path), "/resource_path") << path;
    }
    EXPECT_EQ(of("vessel", "vessel/" + std::string(255, 'x')), "");
    EXPECT_EQ(of("vessel", "vessel/" + std::string(256, 'x')), "/resource_path");
    std::string long_path;
    for (int segment = 0; segment < 32; ++segment) long_path += "/x";
    EXPECT_EQ(of("vessel", long_path), "");
    EXPECT_EQ(of("vessel", long_path + "/x"), "/resource_path");
    EXPECT_EQ(of("vessel", "/" + std::string(2000, 'x')), "/resource_path");
}

TEST(ReferenceValidate, EveryColumnKeepsItsRuleAndAllFaultsAreNamed) {
    Permission permission = sound();
    permission.resource_id = ResourceId{};
    EXPECT_EQ(faults(permission), "/resource_path");
    permission.resource_path.clear();
    permission.applies_to_descendants = false;
    EXPECT_EQ(faults(permission), "");

    permission = sound();
    permission.applies_to_descendants = false;
    EXPECT_EQ(faults(permission), "/applies_to_descendants");
    permission = sound();
    permission.actions = {"read", "*", "read", "Read"};
    EXPECT_EQ(faults(permission), "/actions/1 /actions/2 /actions/3");
    permission.actions = {};
    EXPECT_EQ(faults(permission), "/actions");
    permission.actions = {"*"};
    EXPECT_EQ(faults(permission), "");
    for (int action = 0; action < 33; ++action) permission.actions.push_back("a" + std::to_string(action));
    permission.actions.erase(permission.actions.begin());
    EXPECT_EQ(faults(permission), "/actions");
    permission = sound();
    permission.key = "Key";
    permission.enforced = true;
    permission.fields[0] = {{"a", {.read = true, .hidden = true}}, {"b", field_write}};
    permission.conditions = object(R"({"a.b": {"$in": []}, "$and": [{"x/y": {"$lt": null}}]})");
    EXPECT_EQ(faults(permission), "/key /conditions/$and/0/x~1y/$lt /conditions/a.b/$in /fields/core/a /enforced");
    permission = sound();
    permission.effect = Effect::deny;
    permission.enforced = true;
    EXPECT_EQ(faults(permission), "");
    permission.fields[2] = {{"b", field_write}};
    EXPECT_EQ(faults(permission), "/fields");
    permission.effect = Effect::allow;
    permission.enforced = false;
    for (int field = 0; field < 500; ++field) permission.fields[1].emplace("f" + std::to_string(field), field_read);
    EXPECT_EQ(faults(permission), "/fields");
}

}  // namespace
}  // namespace sentinel::engine::reference
