#include "platform/postgres/private_server.hpp"

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/postgres/private_server_configuration.hpp"
#include "platform/postgres/private_server_place.hpp"
#include "platform/postgres/private_server_process.hpp"
#include "platform/postgres/setup_testing.hpp"

namespace sentinel::postgres {
namespace {

using testing::fast_options;
using testing::PassableFolder;
using testing::setup_error_of;

PrivateServerOptions options_in(const PassableFolder& folder) { return fast_options(folder.path() / "data"); }

PrivateServerOptions unsupervised(const PassableFolder& folder) {
    PrivateServerOptions options = options_in(folder);
    options.supervised = false;
    return options;
}

void kill_now(int process) {
    const Descriptor watched = watch_process(process);
    ASSERT_TRUE(watched.is_open());
    ASSERT_EQ(::kill(process, SIGKILL), 0);
}

bool is_alive(int process) { return watch_process(process).is_open() && ::kill(process, 0) == 0; }

TEST(PrivateServer, ServesBothRolesAndNobodyElse) {
    const PassableFolder folder;
    const PrivateServer server = PrivateServer::start(options_in(folder));
    SetupConnection owner(server.owner_url());
    SetupConnection app(server.app_url());
    EXPECT_EQ(owner.value("select current_user || ' ' || current_database()"), "sentinel_owner sentinel_db");
    EXPECT_EQ(app.value("select current_user"), "sentinel_app");
    EXPECT_EQ(
        app.value("select count(*) from pg_roles where rolname like 'sentinel%' and (rolsuper or rolbypassrls or rolcreaterole "
                  "or rolcreatedb or rolreplication)"),
        "0");
    EXPECT_EQ(app.value("show data_checksums"), "on");
    EXPECT_EQ(app.value("show listen_addresses"), "");
    EXPECT_EQ(app.value("show server_encoding"), "UTF8");
    for (const char* other : {"postgres", "nobody"}) {
        std::string url = server.app_url().reveal();
        url.replace(url.find("sentinel_app"), std::string_view("sentinel_app").size(), other);
        EXPECT_EQ(setup_error_of([&] { SetupConnection(platform::Secret(url)); }).first, SetupError::Kind::unreachable) << other;
    }
    std::string elsewhere = server.app_url().reveal();
    elsewhere.replace(elsewhere.find("sentinel_db"), std::string_view("sentinel_db").size(), "template1");
    EXPECT_EQ(setup_error_of([&] { SetupConnection(platform::Secret(elsewhere)); }).first, SetupError::Kind::unreachable);
}

TEST(PrivateServer, KeepsItsDataAndIsQuickTheSecondTime) {
    const PassableFolder folder;
    {
        const PrivateServer server = PrivateServer::start(options_in(folder));
        SetupConnection(server.owner_url()).run("create table kept (id integer); insert into kept values (7)");
    }
    const auto start = std::chrono::steady_clock::now();
    const PrivateServer again = PrivateServer::start(options_in(folder));
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(SetupConnection(again.owner_url()).value("select id from kept"), "7");
    EXPECT_LT(took, std::chrono::seconds(3));
    RecordProperty("second_start_ms", static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
}

TEST(PrivateServer, StopsFastAndTwice) {
    const PassableFolder folder;
    PrivateServer server = PrivateServer::start(options_in(folder));
    SetupConnection busy(server.owner_url());
    busy.run("begin");
    const int process = server.process_id();
    server.stop();
    server.stop();
    EXPECT_FALSE(is_alive(process));
    EXPECT_THROW(busy.run("select 1"), SetupError);
}

TEST(PrivateServer, StartsAfterAKillOfItsPostmaster) {
    const PassableFolder folder;
    for (int round = 0; round < 3; ++round) {
        PrivateServer server = PrivateServer::start(unsupervised(folder));
        SetupConnection owner(server.owner_url());
        owner.run("create table if not exists rounds (id integer); insert into rounds values (1)");
        EXPECT_EQ(owner.value("select count(*) from rounds"), std::to_string(round + 1));
        kill_now(server.process_id());
    }
}

TEST(PrivateServer, IsStartedAgainByItsSupervisor) {
    const PassableFolder folder;
    PrivateServerOptions options = options_in(folder);
    std::mutex mutex;
    std::condition_variable changed;
    bool runs_again = false;
    options.report = [&](std::string_view line) {
        const std::lock_guard lock(mutex);
        runs_again = runs_again || line == "PostgreSQL runs again";
        changed.notify_all();
    };
    const PrivateServer server = PrivateServer::start(options);
    SetupConnection(server.owner_url()).run("create table kept (id integer); insert into kept values (7)");
    const auto start = std::chrono::steady_clock::now();
    kill_now(server.process_id());
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return runs_again; }));
    RecordProperty("recovery_ms",
                   static_cast<int>(
                       std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count()));
    EXPECT_EQ(SetupConnection(server.owner_url()).value("select id from kept"), "7");
}

TEST(PrivateServer, TakesOverFromAKilledParent) {
    const PassableFolder folder;
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t parent = ::fork();
    if (parent == 0) {
        const PrivateServer server = PrivateServer::start(unsupervised(folder));
        const int process = server.process_id();
        if (::write(ready[1], &process, sizeof process) != sizeof process) ::_exit(1);
        ::pause();
    }
    int process = 0;
    ASSERT_EQ(::read(ready[0], &process, sizeof process), static_cast<ssize_t>(sizeof process));
    EXPECT_NE(setup_error_of([&] { PrivateServer::start(unsupervised(folder)); }).second.find("Another Sentinel uses"),
              std::string::npos);
    PrivateServerOptions beside = unsupervised(folder);
    beside.use_running = true;
    {
        const PrivateServer guest = PrivateServer::start(beside);
        EXPECT_EQ(guest.process_id(), process);
        EXPECT_EQ(SetupConnection(guest.app_url()).value("select 1"), "1");
    }
    EXPECT_TRUE(is_alive(process)) << "a guest does not stop it";
    ASSERT_EQ(::kill(parent, SIGKILL), 0);
    ASSERT_EQ(::waitpid(parent, nullptr, 0), parent);
    PrivateServer heir = PrivateServer::start(options_in(folder));
    EXPECT_EQ(heir.process_id(), process);
    EXPECT_EQ(SetupConnection(heir.app_url()).value("select 1"), "1");
    heir.stop();
    EXPECT_THROW(SetupConnection(heir.app_url()), SetupError);
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST(PrivateServer, StartsOverTheProcessFileOfAStrangerOrAZombie) {
    const PassableFolder folder;
    { const PrivateServer made = PrivateServer::start(unsupervised(folder)); }
    const std::filesystem::path file = folder.path() / "data/postgres/cluster/postmaster.pid";
    const pid_t zombie = ::fork();
    if (zombie == 0) ::_exit(0);
    siginfo_t ended{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(zombie), &ended, WEXITED | WNOWAIT), 0);
    for (const pid_t process : {::getpid(), zombie}) {
        std::ofstream(file) << process << "\n/somewhere\n0\n5432\n/tmp\n*\n";
        std::ofstream(folder.path() / "data/postgres/socket/.s.PGSQL.5432.lock") << process << "\n/somewhere\n0\n5432\n/tmp\n";
        const PrivateServer server = PrivateServer::start(unsupervised(folder));
        EXPECT_NE(server.process_id(), process);
        EXPECT_EQ(SetupConnection(server.app_url()).value("select 1"), "1");
    }
    EXPECT_EQ(::waitpid(zombie, nullptr, 0), zombie);
}

TEST(PrivateServer, MakesTheClusterAnewWhereTheFirstTryWasCutOff) {
    const PassableFolder folder;
    const std::filesystem::path half = folder.path() / "data/postgres/cluster.new";
    std::filesystem::create_directories(half);
    std::filesystem::permissions(folder.path() / "data/postgres", std::filesystem::perms(0711));
    std::ofstream(half / "PG_VERSION") << "15\n";
    const PrivateServer server = PrivateServer::start(options_in(folder));
    EXPECT_EQ(SetupConnection(server.app_url()).value("select 1"), "1");
    EXPECT_FALSE(std::filesystem::exists(half));
}

TEST(PrivateServer, PutsTheSocketElsewhereWhereThePathIsLong) {
    const PassableFolder folder;
    PrivateServerOptions options =
        fast_options(folder.path() / std::string(60, 'a') / "it's a \"long\" name" / std::string(60, 'b'));
    options.supervised = false;
    const std::filesystem::path sockets = prepare_place(options.data_directory, {}).sockets;
    {
        const PrivateServer server = PrivateServer::start(options);
        EXPECT_EQ(SetupConnection(server.app_url()).value("select 1"), "1");
        EXPECT_LT(sockets.string().size(), 60U);
        EXPECT_TRUE(std::filesystem::is_socket(sockets / ".s.PGSQL.5432"));
        struct stat status{};
        ASSERT_EQ(::lstat(sockets.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0700U);
    }
    std::filesystem::remove_all(sockets);
}

TEST(PrivateServer, RunsBelowAFolderThatItsUserCannotReach) {
    const PassableFolder folder;
    std::filesystem::create_directory(folder.path() / "closed");
    std::filesystem::permissions(folder.path() / "closed", std::filesystem::perms(0700));
    PrivateServerOptions options = fast_options(folder.path() / "closed/data");
    for (int start = 0; start < 2; ++start) {
        const PrivateServer server = PrivateServer::start(options);
        EXPECT_EQ(SetupConnection(server.app_url()).value("select 1"), "1");
    }
    // Started by root the cluster lies elsewhere, and a link leads there.
    const std::filesystem::path place = options.data_directory / "postgres";
    EXPECT_EQ(std::filesystem::is_symlink(place), ::geteuid() == 0);
    std::filesystem::remove_all(std::filesystem::canonical(place));
}

TEST(PrivateServer, SaysWhatIsWrongWithItsSettings) {
    const PassableFolder folder;
    PrivateServerOptions options = unsupervised(folder);
    options.settings.emplace_back("max_wal_size", "very big");
    const auto [kind, message] = setup_error_of([&] { PrivateServer::start(options); });
    EXPECT_EQ(kind, SetupError::Kind::private_server);
    EXPECT_NE(message.find("max_wal_size"), std::string::npos) << message;
}

TEST(PrivateServerPlace, RefusesAFolderThatIsOpenOrAnothers) {
    const PassableFolder folder;
    const std::filesystem::path open = folder.path() / "open";
    std::filesystem::create_directory(open);
    std::filesystem::permissions(open, std::filesystem::perms(0755));
    EXPECT_THROW(make_closed_folder(open, std::nullopt), SetupError);
    const std::filesystem::path link = folder.path() / "link";
    make_closed_folder(folder.path() / "mine", std::nullopt);
    std::filesystem::create_directory_symlink(folder.path() / "mine", link);
    EXPECT_THROW(make_closed_folder(link, std::nullopt), SetupError);
    EXPECT_THROW(make_closed_folder(folder.path() / "mine", ServerAccount{::geteuid() + 1, ::getegid()}), SetupError);
    EXPECT_NO_THROW(make_closed_folder(folder.path() / "mine", std::nullopt));
}

TEST(PrivateServerPlace, SeesWhetherAnAccountCanReachAFolder) {
    const PassableFolder folder;
    std::filesystem::create_directories(folder.path() / "closed/inner");
    std::filesystem::permissions(folder.path() / "closed", std::filesystem::perms(0700));
    const ServerAccount stranger{12345, 12345};
    EXPECT_TRUE(can_reach(stranger, folder.path()));
    EXPECT_FALSE(can_reach(stranger, folder.path() / "closed/inner"));
    EXPECT_TRUE(can_reach({::geteuid(), ::getegid()}, folder.path() / "closed/inner"));
}

}  // namespace
}  // namespace sentinel::postgres
