/// What a transaction costs beside what PostgreSQL itself takes: one connection to a cluster of our own over its Unix socket.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "platform/postgres/postgres_testing.hpp"

namespace {

namespace asio = boost::asio;
using namespace sentinel;
using postgres::Database;
using postgres::DatabaseOptions;
using postgres::Result;
using postgres::Statement;
using postgres::Transaction;
using postgres::testing::TestCluster;

constexpr Statement find_note{"bench.find_note", "SELECT id, text FROM notes WHERE id = $1"};
constexpr Statement change_note{"bench.change_note", "UPDATE notes SET text = $2 WHERE id = $1"};

const TestCluster& cluster() {
    static TestCluster& running = [] -> TestCluster& {
        TestCluster& made = TestCluster::instance();
        made.execute(
            "CREATE TABLE notes (id integer PRIMARY KEY, text text NOT NULL); "
            "INSERT INTO notes SELECT n, repeat('x', 200) FROM generate_series(1, 1000) n; ANALYZE notes");
        return made;
    }();
    return running;
}

class Worker {
public:
    Worker() : database_(context_.get_executor(), options()) {}
    template <class Work>
    auto run(Work work) {
        return postgres::testing::run(context_, work(database_));
    }
    asio::io_context& context() { return context_; }
    Database& database() { return database_; }

private:
    static DatabaseOptions options() {
        DatabaseOptions options;
        options.connection_info = platform::Secret(cluster().connection_info());
        options.size = 1;
        options.overflow = 0;
        return options;
    }
    asio::io_context context_{1};
    Database database_;
};

core::TenantId tenant() {
    static const core::TenantId made{core::Uuid::v5({}, "bench")};
    return made;
}

asio::awaitable<void> find(Transaction& transaction, int id) {
    const Result result = co_await transaction.execute(find_note, id);
    benchmark::DoNotOptimize(result.one().get<std::string>(1));
}
asio::awaitable<void> find_last(Transaction& transaction, int id) {
    const Result result = co_await transaction.execute_last(find_note, id);
    benchmark::DoNotOptimize(result.one().get<std::string>(1));
}
asio::awaitable<void> find_twice(Transaction& transaction, int id) {
    co_await find(transaction, id);
    co_await find(transaction, id + 1);
}
asio::awaitable<void> change(Transaction& transaction, int id) {
    const Result result = co_await transaction.execute(change_note, id, std::string(200, 'y'));
    benchmark::DoNotOptimize(result);
}

/// `batch` transactions one after the other, so that starting a coroutine counts for nothing.
template <class Begin>
void measure(benchmark::State& state, Begin begin) {
    constexpr int batch = 100;
    Worker worker;
    for (auto _ : state) {
        worker.run([&](Database& database) -> asio::awaitable<void> {
            for (int id = 1; id <= batch; ++id) co_await begin(database, id);
        });
    }
    state.SetItemsProcessed(state.iterations() * batch);
}

void read(benchmark::State& state) {
    measure(state, [](Database& database, int id) {
        return database.read(tenant(), [id](Transaction& transaction) { return find(transaction, id); });
    });
}
void read_last(benchmark::State& state) {
    measure(state, [](Database& database, int id) {
        return database.read(tenant(), [id](Transaction& transaction) { return find_last(transaction, id); });
    });
}
void read_two_dependent(benchmark::State& state) {
    measure(state, [](Database& database, int id) {
        return database.read(tenant(), [id](Transaction& transaction) { return find_twice(transaction, id); });
    });
}
void write(benchmark::State& state) {
    measure(state, [](Database& database, int id) {
        return database.write(tenant(), [id](Transaction& transaction) { return change(transaction, id); });
    });
}

/// Sixteen readers that share the connection.
void read_in_turns(benchmark::State& state) {
    constexpr int readers = 16;
    constexpr int each = 10;
    Worker worker;
    for (auto _ : state) {
        int running = readers;
        for (int reader = 0; reader < readers; ++reader) {
            asio::co_spawn(
                worker.context(),
                [](Database& database, int& left) -> asio::awaitable<void> {
                    for (int id = 1; id <= each; ++id) {
                        co_await database.read(tenant(), [id](Transaction& transaction) { return find(transaction, id); });
                    }
                    --left;
                }(worker.database(), running),
                asio::detached);
        }
        worker.context().restart();
        while (running > 0) worker.context().run_one();
    }
    state.SetItemsProcessed(state.iterations() * readers * each);
}

/// libpq alone, blocking: the statement without tenant or transaction.
void libpq_alone(benchmark::State& state) {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(cluster().connection_info().c_str()), &PQfinish);
    PQclear(PQprepare(connection.get(), "find", std::string(find_note.text).c_str(), 0, nullptr));
    const char* values[] = {"500"};
    for (auto _ : state) {
        PGresult* result = PQexecPrepared(connection.get(), "find", 1, values, nullptr, nullptr, 0);
        if (PQntuples(result) != 1) state.SkipWithError("no row");
        PQclear(result);
    }
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(libpq_alone)->UseRealTime();
BENCHMARK(read)->UseRealTime();
BENCHMARK(read_last)->UseRealTime();
BENCHMARK(read_two_dependent)->UseRealTime();
BENCHMARK(read_in_turns)->UseRealTime();
BENCHMARK(write)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
