#include "platform/postgres/transaction.hpp"

#include <string>

#include "core/vocabulary.hpp"
#include "platform/postgres/errors.hpp"
#include "platform/postgres/postgres_testing.hpp"

namespace sentinel::postgres {

namespace asio = boost::asio;

namespace {

constexpr Statement current_tenant{"test.current_tenant", "SELECT current_setting('sentinel.tenant_id', true), pg_backend_pid()"};
constexpr Statement give_number{"test.number", "SELECT $1::integer"};
constexpr Statement divide{"test.divide", "SELECT 1 / $1::integer"};
constexpr Statement insert_note{"test.insert_note", "INSERT INTO notes (id, text) VALUES ($1, $2)"};
constexpr Statement refuse_cycle{"test.refuse_cycle", "INSERT INTO refused VALUES (1)"};
constexpr Statement count_notes{"test.count_notes", "SELECT count(*) FROM notes"};
constexpr Statement all_of_wide{"test.all_of_wide", "SELECT * FROM wide"};

core::TenantId tenant(const char* name) { return {core::Uuid::v5({}, name)}; }

class TransactionTest : public testing::DatabaseTest {
protected:
    void SetUp() override {
        cluster().execute(
            "DROP TABLE IF EXISTS notes; CREATE TABLE notes (id integer PRIMARY KEY, text text NOT NULL CHECK (text <> ''), "
            "parent "
            "integer, CONSTRAINT notes_parent FOREIGN KEY (parent) REFERENCES notes DEFERRABLE INITIALLY DEFERRED)");
    }
    DatabaseOptions options() const override {
        DatabaseOptions options = DatabaseTest::options();
        options.size = 1;
        return options;
    }
    static std::string notes() {
        return cluster().execute("SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM notes");
    }
    template <class Callback>
    auto write(Callback callback, TransactionOptions transaction_options = {}) {
        return run(database().write(tenant("a"), std::move(callback), transaction_options));
    }
    template <class Callback>
    auto read(Callback callback, TransactionOptions transaction_options = {}) {
        return run(database().read(tenant("a"), std::move(callback), transaction_options));
    }
};

}  // namespace

TEST_F(TransactionTest, ARefusedHierarchyTellsItsPath) {
    cluster().execute(
        "CREATE TABLE refused (id integer); CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'no' USING errcode = 'SE001', detail = 'a,b,a'; END $$; "
        "CREATE TRIGGER refuse BEFORE INSERT ON refused FOR EACH ROW EXECUTE FUNCTION refuse()");
    try {
        write([](Transaction& transaction) -> asio::awaitable<void> { co_await transaction.execute(refuse_cycle); });
        ADD_FAILURE() << "passed";
    } catch (const HierarchyRefused& error) {
        EXPECT_EQ(core::json::to_text(error.details()), R"({"path":["a","b","a"]})");
        EXPECT_EQ(error.diagnostic().line().find("a,b"), std::string::npos);
    }
}

TEST_F(TransactionTest, FirstStatementSeesItsTenant) {
    const auto ask = [](Transaction& transaction) -> asio::awaitable<std::string> {
        const Result result = co_await transaction.execute(current_tenant);
        co_return result.one().get<std::string>(0);
    };
    for (const char* name : {"a", "b"}) {
        EXPECT_EQ(run(database().read(tenant(name), ask)), tenant(name).text());
        EXPECT_EQ(run(database().write(tenant(name), ask)), tenant(name).text());
        EXPECT_EQ(run(database().read(tenant(name), ask, {Isolation::repeatable_read})), tenant(name).text());
    }
    EXPECT_EQ(run(database().read<std::string>(tenant("c"), ask)), tenant("c").text()) << "the type may be said";
}

TEST_F(TransactionTest, TenantIsGoneWithTheTransaction) {
    struct Seen {
        std::string tenant;
        int backend = 0;
    };
    const auto ask = [](Transaction& transaction) -> asio::awaitable<Seen> {
        const Result result = co_await transaction.execute(current_tenant);
        co_return Seen{result.one().get<std::optional<std::string>>(0).value_or(""), result.one().get<int>(1)};
    };
    const auto fail = [](Transaction& transaction) -> asio::awaitable<void> {
        co_await transaction.execute(give_number, 1);
        throw std::runtime_error("stop");
    };
    const Seen first = read(ask);
    const auto expect_nothing_left = [&](const char* after) {
        for (const Seen& seen : {run(database().read_private(ask)), run(database().write_private(ask))}) {
            EXPECT_EQ(seen.tenant, "") << after;
            EXPECT_EQ(seen.backend, first.backend) << after << ": the same connection, or this test shows nothing";
        }
    };
    expect_nothing_left("read");
    write(ask);
    expect_nothing_left("write");
    EXPECT_THROW(read(fail), std::runtime_error);
    expect_nothing_left("failed read");
    EXPECT_THROW(write(fail), std::runtime_error);
    expect_nothing_left("failed write");
}

TEST_F(TransactionTest, SwitchesTheTenantWithin) {
    write([](Transaction& transaction) -> asio::awaitable<void> {
        const Result before = co_await transaction.execute(current_tenant);
        EXPECT_EQ(before.one().get<std::string>(0), tenant("a").text());
        co_await transaction.switch_tenant(tenant("b"));
        EXPECT_EQ(transaction.tenant(), tenant("b"));
        const Result after = co_await transaction.execute(current_tenant);
        EXPECT_EQ(after.one().get<std::string>(0), tenant("b").text());
    });
    EXPECT_EQ(read([](Transaction& transaction) -> asio::awaitable<std::string> {
                  co_await transaction.switch_tenant(tenant("c"));
                  const Result result = co_await transaction.execute(current_tenant);
                  co_return result.one().get<std::string>(0);
              }),
              tenant("c").text());
}

TEST_F(TransactionTest, ReadEndsWithItsLastStatement) {
    for (const Isolation isolation : {Isolation::read_committed, Isolation::repeatable_read}) {
        read(
            [](Transaction& transaction) -> asio::awaitable<void> {
                const Result first = co_await transaction.execute(current_tenant);
                const std::string state =
                    "SELECT state FROM pg_stat_activity WHERE pid = " + std::to_string(first.one().get<int>(1));
                EXPECT_NE(cluster().execute(state), "idle");
                const Result last = co_await transaction.execute_last(current_tenant);
                EXPECT_EQ(last.one().get<std::string>(0), tenant("a").text());
                EXPECT_EQ(cluster().execute(state), "idle");
                EXPECT_THROW(transaction.send(give_number, 1), InternalDatabaseError);
                EXPECT_THROW(transaction.send_switch_tenant(tenant("b")), InternalDatabaseError);
            },
            {isolation});
        EXPECT_THROW(read(
                         [](Transaction& transaction) -> asio::awaitable<void> {
                             const Result result = co_await transaction.execute_last(divide, 0);
                             static_cast<void>(result);
                         },
                         {isolation}),
                     InternalDatabaseError);
        EXPECT_EQ(database().statistics().idle, 1U) << "the connection is kept";
    }
}

TEST_F(TransactionTest, WriteGoesOnAfterItsLastStatement) {
    write([](Transaction& transaction) -> asio::awaitable<void> {
        const Result first = co_await transaction.execute_last(insert_note, 1, "one");
        const Result second = co_await transaction.execute(insert_note, 2, "two");
        static_cast<void>(first);
        static_cast<void>(second);
    });
    EXPECT_EQ(notes(), "1,2");
}

TEST_F(TransactionTest, PipelineKeepsItsOrder) {
    constexpr int count = 200;
    read([](Transaction& transaction) -> asio::awaitable<void> {
        std::vector<Pending> sent;
        for (int number = 0; number < count; ++number) sent.push_back(transaction.send(give_number, number));
        for (int number = count - 1; number >= 0; --number) {  // received the other way round
            const Result result = co_await transaction.receive(std::move(sent[static_cast<std::size_t>(number)]));
            EXPECT_EQ(result.one().get<int>(0), number);
        }
    });
}

TEST_F(TransactionTest, PipelineLargerThanTheSocketDoesNotBlock) {
    const std::string large(1 << 20, 'x');
    static constexpr Statement echo{"test.echo", "SELECT $1::text"};
    read([&](Transaction& transaction) -> asio::awaitable<void> {
        std::vector<Pending> sent;
        for (int number = 0; number < 8; ++number) sent.push_back(transaction.send(echo, large));
        for (Pending& pending : sent) {
            const Result result = co_await transaction.receive(std::move(pending));
            EXPECT_EQ(result.one().get<std::string_view>(0).size(), large.size());
        }
    });
}

TEST_F(TransactionTest, ErrorInTheMiddleOfAPipeline) {
    for (int round = 0; round < 2; ++round) {  // the second on the connection that saw the error
        bool before = false;
        int failures = 0;
        const auto work = [&](Transaction& transaction) -> asio::awaitable<void> {
            Pending first = transaction.send(give_number, 1);
            Pending second = transaction.send(divide, 0);
            Pending third = transaction.send(give_number, 3);
            const Result result = co_await transaction.receive(std::move(first));
            before = result.one().get<int>(0) == 1;
            for (Pending* pending : {&second, &third}) {
                try {
                    co_await transaction.receive(std::move(*pending));
                } catch (const InternalDatabaseError& error) {
                    EXPECT_EQ(error.diagnostic().sqlstate, "22012");
                    EXPECT_EQ(error.diagnostic().statement, divide.name);
                    ++failures;
                }
            }
        };
        EXPECT_THROW(write(work), InternalDatabaseError) << "swallowed, and still no commit";
        EXPECT_THROW(read(work), InternalDatabaseError);
        EXPECT_TRUE(before);
        EXPECT_EQ(failures, 4);
    }
    EXPECT_EQ(database().statistics().idle, 1U);
}

TEST_F(TransactionTest, StatementThatFailsToPrepareIsPreparedLater) {
    constexpr Statement later{"test.later", "SELECT count(*) FROM made_later"};
    const auto ask = [&](Transaction& transaction) -> asio::awaitable<std::int64_t> {
        const Result result = co_await transaction.execute(later);
        co_return result.one().get<std::int64_t>(0);
    };
    cluster().execute("DROP TABLE IF EXISTS made_later");
    EXPECT_THROW(read(ask), InternalDatabaseError);
    cluster().execute("CREATE TABLE made_later ()");
    EXPECT_EQ(read(ask), 0);
}

TEST_F(TransactionTest, CommitsAndRollsBack) {
    write([](Transaction& transaction) -> asio::awaitable<void> { co_await transaction.execute(insert_note, 1, "one"); });
    EXPECT_EQ(notes(), "1");
    EXPECT_THROW(write([](Transaction& transaction) -> asio::awaitable<void> {
                     co_await transaction.execute(insert_note, 2, "two");
                     throw std::runtime_error("stop");
                 }),
                 std::runtime_error);
    EXPECT_THROW(write([](Transaction& transaction) -> asio::awaitable<void> {
                     co_await transaction.execute(insert_note, 3, "three");
                     co_await transaction.execute(insert_note, 1, "again");
                 }),
                 UniqueViolation);
    EXPECT_THROW(write([](Transaction& transaction) -> asio::awaitable<void> {
                     co_await transaction.execute(insert_note, 4, "four");
                     co_await transaction.execute(insert_note, 5, std::string("\0", 1));
                 }),
                 InvalidParameter);
    EXPECT_THROW(
        write([](Transaction& transaction) -> asio::awaitable<void> { co_await transaction.execute(insert_note, 6, ""); }),
        CheckViolation);
    EXPECT_EQ(notes(), "1");
    EXPECT_EQ(database().statistics().idle, 1U);
}

TEST_F(TransactionTest, WhatNobodyReceivesIsStillJudged) {
    write([](Transaction& transaction) -> asio::awaitable<void> {
        transaction.send(insert_note, 1, "one");
        transaction.send(insert_note, 2, "two");
        co_return;
    });
    EXPECT_EQ(notes(), "1,2");
    try {
        write([](Transaction& transaction) -> asio::awaitable<void> {
            transaction.send(insert_note, 3, "three");
            transaction.send(insert_note, 1, "again");
            co_return;
        });
        FAIL() << "committed over an error";
    } catch (const UniqueViolation& error) {
        EXPECT_EQ(error.constraint(), "notes_pkey");
        EXPECT_EQ(error.table(), "notes");
    }
    EXPECT_EQ(notes(), "1,2");
    EXPECT_THROW(read([](Transaction& transaction) -> asio::awaitable<void> {
                     transaction.send(divide, 0);
                     co_return;
                 }),
                 InternalDatabaseError);
}

TEST_F(TransactionTest, ErrorOfCommitItself) {
    static constexpr Statement orphan{"test.orphan", "INSERT INTO notes (id, text, parent) VALUES (1, 'x', 99)"};
    EXPECT_THROW(write([](Transaction& transaction) -> asio::awaitable<void> { co_await transaction.execute(orphan); }),
                 ForeignKeyViolation);
    EXPECT_EQ(notes(), "");
    EXPECT_EQ(database().statistics().idle, 1U);
}

TEST_F(TransactionTest, ReadsCannotWrite) {
    for (const Isolation isolation : {Isolation::read_committed, Isolation::repeatable_read}) {
        EXPECT_THROW(
            read([](Transaction& transaction) -> asio::awaitable<void> { co_await transaction.execute(insert_note, 1, "x"); },
                 {isolation}),
            DatabaseUnavailable);
    }
    EXPECT_EQ(notes(), "");
    write([](Transaction& transaction) -> asio::awaitable<void> { co_await transaction.execute(insert_note, 1, "x"); });
    EXPECT_EQ(notes(), "1") << "the connection writes again";
}

TEST_F(TransactionTest, RepeatableReadSeesOneMoment) {
    const auto twice = [](Transaction& transaction) -> asio::awaitable<std::int64_t> {
        const Result before = co_await transaction.execute(count_notes);
        cluster().execute("INSERT INTO notes (id, text) SELECT coalesce(max(id), 0) + 1, 'x' FROM notes");
        const Result after = co_await transaction.execute(count_notes);
        co_return after.one().get<std::int64_t>(0) - before.one().get<std::int64_t>(0);
    };
    EXPECT_EQ(read(twice), 1);
    EXPECT_EQ(read(twice, {Isolation::repeatable_read}), 0);
    EXPECT_EQ(write(twice, {Isolation::repeatable_read}), 0);
}

TEST_F(TransactionTest, SerializationFailureCanBeRetried) {
    cluster().execute("INSERT INTO notes (id, text) VALUES (1, 'x')");
    static constexpr Statement change{"test.change", "UPDATE notes SET text = 'y' WHERE id = 1"};
    EXPECT_THROW(write(
                     [](Transaction& transaction) -> asio::awaitable<void> {
                         co_await transaction.execute(count_notes);
                         cluster().execute("UPDATE notes SET text = 'z' WHERE id = 1");
                         co_await transaction.execute(change);
                     },
                     {Isolation::repeatable_read}),
                 SerializationFailure);
}

TEST_F(TransactionTest, OneNameIsOneStatement) {
    constexpr Statement first{"test.same_name", "SELECT 1"};
    constexpr Statement second{"test.same_name", "SELECT 2"};
    constexpr Statement nameless{"", "SELECT 1"};
    constexpr Statement too_long{"test.a_name_that_is_longer_than_the_server_keeps_and_would_be_cut_off", "SELECT 1"};
    const auto with = [&](const Statement& statement) {
        return read([&](Transaction& transaction) -> asio::awaitable<void> { co_await transaction.execute(statement); });
    };
    EXPECT_NO_THROW(with(first));
    EXPECT_THROW(with(second), InternalDatabaseError);
    EXPECT_THROW(with(nameless), InternalDatabaseError);
    EXPECT_THROW(with(too_long), InternalDatabaseError);
    EXPECT_NO_THROW(with(first));
}

TEST_F(TransactionTest, TableChangedUnderAStatementHealsItself) {
    cluster().execute("DROP TABLE IF EXISTS wide; CREATE TABLE wide (a integer)");
    const auto ask = [&] {
        read([](Transaction& transaction) -> asio::awaitable<void> { co_await transaction.execute(all_of_wide); });
    };
    ask();
    cluster().execute("ALTER TABLE wide ADD COLUMN b integer");
    EXPECT_THROW(ask(), DatabaseUnavailable);
    EXPECT_NO_THROW(ask());
}

TEST_F(TransactionTest, CallbackThatSendsNothingCostsNothing) {
    EXPECT_EQ(write([](Transaction&) -> asio::awaitable<int> { co_return 7; }), 7);
    EXPECT_THROW(write([](Transaction&) -> asio::awaitable<int> {
                     throw std::runtime_error("stop");
                     co_return 0;
                 }),
                 std::runtime_error);
    EXPECT_EQ(database().statistics().idle, 1U);
    EXPECT_NO_THROW(run(database().ping()));
}

}  // namespace sentinel::postgres
