#include "platform/telemetry/log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <vector>

#include "core/json.hpp"
#include "core/text.hpp"
#include "core/vectors_test.hpp"

namespace sentinel::telemetry {
namespace {

namespace json = core::json;
namespace vectors = core::vectors;

static_assert(!std::is_constructible_v<LogField, std::string_view, platform::Secret>);

class MemorySink final : public LogSink {
public:
    void write_line(std::string_view line) override { lines.emplace_back(line); }
    std::vector<std::string> lines;
};

class Log : public testing::Test {
protected:
    json::Object logged(std::string_view message, std::initializer_list<LogField> fields) {
        sink_.lines.clear();
        logger_.info("http", message, fields);
        EXPECT_EQ(sink_.lines.size(), 1U);
        const auto value = json::parse(sink_.lines.at(0));
        EXPECT_TRUE(value) << sink_.lines.at(0);
        return value ? *value->object() : json::Object();
    }
    static std::string text(const json::Object& object, std::string_view name) { return *object.find(name)->text(); }
    /// Nothing that ends a line, steers a terminal or reorders text.
    static void expect_one_safe_line(const std::string& line) {
        EXPECT_TRUE(core::is_utf8(line));
        EXPECT_FALSE(core::has_control_or_format(line)) << line;
    }

    MemorySink sink_;
    core::FixedClock clock_{{1767323045, 6789}};
    Logger logger_{sink_, clock_, LogFormat::json, LogLevel::info};
};

TEST_F(Log, WritesOneObjectALine) {
    logger_.info("http", "answered",
                 {{"request_id", "r1"}, {"status", 200}, {"duration_ms", 1.5}, {"cached", true}, {"actor_id", nullptr}});
    EXPECT_EQ(sink_.lines, std::vector<std::string>{
                               R"({"ts":"2026-01-02T03:04:05.000006Z","level":"INFO","msg":"answered","component":"http",)"
                               R"("request_id":"r1","status":200,"duration_ms":1.5,"cached":true,"actor_id":null})"});
}

TEST_F(Log, WritesTextForPeople) {
    Logger people(sink_, clock_, LogFormat::text, LogLevel::info);
    people.warning("pool", "slow\nanswer", {{"agent", "\033[31mred"}});
    EXPECT_EQ(sink_.lines,
              std::vector<std::string>{R"(2026-01-02T03:04:05.000006Z WARNING pool: slow\nanswer agent="\u001b[31mred")"});
}

TEST_F(Log, KnowsIdsAndAbsentValues) {
    struct Tag {};
    const auto id = core::Id<Tag>::parse("11111111-1111-1111-1111-111111111111").value();
    const auto object =
        logged("m", {{"tenant_id", id}, {"session", std::optional<core::Id<Tag>>()}, {"count", std::optional<int>(3)}});
    EXPECT_EQ(text(object, "tenant_id"), "11111111-1111-1111-1111-111111111111");
    EXPECT_TRUE(object.find("session")->is_null());
    EXPECT_EQ(*object.find("count")->number(), 3);
}

TEST_F(Log, S31EscapesWhatCouldForgeALine) {
    const std::string hostile =
        "a\r\nb\t\"c\\ \033[2J \xE2\x80\xA8\xE2\x80\xA9 \xE2\x80\xAE \xC2\x85 \x7F \xFF\xFE \xED\xA0\x80" + std::string(1, '\0') +
        "z";
    const auto object = logged(hostile, {{"user_agent", hostile}, {hostile, hostile}});
    expect_one_safe_line(sink_.lines[0]);
    EXPECT_TRUE(text(object, "user_agent").starts_with("a\r\nb\t\"c\\ \033[2J \xE2\x80\xA8"));
    EXPECT_TRUE(text(object, "user_agent").ends_with(std::string(1, '\0') + "z"));
    EXPECT_TRUE(sink_.lines[0].contains("\\u2028\\u2029"));
    Logger people(sink_, clock_, LogFormat::text, LogLevel::info);
    people.info(hostile, hostile, {{hostile, hostile}});
    expect_one_safe_line(sink_.lines.back());
}

TEST_F(Log, S31CutsWhatIsTooLong) {
    const auto object = logged(std::string(1 << 20, 'm'), {{"user_agent", std::string(1 << 20, 'x')}});
    EXPECT_EQ(text(object, "user_agent"), std::string(longest_log_text, 'x') + "…");
    EXPECT_EQ(text(object, "msg"), std::string(longest_log_text, 'm') + "…");
    EXPECT_LT(sink_.lines[0].size(), 2 * longest_log_text + 200);
    // At the limit nothing is cut; a character is never cut in two.
    EXPECT_EQ(text(logged("m", {{"a", std::string(longest_log_text, 'x')}}), "a"), std::string(longest_log_text, 'x'));
    EXPECT_EQ(text(logged("m", {{"a", std::string(longest_log_text - 1, 'x') + "ü"}}), "a"),
              std::string(longest_log_text - 1, 'x') + "…");
    EXPECT_EQ(text(logged("m", {{"a", std::string(longest_log_text - 3, 'x') + "\xF0\x9F\x98\x80"}}), "a"),
              std::string(longest_log_text - 3, 'x') + "…");
    // A run of continuation bytes has no character to go back to.
    expect_one_safe_line((logged("m", {{"a", std::string(1 << 20, '\x80')}}), sink_.lines[0]));
}

TEST_F(Log, S31KeepsEveryNaughtyStringOnOneLine) {
    SENTINEL_NEEDS_VECTORS("strings/naughty_strings.json");
    std::size_t count = 0;
    for (const auto& value : vectors::rows(vectors::parse("strings/naughty_strings.json"), "strings")) {
        const std::string& naughty = *value.text();
        const auto object = logged(naughty, {{"name", naughty}});
        expect_one_safe_line(sink_.lines[0]);
        if (naughty.size() <= longest_log_text) { EXPECT_EQ(text(object, "name"), naughty); }
        ++count;
    }
    EXPECT_GT(count, 400U);
}

TEST_F(Log, NeverShowsASecret) {
    const auto object = logged("m", {{"password", "hunter2"},
                                     {"Authorization", "Bearer hunter2"},
                                     {"refresh_token", "hunter2"},
                                     {"new_password", "hunter2"},
                                     {"api_key", 12345},
                                     {"token_id", "kept"}});
    EXPECT_FALSE(sink_.lines[0].contains("hunter2"));
    EXPECT_FALSE(sink_.lines[0].contains("12345"));
    EXPECT_EQ(text(object, "password"), "[redacted]");
    EXPECT_EQ(text(object, "token_id"), "kept");
}

TEST_F(Log, LeavesOutRepeatedReservedAndTooManyFields) {
    const auto object =
        logged("m", {{"a", 1}, {"a", 2}, {"ts", "forged"}, {"level", "ERROR"}, {"msg", "forged"}, {"component", "forged"}});
    EXPECT_EQ(*object.find("a")->number(), 1);
    EXPECT_EQ(text(object, "msg"), "m");
    EXPECT_EQ(text(object, "level"), "INFO");
    std::vector<std::string> names;
    for (int index = 0; index < 50; ++index) names.push_back("f" + std::to_string(index));
    std::vector<LogField> fields;
    for (const auto& name : names) fields.emplace_back(name, 1);
    sink_.lines.clear();
    logger_.write(LogLevel::info, "http", "m", fields);
    EXPECT_EQ(json::parse(sink_.lines[0])->object()->size(), 4 + most_log_fields);
}

TEST_F(Log, WritesNumbersThatJsonLacksAsNull) {
    const auto object = logged(
        "m", {{"a", std::numeric_limits<double>::quiet_NaN()}, {"b", std::numeric_limits<double>::infinity()}, {"c", -0.0}});
    EXPECT_TRUE(object.find("a")->is_null());
    EXPECT_TRUE(object.find("b")->is_null());
    EXPECT_EQ(*object.find("c")->number(), 0);
}

TEST_F(Log, RegardsItsLevel) {
    logger_.debug("http", "unseen");
    EXPECT_FALSE(logger_.enabled(LogLevel::debug, "http"));
    logger_.info("http", "seen");
    EXPECT_EQ(sink_.lines.size(), 1U);
}

TEST_F(Log, LetsAComponentSpeakUpForAWhile) {
    ASSERT_TRUE(logger_.set_level(LogLevel::debug, "pool", clock_.now().plus_seconds(60)));
    EXPECT_TRUE(logger_.enabled(LogLevel::debug, "pool"));
    EXPECT_FALSE(logger_.enabled(LogLevel::debug, "http"));
    clock_.set(clock_.now().plus_seconds(60));
    EXPECT_FALSE(logger_.enabled(LogLevel::debug, "pool"));
    EXPECT_TRUE(logger_.enabled(LogLevel::info, "pool"));
}

TEST_F(Log, LetsAllBeQuietOrLoudForAWhile) {
    ASSERT_TRUE(logger_.set_level(LogLevel::error, "", clock_.now().plus_seconds(60)));
    ASSERT_TRUE(logger_.set_level(LogLevel::debug, "pool", clock_.now().plus_seconds(60)));
    EXPECT_FALSE(logger_.enabled(LogLevel::warning, "http"));
    EXPECT_TRUE(logger_.enabled(LogLevel::debug, "pool"));
    for (int index = 0; index < 62; ++index)
        ASSERT_TRUE(logger_.set_level(LogLevel::info, "c" + std::to_string(index), clock_.now().plus_seconds(1)));
    EXPECT_FALSE(logger_.set_level(LogLevel::info, "one too many", clock_.now().plus_seconds(1)));
    clock_.set(clock_.now().plus_seconds(1));
    EXPECT_TRUE(logger_.set_level(LogLevel::info, "one too many", clock_.now().plus_seconds(1)));
}

}  // namespace
}  // namespace sentinel::telemetry
