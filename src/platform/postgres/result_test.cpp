#include "platform/postgres/result.hpp"

#include <limits>

#include "core/vocabulary.hpp"
#include "platform/postgres/errors.hpp"
#include "platform/postgres/postgres_testing.hpp"

namespace sentinel::postgres {

namespace {

class ResultTest : public testing::DatabaseTest {
protected:
    template <class... Arguments>
    Result ask(const Statement& statement, Arguments... arguments) {
        return run(database().read(core::platform_tenant, [&](Transaction& transaction) -> boost::asio::awaitable<Result> {
            Result result = co_await transaction.execute(statement, arguments...);
            co_return result;
        }));
    }
    /// The value as the server stored and gave it back, and NULL beside it.
    template <class T>
    void expect_same(const Statement& statement, const T& value) {
        const Result result = ask(statement, value);
        EXPECT_EQ(result.one().get<T>(0), value) << statement.name;
        EXPECT_EQ(result.one().get<std::optional<T>>(0), value) << statement.name;
        const Result nothing = ask(statement, std::optional<T>());
        EXPECT_EQ(nothing.one().get<std::optional<T>>(0), std::nullopt) << statement.name;
        EXPECT_TRUE(nothing.one().is_null(0));
        EXPECT_THROW(nothing.one().get<T>(0), InternalDatabaseError) << statement.name;
    }
};

constexpr Statement give_boolean{"test.boolean", "SELECT $1::boolean"};
constexpr Statement give_smallint{"test.smallint", "SELECT $1::smallint"};
constexpr Statement give_integer{"test.integer", "SELECT $1::integer"};
constexpr Statement give_bigint{"test.bigint", "SELECT $1::bigint"};
constexpr Statement give_double{"test.double", "SELECT $1::double precision"};
constexpr Statement give_text{"test.text", "SELECT $1::text"};
constexpr Statement give_bytea{"test.bytea", "SELECT $1::bytea"};
constexpr Statement give_uuid{"test.uuid", "SELECT $1::uuid"};
constexpr Statement give_instant{"test.instant", "SELECT $1::timestamptz"};
constexpr Statement give_jsonb{"test.jsonb", "SELECT $1::jsonb"};
constexpr Statement give_json{"test.json", "SELECT $1::json"};
constexpr Statement give_texts{"test.texts", "SELECT $1::text[]"};
constexpr Statement give_uuids{"test.uuids", "SELECT $1::uuid[]"};
constexpr Statement give_bigints{"test.bigints", "SELECT $1::bigint[]"};
constexpr Statement give_instants{"test.instants", "SELECT $1::timestamptz[]"};
constexpr Statement give_byteas{"test.byteas", "SELECT $1::bytea[]"};
constexpr Statement give_network{"test.network", "SELECT $1::cidr, $1::inet, ARRAY[$1::cidr]"};
constexpr Statement give_two{"test.two", "SELECT g AS number, 'n' || g AS \"Name\" FROM generate_series(1, $1::integer) g"};
constexpr Statement give_matrix{"test.matrix", "SELECT ARRAY[[1, 2], [3, 4]]"};

}  // namespace

TEST_F(ResultTest, NumbersAreExact) {
    for (const bool value : {true, false}) expect_same(give_boolean, value);
    using Small = std::numeric_limits<std::int16_t>;
    using Middle = std::numeric_limits<std::int32_t>;
    using Big = std::numeric_limits<std::int64_t>;
    for (const std::int16_t value : {Small::min(), Small::max()}) expect_same(give_smallint, value);
    for (const std::int32_t value : {Middle::min(), -1, 0, Middle::max()}) expect_same(give_integer, value);
    for (const std::int64_t value : {Big::min(), std::int64_t{-1}, Big::max()}) expect_same(give_bigint, value);
    for (const double value : {0.1, -1e308, 5e-324, std::numeric_limits<double>::infinity()}) expect_same(give_double, value);
    EXPECT_EQ(ask(give_smallint, 7).one().get<std::int64_t>(0), 7) << "wider is allowed";
}

TEST_F(ResultTest, TextsAndBytesAreExact) {
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
    expect_same(give_bytea, to_bytes(every_byte));
    expect_same(give_bytea, Bytes{});
    expect_same(give_text, std::string());
    expect_same(give_text, std::string("'; DROP TABLE users; -- \\ \" \xC3\xA9 \xF0\x9F\x98\x80\n"));
    expect_same(give_text, std::string(300'000, 'x'));
    EXPECT_EQ(ask(give_bytea, to_bytes("raw")).one().get<std::string>(0), "raw");
}

TEST_F(ResultTest, IdsInstantsAndDocumentsAreExact) {
    const core::Uuid id = core::Uuid::v5({}, "one");
    expect_same(give_uuid, id);
    expect_same(give_uuid, core::UserId{id});
    for (const char* text : {"1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2026-11-23T20:47:00.123456Z",
                             "0001-01-01T00:00:00Z", "1999-12-31T23:59:59.5Z", "9999-12-31T23:59:59.999999Z"}) {
        expect_same(give_instant, *core::Instant::parse(text));
    }
    const auto document = *core::json::parse(R"({"a":[1,2.5,null,true,"é\"\\"],"b":{"c":{}},"n":9007199254740991})");
    expect_same(give_jsonb, document);
    expect_same(give_json, document);
    expect_same(give_jsonb, core::json::Value());
    expect_same(give_jsonb, core::json::Object{{"a", 1}});
    EXPECT_EQ(ask(give_jsonb, std::optional<core::json::Value>()).one().get<std::optional<core::json::Object>>(0), std::nullopt);
    EXPECT_THROW(ask(give_jsonb, core::json::Value(core::json::Array())).one().get<core::json::Object>(0), InternalDatabaseError);
    EXPECT_EQ(ask(give_jsonb, document).one().get<std::string_view>(0).front(), '{');
}

TEST_F(ResultTest, ArraysAreExact) {
    expect_same(give_texts, std::vector<std::string>{});
    expect_same(give_texts, std::vector<std::string>{"", "NULL", "a,b", "{}", "\"\\'", " blank ", "\n"});
    expect_same(give_texts, std::vector<std::optional<std::string>>{"a", std::nullopt, ""});
    expect_same(give_uuids, std::vector<core::Uuid>{core::Uuid::v5({}, "a"), core::Uuid::v5({}, "b")});
    expect_same(give_uuids, std::vector<core::RoleId>{core::RoleId{core::Uuid::v5({}, "a")}});
    expect_same(give_bigints, std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min(), 0});
    expect_same(give_instants, std::vector<core::Instant>{{0, 1000}, {-1, 0}});
    expect_same(give_byteas, std::vector<Bytes>{to_bytes("\\x"), Bytes{}});
    const std::vector<std::optional<std::string>> with_null{std::nullopt};
    EXPECT_THROW(ask(give_texts, with_null).one().get<std::vector<std::string>>(0), InternalDatabaseError);
    EXPECT_THROW(ask(give_matrix).one().get<std::vector<int>>(0), InternalDatabaseError);
}

TEST_F(ResultTest, NetworksAreTexts) {
    const Result four = ask(give_network, "10.1.0.0/16");
    EXPECT_EQ(four.one().get<std::string>(0), "10.1.0.0/16");
    EXPECT_EQ(four.one().get<std::string>(1), "10.1.0.0/16");
    EXPECT_EQ(four.one().get<std::vector<std::string>>(2), std::vector<std::string>{"10.1.0.0/16"});
    const Result six = ask(give_network, "2001:db8::1/128");
    EXPECT_EQ(six.one().get<std::string>(0), "2001:db8::1/128");
    EXPECT_EQ(six.one().get<std::string>(1), "2001:db8::1");
}

TEST_F(ResultTest, RefusesOtherTypesAndColumns) {
    const Result text = ask(give_text, "17");
    EXPECT_THROW(text.one().get<int>(0), InternalDatabaseError);
    EXPECT_THROW(text.one().get<bool>(0), InternalDatabaseError);
    EXPECT_THROW(text.one().get<core::Uuid>(0), InternalDatabaseError);
    EXPECT_THROW(text.one().get<Bytes>(0), InternalDatabaseError);
    EXPECT_THROW(text.one().get<core::json::Value>(0), InternalDatabaseError);
    EXPECT_THROW(text.one().get<std::vector<std::string>>(0), InternalDatabaseError);
    EXPECT_THROW(text.one().get<std::string>(1), InternalDatabaseError);
    EXPECT_THROW(text.one().get<std::string>("nowhere"), InternalDatabaseError);
    EXPECT_THROW(ask(give_bigint, 1).one().get<std::int32_t>(0), InternalDatabaseError) << "never narrower";
    EXPECT_THROW(ask(give_bigint, 1).one().get<std::string>(0), InternalDatabaseError);
    EXPECT_THROW(ask(Statement{"test.infinity", "SELECT 'infinity'::timestamptz"}).one().get<core::Instant>(0),
                 InternalDatabaseError);
}

TEST_F(ResultTest, WalksRowsByNameAndPosition) {
    const Result rows = ask(give_two, 3);
    EXPECT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows.affected_rows(), 3U);
    int expected = 0;
    for (const Row row : rows) {
        ++expected;
        EXPECT_EQ(row.get<int>("number"), expected);
        EXPECT_EQ(row.get<std::string>("Name"), "n" + std::to_string(expected));
    }
    EXPECT_EQ(expected, 3);
    EXPECT_EQ(rows[2].get<int>(0), 3);
    EXPECT_THROW(rows[3], InternalDatabaseError);
    EXPECT_THROW(rows.one(), InternalDatabaseError);
    EXPECT_THROW(rows.maybe_one(), InternalDatabaseError);
    EXPECT_FALSE(ask(give_two, 0).maybe_one().has_value());
}

}  // namespace sentinel::postgres
