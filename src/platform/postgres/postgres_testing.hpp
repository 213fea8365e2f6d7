#pragma once
/// A throw-away PostgreSQL cluster for tests: one for each test program, gone with it.

#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/temporary_folder_testing.hpp"
#include "platform/postgres/database.hpp"

namespace sentinel::postgres::testing {

/// A cluster under /tmp, reached by its Unix socket alone, run by `postgres` where we are root. Fast, not durable.
class TestCluster {
public:
    /// The program's own; started when first asked for.
    static TestCluster& instance() {
        static TestCluster cluster;
        return cluster;
    }
    TestCluster() {
        hand_over_directory();
        run({binaries() + "/initdb", "-D", data(), "-U", "owner", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust"});
        start();
    }
    TestCluster(const TestCluster&) = delete;
    TestCluster& operator=(const TestCluster&) = delete;
    ~TestCluster() { stop(SIGQUIT); }

    /// Starts the server and waits until it takes connections.
    void start() {
        server_ = spawn({binaries() + "/postgres", "-D", data(), "-k", directory_.string(), "-c", "listen_addresses=", "-c",
                         "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=60"});
        constexpr int attempts = 1000;
        for (int attempt = 0; attempt < attempts; ++attempt) {
            if (PQping(connection_info().c_str()) == PQPING_OK) return;
            usleep(10'000);
        }
        throw std::runtime_error("the test server does not start");
    }
    /// SIGINT = fast, SIGQUIT = immediate.
    void stop(int signal) {
        if (server_ <= 0) return;
        kill(server_, signal);
        int status = 0;
        waitpid(server_, &status, 0);
        server_ = 0;
    }
    pid_t server_pid() const noexcept { return server_; }

    /// Of the superuser `owner`.
    std::string connection_info(const std::string& user = "owner", const std::string& database = "postgres") const {
        return "host=" + directory_.string() + " user=" + user + " dbname=" + database;
    }
    const std::filesystem::path& socket_directory() const noexcept { return directory_; }

    /// Runs SQL as the superuser, blocking; returns the first value or an empty text.
    std::string execute(const std::string& sql, const std::string& database = "postgres") const {
        const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(connection_info("owner", database).c_str()),
                                                                      &PQfinish);
        PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), &PQclear);
        const ExecStatusType status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
            throw std::runtime_error("SQL of the test failed: " + std::string(PQerrorMessage(connection.get())));
        }
        return status == PGRES_TUPLES_OK && PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
    }

private:
    std::string data() const { return (directory_ / "data").string(); }
    static std::string binaries() { return SENTINEL_POSTGRES_BINARIES; }

    void hand_over_directory() {
        if (geteuid() != 0) return;
        const passwd* user = getpwnam("postgres");
        if (user == nullptr || chown(directory_.c_str(), user->pw_uid, user->pw_gid) != 0) {
            throw std::runtime_error("there is no user postgres");
        }
    }
    static pid_t spawn(std::vector<std::string> arguments) {
        if (geteuid() == 0) {
            const std::vector<std::string> drop = {"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups",
                                                   "--pdeathsig=QUIT"};
            arguments.insert(arguments.begin(), drop.begin(), drop.end());
        }
        std::vector<char*> raw;
        for (std::string& argument : arguments) raw.push_back(argument.data());
        raw.push_back(nullptr);
        const pid_t child = fork();
        if (child != 0) return child;
        prctl(PR_SET_PDEATHSIG, SIGQUIT);  // a crashed test leaves no server
        if (freopen("/dev/null", "w", stdout) == nullptr || freopen("/dev/null", "w", stderr) == nullptr) _exit(126);
        if (chdir("/") != 0) _exit(126);
        execvp(raw[0], raw.data());
        _exit(127);
    }
    static void run(std::vector<std::string> arguments) {
        const std::string program = arguments.front();
        const pid_t child = spawn(std::move(arguments));
        int status = 0;
        waitpid(child, &status, 0);
        if (status != 0) throw std::runtime_error(program + " failed");
    }

    core::testing::TemporaryFolder folder_;
    std::filesystem::path directory_ = folder_.path();
    pid_t server_ = 0;
};

/// Runs the io_context until the coroutine is done; its value or exception.
template <class T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> work) {
    bool done = false;
    std::exception_ptr failure;
    const auto drive = [&] {
        context.restart();
        while (!done) {
            if (context.run_one() == 0 && !done) throw std::runtime_error("nothing left to wait for");
        }
        if (failure) std::rethrow_exception(failure);
    };
    if constexpr (std::is_void_v<T>) {
        boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr error) {
            failure = std::move(error);
            done = true;
        });
        drive();
    } else {
        std::optional<T> value;
        boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr error, T result) {
            failure = std::move(error);
            if (!failure) value.emplace(std::move(result));
            done = true;
        });
        drive();
        return std::move(*value);
    }
}

/// A fixture with an io_context and a Database of the cluster.
class DatabaseTest : public ::testing::Test {
protected:
    static TestCluster& cluster() { return TestCluster::instance(); }
    virtual DatabaseOptions options() const {
        DatabaseOptions options;
        options.connection_info = platform::Secret(cluster().connection_info());
        options.size = 2;
        options.overflow = 0;
        return options;
    }
    Database& database() {
        if (!database_) database_.emplace(context_.get_executor(), options());
        return *database_;
    }
    template <class T>
    T run(boost::asio::awaitable<T> work) {
        return testing::run(context_, std::move(work));
    }

    boost::asio::io_context context_{1};

private:
    std::optional<Database> database_;
};

}  // namespace sentinel::postgres::testing
