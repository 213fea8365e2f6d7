#include "app/json_writer.hpp"

#include <gtest/gtest.h>

namespace sentinel::app {
namespace {

std::string written(const auto& value) {
    std::string out = "\u0085";  // what stands there already is not touched
    append_json(out, value);
    return out.substr(2);
}

TEST(JsonWriter, EscapesWhatCouldSteerATerminalOrDeceiveAReader) {
    EXPECT_EQ(written("a\u0085\u009F\x7F\n"), R"("a\u0085\u009f\u007f\n")");
    EXPECT_EQ(written("\u202E\u2066\u2028\u2029\u200B\uFEFF"), R"("\u202e\u2066\u2028\u2029\u200b\ufeff")");
    EXPECT_EQ(written(std::string("\U000E0001")), R"("\udb40\udc01")");
    const core::json::Object object{{"\u2028", core::json::Array{core::json::Value("\u009B")}}};
    EXPECT_EQ(written(object), R"({"\u2028":["\u009b"]})");
    EXPECT_EQ(written(core::json::Value(object)), R"({"\u2028":["\u009b"]})");
}

TEST(JsonWriter, LeavesReadableTextAlone) { EXPECT_EQ(written("Ærø \"東京\" \U0001F6A2"), "\"Ærø \\\"東京\\\" \U0001F6A2\""); }

TEST(JsonWriter, WritesValidJsonOfBytesThatAreNoUtf8) { EXPECT_EQ(written("a\xFF\xC3"), R"("a\ufffd\ufffd")"); }

}  // namespace
}  // namespace sentinel::app
