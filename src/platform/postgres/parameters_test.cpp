#include "platform/postgres/parameters.hpp"

#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "core/vocabulary.hpp"
#include "platform/postgres/errors.hpp"

namespace sentinel::postgres {

namespace {

std::string text_of(const auto& value) {
    Parameters parameters;
    parameters.add(value);
    return parameters.arguments().values.at(0);
}

}  // namespace

TEST(Parameters, WritesTextsThatPostgresReads) {
    EXPECT_EQ(text_of(true), "t");
    EXPECT_EQ(text_of(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(text_of(std::uint32_t{4'000'000'000}), "4000000000");
    EXPECT_EQ(text_of(0.1), "0.1");
    EXPECT_EQ(text_of(-std::numeric_limits<double>::infinity()), "-Infinity");
    EXPECT_EQ(text_of("text"), "text");
    EXPECT_EQ(text_of(core::platform_tenant), "00000000-0000-0000-0000-000000000000");
    EXPECT_EQ(text_of(core::json::Value(nullptr)), "null");
    EXPECT_EQ(text_of(std::vector<std::string>{"a,b", "\"\\", "", "NULL"}), R"({"a,b","\"\\","","NULL"})");
    EXPECT_EQ(text_of(std::vector<std::optional<int>>{1, std::nullopt}), R"({"1",NULL})");
    EXPECT_EQ(text_of(std::vector<bool>{true, false}), R"({"t","f"})");
    EXPECT_EQ(text_of(std::vector<Bytes>{to_bytes("\x01z")}), R"({"\\x017a"})");
}

TEST(Parameters, CutsInstantsToMicroseconds) {
    EXPECT_EQ(text_of(core::Instant{0, 999'999'999}), "1970-01-01T00:00:00.999999Z");
    EXPECT_EQ(text_of(core::Instant{-1, 1999}), "1969-12-31T23:59:59.000001Z");
    EXPECT_THROW(text_of(core::Instant{253'402'300'800, 0}), InvalidParameter);
    EXPECT_THROW(text_of(core::Instant{-62'135'596'801, 0}), InvalidParameter);
}

TEST(Parameters, RefusesWhatPostgresCannotHold) {
    EXPECT_THROW(text_of(std::string("a\0b", 3)), InvalidParameter);
    EXPECT_THROW(text_of(std::vector<std::string>{std::string(1, '\0')}), InvalidParameter);
    EXPECT_THROW(text_of(core::json::Value(std::string("a\0", 2))), InvalidParameter);
    EXPECT_EQ(text_of(core::json::Value("\\u0000")), R"("\\u0000")") << "a backslash and a word, not the escape";
}

TEST(Parameters, KeepsBytesAndNulls) {
    Parameters parameters(std::in_place, std::optional<int>(), std::nullopt, as_bytes(std::string_view("a\0b", 3)), 7,
                          std::array<std::uint8_t, 2>{1, 2});
    const auto& arguments = parameters.arguments();
    EXPECT_EQ(arguments.values[0], nullptr);
    EXPECT_EQ(arguments.values[1], nullptr);
    EXPECT_EQ(std::string_view(arguments.values[2], 3), std::string_view("a\0b", 3));
    EXPECT_EQ(arguments.lengths, (std::vector<int>{0, 0, 3, 1, 2}));
    EXPECT_EQ(arguments.formats, (std::vector<int>{0, 0, 1, 0, 1}));
}

}  // namespace sentinel::postgres
