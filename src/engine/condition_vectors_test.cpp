/// $regex and $cidr against the shared conformance data.
#include <chrono>
#include <expected>
#include <string>

#include "core/vectors_test.hpp"
#include "engine/condition_testing.hpp"

namespace sentinel::engine {
namespace {

using namespace testing;

namespace vectors = core::vectors;

std::expected<Condition, core::Faults> with_operand(std::string_view operator_name, std::string operand) {
    return Condition::compile({{"x", json::Object{{operator_name, json::Value(std::move(operand))}}}});
}

Truth on_text(const Condition& condition, std::string text) {
    const json::Object attributes{{"x", json::Value(std::move(text))}};
    ConditionInput input;
    input.stored_attributes = &attributes;
    return condition.evaluate(input);
}

TEST(ConditionVectors, regex) {
    SENTINEL_NEEDS_VECTORS("regex/regex.json");
    const auto set = vectors::parse("regex/regex.json");
    for (const auto& row : vectors::rows(set, "refuse")) {
        const auto condition = with_operand("$regex", vectors::text(row, "pattern"));
        ASSERT_FALSE(condition) << vectors::text(row, "pattern");
        EXPECT_EQ(condition.error().front().pointer, "/x/$regex");
    }
    for (const auto& row : vectors::rows(set, "match")) {
        const auto condition = with_operand("$regex", vectors::text(row, "pattern"));
        ASSERT_TRUE(condition) << vectors::text(row, "pattern");
        EXPECT_EQ(on_text(*condition, vectors::text(row, "text")), vectors::boolean(row, "match") ? yes : no)
            << vectors::text(row, "pattern") << " on " << vectors::text(row, "text");
    }
    for (const auto& row : vectors::rows(set, "engine_decides")) {
        const auto condition = with_operand("$regex", vectors::text(row, "pattern"));
        if (condition) EXPECT_NE(on_text(*condition, "a"), unknown) << vectors::text(row, "pattern");
    }
}

TEST(ConditionVectors, regex_takes_linear_time) {
    SENTINEL_NEEDS_VECTORS("regex/regex.json");
    for (const auto& row : vectors::rows(vectors::parse("regex/regex.json"), "redos")) {
        const auto condition = with_operand("$regex", vectors::text(row, "pattern"));
        ASSERT_TRUE(condition) << vectors::text(row, "pattern");
        std::string text;
        for (int count = 0; count < static_cast<int>(vectors::number(row, "n")); ++count) text += vectors::text(row, "pump");
        text += vectors::text(row, "tail");
        const auto start = std::chrono::steady_clock::now();
        EXPECT_EQ(on_text(*condition, text), vectors::boolean(row, "match") ? yes : no) << vectors::text(row, "pattern");
        // Back-tracking would take hours; the bound is wide for sanitizers and busy machines.
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2)) << vectors::text(row, "pattern");
    }
}

TEST(ConditionVectors, networks) {
    SENTINEL_NEEDS_VECTORS("ip/ip_cidr.json");
    const auto set = vectors::parse("ip/ip_cidr.json");
    for (const auto& row : vectors::rows(set, "cidr_syntax")) {
        const std::string text = vectors::text(row, "text");
        const bool valid = vectors::boolean(row, "valid") && text.contains('/');
        EXPECT_EQ(with_operand("$cidr", text).has_value(), valid) << text;
    }
    for (const auto& row : vectors::rows(set, "addresses")) {
        const auto everything = Condition::compile(object_of("{'x': {'$cidr': ['0.0.0.0/0', '::/0']}}"));
        EXPECT_EQ(on_text(*everything, vectors::text(row, "text")), vectors::boolean(row, "valid") ? yes : unknown)
            << vectors::text(row, "text");
    }
    for (const auto* list : {"contains", "mapped"}) {
        for (const auto& row : vectors::rows(set, list)) {
            const auto condition = with_operand("$cidr", vectors::text(row, "cidr"));
            ASSERT_TRUE(condition) << vectors::text(row, "cidr");
            EXPECT_EQ(on_text(*condition, vectors::text(row, "ip")), vectors::boolean(row, "contains") ? yes : no)
                << vectors::text(row, "cidr") << ' ' << vectors::text(row, "ip");
        }
    }
}

}  // namespace
}  // namespace sentinel::engine
