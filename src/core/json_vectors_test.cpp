/// The JSON reader and writer against the shared conformance data.
#include <bit>
#include <charconv>
#include <cmath>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "core/vectors_test.hpp"

namespace sentinel::core::json {
namespace {

double double_of(std::string_view hexadecimal) {
    std::uint64_t bits = 0;
    std::from_chars(hexadecimal.data(), hexadecimal.data() + hexadecimal.size(), bits, 16);
    return std::bit_cast<double>(bits);
}

/// The bytes of a case, which long ones give as a repetition.
std::string text_of(const Value& row) {
    if (row.object()->contains("base64")) return vectors::bytes(row, "base64");
    std::string text;
    const std::string part = vectors::bytes(row, "repeat_base64");
    for (double count = vectors::number(row, "repeat"); count > 0; --count) text += part;
    return text + vectors::bytes(row, "tail_base64");
}

/// Texts of JSONTestSuite that the grammar allows and we refuse on purpose: a member must not stand twice.
bool is_refused_on_purpose(std::string_view name) {
    return name == "y_object_duplicated_key" || name == "y_object_duplicated_key_and_value";
}

TEST(JsonVectors, parsing_test_suite) {
    SENTINEL_NEEDS_VECTORS("json/jsontestsuite_parsing.json");
    const auto cases = vectors::rows(vectors::parse("json/jsontestsuite_parsing.json"), "cases");
    EXPECT_EQ(cases.size(), 318U);
    for (const auto& row : cases) {
        const std::string name = vectors::text(row, "name");
        const std::string expect = vectors::text(row, "expect");
        const std::string text = text_of(row);
        ASSERT_EQ(static_cast<double>(text.size()), vectors::number(row, "bytes")) << name;
        const bool accepted = parse(text).has_value();
        if (is_refused_on_purpose(name)) {
            EXPECT_FALSE(accepted) << name;
        } else if (expect != "either") {
            EXPECT_EQ(accepted, expect == "accept") << name;
        }
    }
}

TEST(JsonVectors, canonical_form) {
    SENTINEL_NEEDS_VECTORS("json/rfc8785_jcs.json");
    const auto set = vectors::parse("json/rfc8785_jcs.json");
    for (const auto& row : vectors::rows(set, "cases")) {
        const std::string name = vectors::text(row, "name");
        const auto value = parse(vectors::bytes(row, "input_base64"));
        ASSERT_TRUE(value) << name;
        std::string expected = vectors::bytes(row, "output_base64");
        // RFC 8785 sorts by UTF-16 units, where a surrogate (of U+1F602) comes before U+FB33; we sort by code points.
        if (name == "weird") {
            const std::string smiley = R"("😂":"Smiley",)";
            const std::size_t place = expected.find(smiley);
            ASSERT_NE(place, std::string::npos);
            expected.erase(place, smiley.size());
            expected.insert(expected.size() - 1, R"(,"😂":"Smiley")");
        }
        EXPECT_EQ(to_text(*value), expected) << name;
    }
    for (const auto& row : vectors::rows(set, "numbers")) {
        const double number = double_of(vectors::text(row, "ieee754_hex"));
        if (std::isfinite(number)) EXPECT_EQ(to_text(Value(number)), vectors::text(row, "json"));
    }
}

TEST(JsonVectors, ecmascript_numbers_both_ways) {
    SENTINEL_NEEDS_VECTORS("json/es6_numbers.csv");
    std::istringstream lines(vectors::read("json/es6_numbers.csv"));
    std::string line;
    std::getline(lines, line);  // the heading
    std::size_t count = 0;
    while (std::getline(lines, line)) {
        const std::size_t comma = line.find(',');
        ASSERT_NE(comma, std::string::npos) << line;
        const double number = double_of(std::string_view(line).substr(0, comma));
        const std::string text = line.substr(comma + 1);
        EXPECT_EQ(to_text(Value(number)), text);
        const auto read = parse(text, {.safe_integers = false});
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(*read->number(), number) << text;
        ++count;
    }
    EXPECT_GT(count, 2'600U);
}

/// The traps that are the reader's to catch; the others are texts that are fine here and refused by who binds them.
bool is_readers_trap(std::string_view why) {
    for (const auto* trap :
         {"member twice", "member twice, once escaped", "2^53+1", "2^63-1", "2^63", "2^64", "below -2^63", "beyond double",
          "lone surrogate", "reversed surrogates", "empty body", "blank body", "two documents", "two lines", "BOM first"}) {
        if (why == trap) return true;
    }
    return false;
}

TEST(JsonVectors, object_traps) {
    SENTINEL_NEEDS_VECTORS("json/object_traps.json");
    std::size_t refused = 0;
    for (const auto& row : vectors::rows(vectors::parse("json/object_traps.json"), "cases")) {
        const std::string why = vectors::text(row, "why");
        const auto value = parse(vectors::text(row, "text"));
        EXPECT_EQ(value.has_value(), !is_readers_trap(why)) << why;
        refused += value ? 0 : 1;
        if (why == "minus zero") EXPECT_EQ(to_text(*value), R"({"n":0})");
        if (why == "more digits than a double has") EXPECT_EQ(to_text(*value), R"({"n":0.1})");
        if (why == "members that differ in case") EXPECT_EQ(value->object()->size(), 2U);
        if (why == "surrogate pair") EXPECT_EQ(to_text(*value), R"({"s":"😀"})");
        if (why == "decomposed") EXPECT_EQ(*value->object()->find("s")->text(), "e\u0301");
    }
    EXPECT_EQ(refused, 15U);
}

}  // namespace
}  // namespace sentinel::core::json
