#include "policy/node.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "policy/text_writer.hpp"

namespace sentinel::policy {
namespace {

json::Value yaml(std::string_view text) {
    const auto node = read_node(text, Format::yaml);
    return node ? node->value() : json::Value("problem: " + problem_text(node.error().front()));
}

json::Value parsed(std::string_view text) { return json::parse(text).value(); }

/// The first problem as `line pointer code`.
std::string problem(std::string_view text, Format format, const ReadLimits& limits = {}) {
    const auto node = read_node(text, format, limits);
    if (node) return "none";
    const Problem& first = node.error().front();
    return std::to_string(first.line) + " " + first.pointer + " " + first.code;
}

TEST(NodeYaml, ReadsTheCoreSchemaAndLeavesTheTrapsOfYaml11AsText) {
    EXPECT_EQ(yaml("[null, Null, NULL, ~, true, True, TRUE, false, False, FALSE]"),
              parsed("[null, null, null, null, true, true, true, false, false, false]"));
    EXPECT_EQ(yaml("[0, -0, +7, 42, -3, 1.5, .5, 1., -1.5e3, 1E-2, 0x1F, 0o17]"),
              parsed("[0, 0, 7, 42, -3, 1.5, 0.5, 1, -1500, 0.01, 31, 15]"));
    EXPECT_EQ(
        yaml("[no, yes, on, off, y, n, NO, 017, 00, -01, 1:20, 1_000, 0b1, 2026-01-01, 0x, 0xG, '1', \"true\", ., e3, -, +.]"),
        parsed(
            R"(["no","yes","on","off","y","n","NO","017","00","-01","1:20","1_000","0b1","2026-01-01","0x","0xG","1","true",".","e3","-","+."])"));
    EXPECT_EQ(yaml("a:\nb: ''\nc: |\n  x\n  y\n"), parsed(R"({"a": null, "b": "", "c": "x\ny\n"})"));
    EXPECT_EQ(yaml("1: x\ntrue: y\n<<: z\n"), parsed(R"({"1": "x", "true": "y", "<<": "z"})"));
    EXPECT_EQ(yaml(""), json::Value());
    EXPECT_EQ(yaml("# nothing\n"), json::Value());
    EXPECT_EQ(yaml("%YAML 1.2\n---\na: 1\n...\n"), parsed(R"({"a": 1})"));
}

TEST(NodeYaml, ReadsExponentsWithASignOrNone) {
    EXPECT_EQ(yaml("[1e2, 1e+2, 1e-2, 1e, 1e+, 1ex]"), parsed(R"([100, 100, 0.01, "1e", "1e+", "1ex"])"));
}

TEST(NodeYaml, RefusesDirectivesPropertiesAndKeysOfAnyKind) {
    EXPECT_EQ(problem("%TAG ! tag:a.example,2026:\n---\na: 1\n", Format::yaml), "1  syntax");
    EXPECT_EQ(problem("%YAML 1.3\n---\na: 1\n", Format::yaml), "1  syntax");
    EXPECT_EQ(problem("a: &x [1]\n", Format::yaml), "1 /a syntax");
    EXPECT_EQ(problem("a: &x {b: 1}\n", Format::yaml), "1 /a syntax");
    EXPECT_EQ(problem("? {a: 1}\n: 1\n", Format::yaml), "1  syntax");
    EXPECT_EQ(problem("a: 1\nb: \xFF\n", Format::yaml), "2  syntax");
    EXPECT_EQ(problem("a: \xFF", Format::yaml), "1  syntax");
}

TEST(NodeYaml, RefusesTheLineBreaksOfYaml11RawAnywhere) {
    const std::pair<std::string, std::string> breaks[] = {
        {"\xC2\x85", "\\u0085"}, {"\xE2\x80\xA8", "\\u2028"}, {"\xE2\x80\xA9", "\\u2029"}};
    for (const auto& [raw, escaped] : breaks) {
        EXPECT_EQ(problem("a: 1\n# plain role" + raw + "users: {eve: {roles: [tenant_admin]}}\n", Format::yaml), "2  syntax");
        EXPECT_EQ(problem("a: 1\r\rb: \"x" + raw + "\"\n", Format::yaml), "3  syntax");
        EXPECT_EQ(problem("a" + raw + "b: 1\n", Format::yaml), "1  syntax");
        const json::Value refused = yaml("a: " + raw);
        EXPECT_NE(refused.text()->find("write it as \"" + escaped + "\" in double quotes"), std::string::npos) << *refused.text();
        EXPECT_EQ(yaml("a: \"" + escaped + "\"\n"), json::Value(json::Object{{"a", raw}}));
        EXPECT_EQ(read_node("{\"a\": \"" + raw + "\"}", Format::json).value().value(), json::Value(json::Object{{"a", raw}}));
        const json::Object object{{raw, raw}};
        const std::string written = "\"" + escaped + "\": \"" + escaped + "\"\n";
        EXPECT_EQ(yaml_text(object), written);
        EXPECT_EQ(yaml_text(*yaml(written).object()), written);
    }
    EXPECT_EQ(yaml("a: 'x\xC2\xA0y'\n"), parsed("{\"a\": \"x\xC2\xA0y\"}"));
}

TEST(NodeYaml, CountsALoneCarriageReturnAsALine) {
    const auto node = read_node("a: 1\rb: 2\r\nc: 3\n# x\rd: 4", Format::yaml);
    ASSERT_TRUE(node);
    EXPECT_EQ(node->value(), parsed(R"({"a": 1, "b": 2, "c": 3, "d": 4})"));
    EXPECT_EQ(node->line_at("/b"), 2U);
    EXPECT_EQ(node->line_at("/c"), 3U);
    EXPECT_EQ(node->line_at("/d"), 5U);
    EXPECT_EQ(problem("a: 1\rb: \x01\n", Format::yaml), "2  syntax");
    EXPECT_EQ(problem("a: 1\r\r\nb: \xFF\n", Format::yaml), "3  syntax");
    EXPECT_EQ(problem("a: 1\rb: c" + std::string(1025, ' ') + "d", Format::yaml), "2  limit");
}

TEST(NodeYaml, RefusesAByteOrderMarkAnywhere) {
    EXPECT_EQ(problem("a: 1\n# x\xEF\xBB\xBF\n", Format::yaml), "2  syntax");
    EXPECT_EQ(problem("a: 1\r\n\xEF\xBB\xBF"
                      "b: 2\n",
                      Format::yaml),
              "2  syntax");
    EXPECT_EQ(problem("a: 1\n\nb: \"\xEF\xBB\xBF\"\n", Format::yaml), "3  syntax");
}

TEST(NodeYaml, RefusesWhatIsNotOfTheSubsetWithLineAndPointer) {
    EXPECT_EQ(problem("a: 1\nb: &x 2\n", Format::yaml), "2 /b syntax");
    EXPECT_EQ(problem("a: 1\nb: *x\n", Format::yaml), "2 /b syntax");
    EXPECT_EQ(problem("a: 1\nb: !!str 2\n", Format::yaml), "2 /b syntax");
    EXPECT_EQ(problem("a: !\n", Format::yaml), "1 /a syntax");
    EXPECT_EQ(problem("a: !x {}\n", Format::yaml), "1 /a syntax");
    EXPECT_EQ(problem("a: 1\n---\nb: 1\n", Format::yaml), "2  syntax");
    EXPECT_EQ(problem("%YAML 1.1\n---\na: 1\n", Format::yaml), "1  syntax");
    EXPECT_EQ(problem("? [a]\n: 1\n", Format::yaml), "1  syntax");
    EXPECT_EQ(problem("a:\n  b: 1\n  c: 2\n  b: 3\n", Format::yaml), "4 /a/b duplicate");
    EXPECT_EQ(problem("a: 1\n'a': 2\n", Format::yaml), "2 /a duplicate");
    EXPECT_EQ(problem("a: [1\nb: 2\n", Format::yaml), "2 /a/1 syntax");
    EXPECT_EQ(problem("a: .inf\n", Format::yaml), "1 /a range");
    EXPECT_EQ(problem("a: -.INF\n", Format::yaml), "1 /a range");
    EXPECT_EQ(problem("a: .nan\n", Format::yaml), "1 /a range");
    EXPECT_EQ(problem("a: 1e400\n", Format::yaml), "1 /a range");
    EXPECT_EQ(problem("a: 9007199254740992\n", Format::yaml), "1 /a range");
    for (const char* text :
         {"0xFFFFFFFFFFFFFFFFFFFFFFFF", "0x1FFFFFFFFFFFFFFFF", "0x10000000000000000", "0o2000000000000000000000"}) {
        EXPECT_EQ(problem(fmt::format("a: {}\n", text), Format::yaml), "1 /a range") << text;
    }
    EXPECT_EQ(yaml("[0x0000000000000000000000001F, 0o00000000000000000000000017]"), parsed("[31,15]"))
        << "zeros in front count for nothing";
    EXPECT_EQ(problem("a: 1\nb: \"\xFF\"\n", Format::yaml), "2  syntax");
    EXPECT_EQ(problem("a: 1\n\nb: \x01\n", Format::yaml), "3  syntax");
    EXPECT_EQ(problem(std::string_view("a: \0b\n", 7), Format::yaml), "1  syntax");
    EXPECT_EQ(problem("\xEF\xBB\xBF"
                      "a: 1\n",
                      Format::yaml),
              "1  syntax");
    EXPECT_EQ(problem("a: b\n" + std::string(1025, ' ') + "c", Format::yaml), "2  limit");
    EXPECT_EQ(yaml("9007199254740991"), parsed("9007199254740991"));
}

TEST(NodeJson, IsAsStrictAsCore) {
    EXPECT_EQ(problem("{\"a\": 1,\n \"a\": 2}", Format::json), "2 /a duplicate");
    EXPECT_EQ(problem("{\"a\": 1,\n \"b\": [1, x]}", Format::json), "2 /b/1 syntax");
    EXPECT_EQ(problem("{\"a\":\n 1", Format::json), "2  syntax");
    EXPECT_EQ(problem("", Format::json), "1  syntax");
    EXPECT_EQ(problem("{}\n\n x", Format::json), "3  syntax");
    EXPECT_EQ(problem("{} {}", Format::json), "1  syntax");
    EXPECT_EQ(problem("[1e400]", Format::json), "1 /0 range");
    EXPECT_EQ(problem("[9007199254740992]", Format::json), "1 /0 range");
    EXPECT_EQ(problem("[99999999999999999999]", Format::json), "1 /0 range");
    EXPECT_EQ(problem("[01]", Format::json), "1 /1 syntax");
    EXPECT_EQ(problem("[\"\\ud800\"]", Format::json), "1 /0 syntax");
    EXPECT_EQ(problem("[\"\xFF\"]", Format::json), "1 /0 syntax");
    EXPECT_EQ(problem("\xEF\xBB\xBF{}", Format::json), "1  syntax");
    EXPECT_EQ(problem("{} // x", Format::json), "1  syntax");
    const auto node =
        read_node("{\"a\": [1, 1.0, -0, 0e606, 5e-324, 0.1],\n\n \"b\": \"\\ud83d\\ude00 \\\" x\"}\n\n", Format::json);
    ASSERT_TRUE(node);
    EXPECT_EQ(node->value(), parsed("{\"a\": [1, 1, 0, 0, 5e-324, 0.1], \"b\": \"\\ud83d\\ude00 \\\" x\"}"));
    EXPECT_EQ(node->find("b")->line, 3U);
    EXPECT_EQ(node->find("b")->value.line(), 3U);
}

TEST(Node, KnowsTheLineOfEachValue) {
    const auto node = read_node("a:\n  x~/y: [1,\n    2]\nb: 3\n", Format::yaml);
    ASSERT_TRUE(node);
    EXPECT_EQ(node->line_at(""), 1U);
    EXPECT_EQ(node->line_at("/a"), 1U);
    EXPECT_EQ(node->line_at("/a/x~0~1y"), 2U);
    EXPECT_EQ(node->line_at("/a/x~0~1y/1"), 3U);
    EXPECT_EQ(node->line_at("/a/x~0~1y/7"), 2U);
    EXPECT_EQ(node->line_at("/b/none"), 4U);
    EXPECT_EQ(node->line_at("/none"), 1U);
}

TEST(Node, KeepsItsLimits) {
    for (const Format format : {Format::yaml, Format::json}) {
        const ReadLimits nodes{.bytes = 1000, .depth = 3, .nodes = 4};
        EXPECT_EQ(problem("[1, 2, 3]", format, nodes), "none");
        EXPECT_EQ(problem("[1, 2,\n 3, 4]", format, nodes), "2 /3 limit");
        EXPECT_EQ(problem("{\"a\": [[1]]}", format, nodes), "none");
        EXPECT_EQ(problem("{\"a\": [[[]]]}", format, nodes), "1 /a/0/0 limit");
        EXPECT_EQ(problem("[12345678]", format, {.bytes = 10, .depth = 3, .nodes = 4}), "none");
        EXPECT_EQ(problem("[123456789]", format, {.bytes = 10, .depth = 3, .nodes = 4}), "1  limit");
        const std::string deep(32, '[');
        EXPECT_EQ(problem(deep + std::string(32, ']'), format), "none");
        EXPECT_EQ(
            problem(deep + "[" + std::string(33, ']'), format), "1 " + [] {
                std::string pointer;
                for (int i = 0; i < 32; ++i) pointer += "/0";
                return pointer;
            }() + " limit");
    }
}

TEST(Node, AnswersHostileTextsQuickly) {
    const std::string open(1'000'000, '[');
    EXPECT_NE(problem(open, Format::yaml), "none");
    EXPECT_NE(problem(open, Format::json), "none");
    std::string words = "a" + std::string(1000, ' ');
    while (words.size() < 1'000'000) words += "b ";
    EXPECT_EQ(problem("- " + words + "c", Format::yaml), "none");
    EXPECT_EQ(problem(std::string(1'000'000, '\n') + "{}", Format::json), "none");
    std::string members = "{\"" + std::string(100'000, 'k') + "\": {";
    for (int i = 0; i < 50'000; ++i) members += "\"a\": 1,\n";
    const auto node = read_node(members + "\"a\": 1}}", Format::json);
    ASSERT_FALSE(node);
    std::size_t bytes = 0;
    for (const Problem& each : node.error()) bytes += each.pointer.size();
    EXPECT_LT(bytes, 5u << 20);
    EXPECT_EQ(node.error().back().code, "limit");
}

TEST(TextWriter, WritesWhatReadsBackAsTheSame) {
    json::Object object;
    const std::string traps[] = {"",
                                 " ",
                                 "no",
                                 "Yes",
                                 "null",
                                 "~",
                                 "1",
                                 "01",
                                 "1.5",
                                 ".inf",
                                 "0x1F",
                                 "- a",
                                 "a: b",
                                 "a #b",
                                 "#",
                                 "&x",
                                 "*x",
                                 "!t",
                                 "%d",
                                 "@a",
                                 "`",
                                 "'",
                                 "\"",
                                 "\\",
                                 "\n",
                                 "a\nb\n",
                                 "\t",
                                 std::string(1, '\0'),
                                 "\x7F",
                                 "\xC2\x85",
                                 "\xC2\xA0",
                                 "\xE2\x80\xA8",
                                 "\xEF\xBB\xBF",
                                 "\xEF\xBF\xBF",
                                 "\xF0\x9F\x98\x80",
                                 "[a",
                                 "{a",
                                 "a,b",
                                 "2026-01-01T00:00:00Z",
                                 "user@psl-001.example",
                                 "$in",
                                 "---",
                                 "...",
                                 "<<",
                                 "=",
                                 "?",
                                 "é",
                                 std::string(2000, ' '),
                                 std::string(2000, 'k'),
                                 std::string(500, '"') + "\n"};
    json::Array all;
    for (const std::string& trap : traps) {
        object.set("text " + trap, trap);
        object.set(trap, json::Array{trap, json::Object{{trap, json::Array{}}}, json::Array{json::Array{trap}}});
        all.emplace_back(trap);
    }
    object.set("all", all);
    object.set("none", json::Object{});
    object.set("numbers", json::Array{0, -1, 1.5, 1e300, 5e-324, 9007199254740991.0, nullptr, true, false});
    for (const Format format : {Format::yaml, Format::json}) {
        const std::string text = format == Format::yaml ? yaml_text(object) : json_text(object);
        const auto node = read_node(text, format);
        ASSERT_TRUE(node) << problem_text(node.error().front()) << text;
        EXPECT_EQ(node->value(), json::Value(object));
    }
    EXPECT_EQ(yaml_text({}), "{}\n");
    EXPECT_EQ(json_text({}), "{}\n");
    EXPECT_EQ(yaml_text({{"b", json::Array{"x", 1}}, {"a", json::Object{{"no", "yes"}}}}), "a:\n  \"no\": \"yes\"\nb: [x, 1]\n");
}

}  // namespace
}  // namespace sentinel::policy
