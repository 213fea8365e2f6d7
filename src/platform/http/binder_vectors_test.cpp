/// The shared conformance data, sent through a typed body.
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "core/vectors_test.hpp"
#include "platform/http/binder_testing.hpp"
#include "platform/http/endpoint_testing.hpp"

namespace sentinel::http::testing {
namespace {

namespace json = core::json;
namespace vectors = core::vectors;

/// `accepted`, `malformed` or the faults.
std::string outcome(std::string_view body) {
    try {
        const auto bound = bound_body<CreateHarbour>(body);
        return bound.faults.empty() ? "accepted" : summary(bound.faults);
    } catch (const platform::ServiceError& error) {
        EXPECT_EQ(error.code(), platform::ErrorCode::malformed_request);
        return "malformed";
    }
}

TEST(BodyVectors, json_test_suite) {
    SENTINEL_NEEDS_VECTORS("json/jsontestsuite_parsing.json");
    const auto set = vectors::parse("json/jsontestsuite_parsing.json");
    for (const auto& row : vectors::rows(set, "cases")) {
        std::string body = vectors::bytes(row, "base64");
        if (row.object()->contains("repeat_base64")) {
            body.clear();
            const std::string unit = vectors::bytes(row, "repeat_base64");
            const auto count = static_cast<std::size_t>(vectors::number(row, "repeat"));
            for (std::size_t index = 0; index < count; ++index) body += unit;
            body += vectors::bytes(row, "tail_base64");
        }
        const std::string result = outcome(body);
        EXPECT_NE(result, "accepted") << "no case of the set is a harbour";
        if (vectors::text(row, "expect") == "reject") EXPECT_EQ(result, "malformed") << vectors::text(row, "name");
    }
}

TEST(BodyVectors, object_traps_are_refused_or_unknown) {
    SENTINEL_NEEDS_VECTORS("json/object_traps.json");
    const auto set = vectors::parse("json/object_traps.json");
    for (const auto& row : vectors::rows(set, "cases")) EXPECT_NE(outcome(vectors::text(row, "text")), "accepted");
}

TEST(BodyVectors, naughty_strings_come_back_unchanged) {
    SENTINEL_NEEDS_VECTORS("strings/naughty_strings.json");
    const auto set = vectors::parse("strings/naughty_strings.json");
    int kept = 0;
    for (const auto& value : vectors::rows(set, "strings")) {
        const std::string& text = *value.text();
        std::string body = R"({"name":"Port","code":"P1","note":)";
        json::append_text(body, text);
        const auto bound = bound_body<CreateHarbour>(body + "}");
        if (!bound.faults.empty()) {
            EXPECT_TRUE(summary(bound.faults) == "format@/note" || summary(bound.faults) == "max_length@/note") << text;
            continue;
        }
        ++kept;
        EXPECT_EQ(bound.value.note, core::to_nfc(text));
        Harbour harbour;
        harbour.name = bound.value.note;
        std::string written;
        schema_of<Harbour>().write(written, &harbour);
        const auto again = json::parse(written);
        ASSERT_TRUE(again);
        EXPECT_EQ(*again->object()->find("name")->text(), bound.value.note);
    }
    EXPECT_GT(kept, 400);
}

}  // namespace
}  // namespace sentinel::http::testing
