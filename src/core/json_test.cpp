#include "core/json.hpp"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

namespace sentinel::core::json {
namespace {

Value read(std::string_view text, ParseLimits limits = {}) {
    auto value = parse(text, limits);
    if (value) return *std::move(value);
    ADD_FAILURE() << text << ": " << value.error().message;
    return {};
}

ParseError fault(std::string_view text, ParseLimits limits = {}) {
    auto value = parse(text, limits);
    EXPECT_FALSE(value) << text;
    return value ? ParseError{} : value.error();
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonParse, reads_each_kind) {
    const Value value = read(R"( {"n":null,"b":[true,false],"d":-1.5e1,"t":"x","o":{}} )");
    ASSERT_NE(value.object(), nullptr);
    EXPECT_TRUE(value.object()->find("n")->is_null());
    EXPECT_EQ(value.object()->find("b")->array()->size(), 2U);
    EXPECT_EQ(*value.object()->find("d")->number(), -15.0);
    EXPECT_EQ(*value.object()->find("t")->text(), "x");
    EXPECT_TRUE(value.object()->find("o")->object()->empty());
    EXPECT_EQ(value.object()->find("missing"), nullptr);
}

TEST(JsonParse, sorts_members) {
    const Value value = read(R"({"z":1,"":2,"é":3,"a":4})");
    std::string names;
    for (const auto& member : *value.object()) names += member.name + '|';
    EXPECT_EQ(names, "|a|z|é|");
    EXPECT_EQ(*value.object()->find("z")->number(), 1);
}

TEST(JsonParse, reads_escapes) {
    EXPECT_EQ(*read(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00")").text(), "\"\\/\b\f\n\r\tAé€😀");
    EXPECT_EQ(*read(R"("a\u0000b")").text(), std::string("a\0b", 3));
    for (const auto* text : {R"("\ud83d")", R"("\ud83dx")", R"("\ud83d\u0041")", R"("\ude00")", R"("\ud83d\ud83d")", R"("\u12")",
                             R"("\u12g4")", R"("\x41")", R"("\)", R"("\u")"}) {
        fault(text);
    }
}

TEST(JsonParse, numbers_are_exact_doubles) {
    EXPECT_EQ(*read("0e606").number(), 0.0);
    EXPECT_EQ(*read("1e-400").number(), 0.0);
    EXPECT_EQ(*read("0.1").number(), 0.1);
    EXPECT_EQ(*read("4.9e-324").number(), 5e-324);
    EXPECT_EQ(*read("1.7976931348623157e308").number(), 1.7976931348623157e308);
    EXPECT_EQ(*read("0.0000000001e317").number(), 1e307);
    EXPECT_EQ(*read("9007199254740993.0").number(), 9007199254740992.0);
    EXPECT_FALSE(std::signbit(*read("-0").number()));
    EXPECT_FALSE(std::signbit(*read("-0.0").number()));
    EXPECT_FALSE(std::signbit(*read("-1e-400").number()));
}

TEST(JsonParse, refuses_numbers_beyond_doubles) {
    for (const auto* text : {"1e400", "-1e400", "1.8e308", "0.001e312", "1e99999999999999999999", "123e9999999999"}) {
        EXPECT_EQ(fault(text).message, "a number too large for a double") << text;
    }
    EXPECT_EQ(*read("1e-99999999999999999999").number(), 0.0);
    EXPECT_EQ(*read("0e99999999999999999999").number(), 0.0);
    EXPECT_EQ(fault(std::string(400, '9')).message, "a number too large for a double");
}

TEST(JsonParse, integers_stay_within_the_safe_range) {
    EXPECT_EQ(*read("9007199254740991").number(), 9007199254740991.0);
    EXPECT_EQ(*read("-9007199254740991").number(), -9007199254740991.0);
    fault("9007199254740992");
    fault("-9007199254740993");
    EXPECT_EQ(*read("9007199254740993", {.safe_integers = false}).number(), 9007199254740992.0);
    EXPECT_EQ(*read("1e300").number(), 1e300);
}

TEST(JsonParse, refuses_what_the_grammar_does_not_have) {
    for (const auto* text : {"01",       "-",    "+1",       "1.",         ".5",      "1e",       "1e+",
                             "0x1",      "NaN",  "Infinity", "tru",        "nul",     "True",     "'a'",
                             "[1,]",     "[,1]", "[1 2]",    "{\"a\":1,}", "{\"a\"}", "{a:1}",    "{\"a\":1 \"b\":2}",
                             "[",        "{",    "\"",       "[1",         "{\"a\":", "",         " ",
                             "// x\n1",  "1 1",  "\v1",      "]",          "-01",     "\"a\tb\"", "[1}",
                             "{\"a\":1]"}) {
        fault(text);
    }
}

TEST(JsonParse, refuses_invalid_utf8_where_it_stands) {
    EXPECT_EQ(fault("\"ab\xFF\"").offset, 3U);
    EXPECT_EQ(fault("\"é\xED\xA0\x80\"").offset, 3U);
    EXPECT_EQ(fault("\"\xC3\"").offset, 1U);
    fault("{\"\x80\":1}");
    fault("\xEF\xBB\xBF{}");
}

TEST(JsonParse, refuses_a_member_that_stands_twice) {
    const auto error = fault("{\"b\":{\"x\":[1,2]},\n \"a\":2,\"\\u0062\":3}");
    EXPECT_EQ(error.line, 2U);
    EXPECT_EQ(error.column, 8U);
    EXPECT_EQ(error.offset, 25U);
    EXPECT_EQ(error.message, "the member 'b' stands here a second time");
    fault(R"({"a":{"x":1,"x":1}})");
    fault(R"({"a":1,"a":1})");
    read(R"([{"a":1},{"a":1}])");
}

TEST(JsonParse, names_the_place_of_the_fault) {
    const auto error = fault("{\n  \"a\": tru\n}");
    EXPECT_EQ(error.line, 2U);
    EXPECT_EQ(error.column, 8U);
    EXPECT_EQ(error.offset, 9U);
    EXPECT_EQ(fault("[1,2").message, "expected ',' or ']'");
    EXPECT_EQ(fault("[1,2").offset, 4U);
    EXPECT_EQ(fault("").column, 1U);
}

TEST(JsonParse, bounds_the_depth) {
    read(nested(32));
    EXPECT_EQ(fault(nested(33)).offset, 32U);
    read(nested(3), {.depth = 3});
    fault(nested(4), {.depth = 3});
    read("1", {.depth = 0});
    fault("[]", {.depth = 0});
    fault(R"({"a":{"a":[1]}})", {.depth = 2});
    read("[" + nested(2) + "," + nested(2) + ",{}]", {.depth = 3});
    fault(std::string(1'000'000, '['));
}

TEST(JsonWrite, is_canonical) {
    const Object object{{"b", Array{Value(), true, 1.5}}, {"a", "x"}, {"B", Object{}}};
    EXPECT_EQ(to_text(object), R"({"B":{},"a":"x","b":[null,true,1.5]})");
    EXPECT_EQ(to_text(Value("\"\\\b\f\n\r\t\x01\x1F/\x7F é")), "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f/\x7F é\"");
    EXPECT_EQ(to_text(Value(std::string("\0", 1))), R"("\u0000")");
    EXPECT_EQ(to_text(Value(false)), "false");
    EXPECT_EQ(to_text(Value(Array{})), "[]");
}

TEST(JsonWrite, sorts_by_utf8_bytes_and_not_by_utf16_units_as_rfc_8785) {
    const Object object{{"\U0001F602", 1}, {"\uFB33", 2}};
    EXPECT_EQ(to_text(object), "{\"\uFB33\":2,\"\U0001F602\":1}");
}

TEST(JsonWrite, numbers_at_the_seams_of_their_forms) {
    const std::pair<double, const char*> cases[] = {{0.0, "0"},
                                                    {-0.0, "0"},
                                                    {1e20, "100000000000000000000"},
                                                    {1e21, "1e+21"},
                                                    {123e19, "1.23e+21"},
                                                    {1e-6, "0.000001"},
                                                    {1e-7, "1e-7"},
                                                    {1.5e-7, "1.5e-7"},
                                                    {-1e-7, "-1e-7"},
                                                    {0.5, "0.5"},
                                                    {12.5, "12.5"},
                                                    {9007199254740992.0, "9007199254740992"},
                                                    {-9007199254740994.0, "-9007199254740994"},
                                                    {5e-324, "5e-324"},
                                                    {1.7976931348623157e308, "1.7976931348623157e+308"}};
    for (const auto& [number, text] : cases) EXPECT_EQ(to_text(Value(number)), text);
}

TEST(JsonValue, equality_is_deep_and_by_kind) {
    EXPECT_EQ(read(R"({"a":[1,{"b":null}],"c":1.0})"), read(R"({"c":1,"a":[1,{"b":null}]})"));
    EXPECT_NE(read("[1,2]"), read("[2,1]"));
    EXPECT_NE(read("1"), read("\"1\""));
    EXPECT_NE(read("0"), read("false"));
    EXPECT_NE(Value(), Value(false));
    EXPECT_NE(read("{}"), read("[]"));
    EXPECT_EQ(Value(-0.0), Value(0));
}

TEST(JsonObject, keeps_members_sorted_and_single) {
    Object object{{"m", 1}, {"c", 2}, {"m", 3}};
    EXPECT_EQ(to_text(object), R"({"c":2,"m":3})");
    object.set("z", "end");
    object.set("a", "front");
    object.set("f", "middle");
    object.set("c", Value());
    EXPECT_EQ(to_text(object), R"({"a":"front","c":null,"f":"middle","m":3,"z":"end"})");
    EXPECT_TRUE(object.erase("f"));
    EXPECT_FALSE(object.erase("f"));
    EXPECT_EQ(object.size(), 4U);
    EXPECT_TRUE(object.contains("z"));
    EXPECT_FALSE(object.contains("f"));
    *object.find("a") = 7;
    EXPECT_EQ(*object.find("a")->number(), 7);
}

TEST(JsonObject, from_members_refuses_a_name_twice) {
    Object::Members members;
    for (const auto* name : {"c", "a", "b", "c"}) members.push_back({name, Value(1)});
    const auto refused = Object::from_members(members);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), "c");
    members.pop_back();
    const auto object = Object::from_members(members);
    ASSERT_TRUE(object);
    EXPECT_EQ(to_text(*object), R"({"a":1,"b":1,"c":1})");
}

TEST(JsonRoundTrip, canonical_text_reads_as_the_same_value) {
    for (const auto* text : {R"({"a":[1,2.5,"x",null,true,{"":[]}],"é":"\u0001"})", "[]", "\"\\u0000\"", "1e+300", "[[[[]]]]"}) {
        const Value value = read(text);
        const std::string canonical = to_text(value);
        EXPECT_EQ(read(canonical), value);
        EXPECT_EQ(to_text(read(canonical)), canonical);
    }
}

}  // namespace
}  // namespace sentinel::core::json
