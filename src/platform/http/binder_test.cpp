#include "platform/http/binder.hpp"

#include <gtest/gtest.h>

#include "platform/http/binder_testing.hpp"
#include "platform/http/endpoint_testing.hpp"

namespace sentinel::http::testing {
namespace {

using platform::Rule;

std::string times(std::size_t count, std::string_view text) {
    std::string out;
    for (std::size_t index = 0; index < count; ++index) out += text;
    return out;
}

/// A valid body with one member more.
std::string with(const std::string& member) { return R"({"name":"Port","code":"P1",)" + member + "}"; }

struct Case {
    std::string body;
    std::string faults;
};
void PrintTo(const Case& tried, std::ostream* out) { *out << tried.body.substr(0, 100); }

class Bodies : public ::testing::TestWithParam<Case> {};

TEST_P(Bodies, tell_every_broken_rule) {
    const auto bound = bound_body<CreateHarbour>(GetParam().body);
    EXPECT_EQ(summary(bound.faults), GetParam().faults) << GetParam().body;
}

INSTANTIATE_TEST_SUITE_P(shape, Bodies,
                         ::testing::Values(Case{R"({"name":"Port","code":"P1"})", ""}, Case{"[]", "type@"}, Case{"null", "type@"},
                                           Case{"1", "type@"}, Case{"{}", "required@/name required@/code"},
                                           Case{R"({"name":null,"code":"P1"})", "type@/name"},
                                           Case{R"({"name":1,"code":true,"x":1})", "type@/name type@/code unknown@/x"},
                                           Case{with(R"("id":"x")"), "forbidden@/id"},
                                           Case{with(R"("a/b~":1)"), "unknown@/a~1b~0"},
                                           Case{with('"' + times(64, "y") + "\":1"), "unknown@"},
                                           Case{with('"' + times(63, "y") + "\":1"), "unknown@/" + times(63, "y")},
                                           Case{with(R"("Kind":"sea")"), "unknown@/Kind"},
                                           Case{with(R"("kind\u0000":"sea")"), std::string("unknown@/kind\0", 14)},
                                           Case{with(R"("kind":"river","draught":10.5)"), "exclusive@/draught"},
                                           Case{with(R"("kind":"river","draught":10)"), ""}));

INSTANTIATE_TEST_SUITE_P(
    texts, Bodies,
    ::testing::Values(
        Case{R"({"name":"","code":"P1"})", "min_length@/name"}, Case{R"({"name":"   ","code":"P1"})", "min_length@/name"},
        Case{R"({"name":")" + times(255, "é") + R"(","code":"P1"})", ""},
        Case{R"({"name":")" + times(256, "é") + R"(","code":"P1"})", "max_length@/name"},
        Case{R"({"name":"  )" + times(255, "e") + R"(\u2003","code":"P1"})", ""},
        Case{R"({"name":"a\u0000b","code":"P1"})", "format@/name"}, Case{R"({"name":"a\nb","code":"P1"})", "format@/name"},
        Case{R"({"name":"a\u0085b","code":"P1"})", "format@/name"}, Case{R"({"name":"a\u007fb","code":"P1"})", "format@/name"},
        Case{R"({"name":"a\u00a0b","code":"P1"})", ""}, Case{R"({"name":"a","code":"p1"})", "pattern@/code"},
        Case{R"({"name":"a","code":"P1\n"})", "format@/code"}, Case{R"({"name":"a","code":")" + times(50, "P") + R"("})", ""},
        Case{R"({"name":"a","code":")" + times(51, "P") + R"("})", "max_length@/code"}, Case{with(R"("note":"a\tb\nc")"), ""},
        Case{with(R"("note":"a\rb")"), "format@/note"}, Case{with(R"("note":")" + times(101, "a") + '"'), "max_length@/note"}));

INSTANTIATE_TEST_SUITE_P(secrets, Bodies,
                         ::testing::Values(Case{with(R"("password":null)"), ""}, Case{with(R"("password":"123456789012")"), ""},
                                           Case{with(R"("password":"12345678901")"), "min_length@/password"},
                                           Case{with(R"("password":12)"), "type@/password"},
                                           Case{with(R"("password":")" + times(129, "a") + '"'), "max_length@/password"}));

INSTANTIATE_TEST_SUITE_P(
    numbers, Bodies,
    ::testing::Values(Case{with(R"("places":1)"), ""}, Case{with(R"("places":0)"), "minimum@/places"},
                      Case{with(R"("places":1000)"), ""}, Case{with(R"("places":1001)"), "maximum@/places"},
                      Case{with(R"("places":1.5)"), "type@/places"}, Case{with(R"("places":"1")"), "type@/places"},
                      Case{with(R"("places":1e300)"), "maximum@/places"}, Case{with(R"("places":1.0)"), ""},
                      Case{with(R"("places":1e2)"), ""}, Case{with(R"("places":true)"), "type@/places"},
                      Case{with(R"("places":null)"), "type@/places"}, Case{with(R"("draught":0.5)"), ""},
                      Case{with(R"("draught":0.49)"), "minimum@/draught"}, Case{with(R"("draught":30.01)"), "maximum@/draught"},
                      Case{with(R"("draught":"2")"), "type@/draught"}, Case{with(R"("is_open":0)"), "type@/is_open"},
                      Case{with(R"("is_open":"true")"), "type@/is_open"}, Case{with(R"("is_open":null)"), "type@/is_open"},
                      Case{with(R"("is_open":false)"), ""}));

INSTANTIATE_TEST_SUITE_P(forms, Bodies,
                         ::testing::Values(Case{with(R"("kind":"river")"), ""}, Case{with(R"("kind":"lake")"), "enum@/kind"},
                                           Case{with(R"("kind":0)"), "type@/kind"}, Case{with(R"("kind":"River")"), "enum@/kind"},
                                           Case{with(R"("parent_id":null)"), ""},
                                           Case{with(R"("parent_id":"11111111-1111-1111-1111-111111111111")"), ""},
                                           Case{with(R"("parent_id":"11111111-1111-1111-1111-11111111111")"),
                                                "format@/parent_id"},
                                           Case{with(R"("parent_id":7)"), "type@/parent_id"},
                                           Case{with(R"("opens_at":"2026-01-31T08:00:00+02:00")"), ""},
                                           Case{with(R"("opens_at":"2026-01-31")"), "format@/opens_at"},
                                           Case{with(R"("opens_at":"2026-01-31T08:00:00")"), "format@/opens_at"},
                                           Case{with(R"("opens_at":"0001-01-01T00:00:00+01:00")"), "format@/opens_at"},
                                           Case{with(R"("opens_at":"9999-12-31T23:59:59-01:00")"), "format@/opens_at"},
                                           Case{with(R"("opens_at":1767614400)"), "type@/opens_at"},
                                           Case{with(R"("networks":["10.0.0.0/8","::/0"])"), ""},
                                           Case{with(R"("networks":["10.0.0.1/8"])"), "format@/networks/0"},
                                           Case{with(R"("networks":["10.0.0.0/8",null])"), "type@/networks/1"}));

INSTANTIATE_TEST_SUITE_P(
    lists, Bodies,
    ::testing::Values(Case{with(R"("features":[])"), ""}, Case{with(R"("features":["a","b","c","d","e"])"), ""},
                      Case{with(R"("features":["a","b","c","d","e","f"])"), "max_items@/features"},
                      Case{with(R"("features":["a","a"])"), "unique@/features"},
                      Case{with(R"("features":["é","é"])"), "unique@/features"},
                      Case{with(R"("features":["",1,"a"])"), "min_length@/features/0 type@/features/1"},
                      Case{with(R"("features":"a")"), "type@/features"}, Case{with(R"("features":null)"), "type@/features"},
                      Case{with(R"("berths":[{"code":"A"},{"length":1},{"code":"B","length":501,"x":0}])"),
                           "required@/berths/1/code maximum@/berths/2/length unknown@/berths/2/x"},
                      Case{with(R"("berths":[1])"), "type@/berths/0"}, Case{with(R"("labels":{"a":"b","c_d":"e"})"), ""},
                      Case{with(R"("labels":{"A":"b"})"), "pattern@/labels"},
                      Case{with(R"("labels":{"a":""})"), "min_length@/labels/a"},
                      Case{with(R"("labels":{"a":null})"), "type@/labels/a"},
                      Case{with(R"("labels":{"a":"1","b":"1","c":"1","d":"1"})"), "max_items@/labels"}));

TEST(Bodies, documents_are_held_to_their_limits) {
    const auto nested = [](std::size_t depth) {
        return with(R"("settings":)" + times(depth, R"({"a":)") + "1" + times(depth, "}"));
    };
    EXPECT_EQ(summary(bound_body<CreateHarbour>(nested(16)).faults), "");
    EXPECT_EQ(summary(bound_body<CreateHarbour>(nested(17)).faults), "depth@/settings");
    const auto many = [](int count) {
        std::string members;
        for (int index = 0; index < count; ++index) members += (index == 0 ? "\"m" : ",\"m") + std::to_string(index) + "\":0";
        return with(R"("settings":{)" + members + "}");
    };
    EXPECT_EQ(summary(bound_body<CreateHarbour>(many(1000)).faults), "");
    EXPECT_EQ(summary(bound_body<CreateHarbour>(many(1001)).faults), "size@/settings");
    const auto large = [](std::size_t bytes) { return with(R"("settings":{"a":")" + times(bytes - 8, "x") + "\"}"); };
    EXPECT_EQ(summary(bound_body<CreateHarbour>(large(65'536)).faults), "");
    EXPECT_EQ(summary(bound_body<CreateHarbour>(large(65'537)).faults), "size@/settings");
    EXPECT_EQ(summary(bound_body<CreateHarbour>(with(R"("settings":{"a":["\u0000"]})")).faults), "format@/settings");
    EXPECT_EQ(summary(bound_body<CreateHarbour>(with(R"("settings":{"e\u0301":1,"\u00e9":2})")).faults), "unique@/settings");
    EXPECT_EQ(summary(bound_body<CreateHarbour>(with(R"("settings":[])")).faults), "type@/settings");
}

TEST(Bodies, values_arrive) {
    const auto bound = bound_body<CreateHarbour>(
        R"({"name":" Cafe\u0301 ","code":"P-1","kind":"river","parent_id":"ABCDEF00-0000-4000-8000-000000000001","places":7,)"
        R"("settings":{"x":"e\u0301"},"password":"correct horse","opens_at":"2026-01-31T08:00:00.1234567+02:00","berths":[{"code":"A","length":2.5}],)"
        R"("labels":{"a":"b"},"is_open":false})");
    ASSERT_EQ(summary(bound.faults), "");
    const CreateHarbour& harbour = bound.value;
    EXPECT_EQ(harbour.name, "Café");
    EXPECT_EQ(harbour.kind, HarbourKind::river);
    EXPECT_EQ(harbour.parent_id->text(), "abcdef00-0000-4000-8000-000000000001");
    EXPECT_EQ(harbour.places, 7);
    EXPECT_EQ(core::json::to_text(harbour.settings), R"({"x":"é"})");
    EXPECT_EQ(harbour.password->reveal(), "correct horse");
    EXPECT_EQ(harbour.opens_at->text(), "2026-01-31T06:00:00.123456Z");
    ASSERT_EQ(harbour.berths.size(), 1U);
    EXPECT_EQ(harbour.berths[0].length, 2.5);
    EXPECT_EQ(harbour.labels.at("a"), "b");
    EXPECT_FALSE(harbour.is_open);
    EXPECT_EQ(harbour.draught, 1.5) << "left out: the initialiser stands";
}

TEST(Bodies, messages_show_short_values_and_no_secrets) {
    const auto message = [](const std::string& body) { return bound_body<CreateHarbour>(body).faults.at(0).message; };
    EXPECT_NE(message(R"({"name":"a","code":"p1"})").find("\"p1\""), std::string::npos);
    EXPECT_NE(message(with(R"("parent_id":")" + times(63, "z") + '"')).find("zzz"), std::string::npos);
    EXPECT_EQ(message(with(R"("parent_id":")" + times(64, "z") + '"')).find("zzz"), std::string::npos);
    EXPECT_EQ(message(with(R"("password":"hunter2")")).find("hunter2"), std::string::npos);
    EXPECT_EQ(message(with(R"("password":["hunter2"])")).find("hunter2"), std::string::npos);
}

TEST(Bodies, a_hostile_one_makes_no_endless_answer) {
    std::string body = "{";
    for (int index = 0; index < 20'000; ++index) body += (index == 0 ? "\"u" : ",\"u") + std::to_string(index) + "\":0";
    EXPECT_EQ(bound_body<CreateHarbour>(body + "}").faults.size(), 1'000U);
}

TEST(Patches, tell_absent_null_and_given_apart) {
    const auto bound = bound_body<ChangeHarbour>(R"({"note":null,"settings":{"a":null}})", true);
    ASSERT_EQ(summary(bound.faults), "");
    EXPECT_FALSE(bound.value.name.is_given());
    ASSERT_TRUE(bound.value.note.is_given());
    EXPECT_FALSE(bound.value.note.value().has_value());
    EXPECT_EQ(core::json::to_text(bound.value.settings.value()), R"({"a":null})");
    EXPECT_EQ(*bound_body<ChangeHarbour>(R"({"note":"x"})").value.note.value(), "x");
}

TEST(Patches, refuse_null_immutable_and_nothing) {
    EXPECT_EQ(summary(bound_body<ChangeHarbour>(R"({"name":null,"code":"X"})", true).faults), "type@/name immutable@/code");
    EXPECT_EQ(summary(bound_body<ChangeHarbour>("{}", true).faults), "required@");
    EXPECT_EQ(summary(bound_body<ChangeHarbour>(R"({"is_open":null})", true).faults), "type@/is_open");
}

struct QueryCase {
    std::string query;
    std::string faults;
};
void PrintTo(const QueryCase& tried, std::ostream* out) { *out << tried.query.substr(0, 100); }

class Queries : public ::testing::TestWithParam<QueryCase> {};

TEST_P(Queries, tell_every_broken_rule) {
    EXPECT_EQ(summary(bound_query<ListHarbours>(GetParam().query).faults), GetParam().faults) << GetParam().query;
}

INSTANTIATE_TEST_SUITE_P(
    all, Queries,
    ::testing::Values(
        QueryCase{"", ""}, QueryCase{"&&", ""}, QueryCase{"page=1&limit=100", ""}, QueryCase{"page=0", "minimum@/page"},
        QueryCase{"page=-1", "minimum@/page"}, QueryCase{"page=9223372036854775808", "type@/page"},
        QueryCase{"page=", "type@/page"}, QueryCase{"page=%201", "type@/page"}, QueryCase{"page=01", "type@/page"},
        QueryCase{"page=1.5", "type@/page"}, QueryCase{"page=1e3", "type@/page"}, QueryCase{"limit=101", "maximum@/limit"},
        QueryCase{"limit=0", "minimum@/limit"}, QueryCase{"limit=1000000000", "maximum@/limit"},
        QueryCase{"page=1000&limit=100", ""}, QueryCase{"page=1001&limit=100", "maximum@/page"}, QueryCase{"page=2000", ""},
        QueryCase{"page=2001", "maximum@/page"}, QueryCase{"page=1&cursor=x", "exclusive@/page"},
        QueryCase{"page=1&page=1", "max_items@/page"}, QueryCase{"sort=name&order=asc", ""}, QueryCase{"sort=code", "enum@/sort"},
        QueryCase{"sort=created_at%20", "enum@/sort"}, QueryCase{"order=down", "enum@/order"},
        QueryCase{"colour=red", "unknown@/colour"}, QueryCase{"a%2Fb=1", "unknown@/a~1b"}, QueryCase{"is_open=true", ""},
        QueryCase{"is_open=TRUE", "type@/is_open"}, QueryCase{"is_open=1", "type@/is_open"},
        QueryCase{"is_open", "type@/is_open"}, QueryCase{"kind=sea&kind=river", ""}, QueryCase{"kind=sea,river", ""},
        QueryCase{"kind=sea,", "enum@/kind/1"}, QueryCase{"kind=sea,sea,sea", "max_items@/kind"},
        QueryCase{"search=%C3%28", "format@/search"}, QueryCase{"search=", "min_length@/search"},
        QueryCase{"search=" + times(100, "x"), ""}, QueryCase{"search=" + times(101, "x"), "max_length@/search"},
        QueryCase{"search=a,b", ""}, QueryCase{"search=%00", "format@/search"},
        QueryCase{"from_created=2026-01-31T08:00:00Z", ""}, QueryCase{"from_created=2026-01-31", "format@/from_created"}));

TEST(Queries, values_arrive) {
    const auto bound =
        bound_query<ListHarbours>("search=a%2Bb+c&kind=river,sea&limit=7&page=3&from_created=2026-01-31T08:00:00%2B02:00");
    ASSERT_EQ(summary(bound.faults), "");
    EXPECT_EQ(bound.value.search, "a+b c");
    EXPECT_EQ(bound.value.kind, (std::vector{HarbourKind::river, HarbourKind::sea}));
    EXPECT_EQ(bound.value.page.offset(), 14);
    EXPECT_EQ(bound.value.page.direction(), SortOrder::desc);
    EXPECT_EQ(bound.value.from_created->text(), "2026-01-31T06:00:00Z");
    EXPECT_EQ(bound_query<ListHarbours>("sort=name").value.page.direction(), SortOrder::asc);
}

TEST(Queries, a_route_without_any_refuses_all) {
    std::vector<platform::InputFault> faults;
    refuse_parameters("a=1&b", faults);
    EXPECT_EQ(summary(faults), "unknown@/a unknown@/b");
}

TEST(Parsing, what_is_not_json_is_told_with_its_place) {
    try {
        parse_body(R"({"a":1,"a":2})");
        FAIL();
    } catch (const platform::ServiceError& error) {
        EXPECT_EQ(error.code(), platform::ErrorCode::malformed_request);
        EXPECT_EQ(*error.details().find("offset")->number(), 7);
        EXPECT_NE(error.details().find("reason")->text()->find("second time"), std::string::npos);
    }
}

TEST(Parsing, no_long_name_comes_back) {
    const std::string name = '"' + times(100'000, "n") + '"';
    try {
        parse_body("{" + name + ":1," + name + ":2}");
        FAIL();
    } catch (const platform::ServiceError& error) { EXPECT_LT(error.details().find("reason")->text()->size(), 200U); }
}

TEST(Parsing, refuses_what_page_00_refuses) {
    for (const std::string& text :
         {std::string("\xEF\xBB\xBF{}"), std::string("{}x"), std::string("{"), std::string(R"({"a":"\ud800"})"),
          std::string(R"({"a":1e400})"), std::string(R"({"a":9007199254740992})"), std::string("{\"a\":\"\xFF\"}"),
          times(33, "[") + times(33, "]"), std::string("{'a':1}"), std::string("{} // x"), std::string(" ")}) {
        EXPECT_THROW(parse_body(text), platform::ServiceError) << text;
    }
    EXPECT_NO_THROW(parse_body(times(32, "[") + times(32, "]")));
}

}  // namespace
}  // namespace sentinel::http::testing
