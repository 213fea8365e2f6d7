#include "platform/postgres/private_server.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/postgres/bootstrap_roles.hpp"
#include "platform/postgres/private_server_configuration.hpp"
#include "platform/postgres/private_server_process.hpp"

namespace sentinel::postgres {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

// After a kill the old server's last processes hold its shared memory for a moment, and a start fails on it.
constexpr auto leftovers_end_within = 20s;
// Recovery after a crash can take as long as the log since the last checkpoint is.
constexpr auto ready_within = 5min;
constexpr auto stopped_within = 30s;
constexpr auto look_again_after = 20ms;

[[noreturn]] void fail(const std::string& message) { throw SetupError(SetupError::Kind::private_server, message); }

std::string text_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

bool is_readable_within(int descriptor, std::chrono::milliseconds limit) {
    pollfd wait{descriptor, POLLIN, 0};
    return ::poll(&wait, 1, static_cast<int>(limit.count())) > 0;
}

void run_or_fail(const ServerPlace& place, const std::vector<std::string>& command, const std::string& what,
                 std::string_view input = {}) {
    const ProgramResult result = run_program(place, command, input);
    if (!result.succeeded) fail(what + " could not be made: " + result.output);
}

void make_cluster(const ServerPlace& place, bool durable) {
    const fs::path draft = place.base / "cluster.new";
    fs::remove_all(draft);
    make_closed_folder(draft, place.account);
    run_or_fail(
        place,
        {"initdb", "-D", draft.string(), "-U", "postgres", "--auth=reject", "-k", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"},
        "The cluster");
    // A server in single-user mode: so no superuser ever logs in over the socket. -F: one sync at the end is much the quicker.
    run_or_fail(place, {"postgres", "--single", "-F", "-D", draft.string(), "-c", "exit_on_error=true", "postgres"},
                "Roles and database", bootstrap_statements());
    if (durable) run_or_fail(place, {"initdb", "-D", draft.string(), "--sync-only"}, "A durable cluster");
    // Only now: a start that was killed before leaves nothing half made behind.
    fs::rename(draft, place.cluster);
    const Descriptor folder(::open(place.base.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.is_open() || ::fsync(folder.number()) != 0) {
        fail(fmt::format("Cannot sync {}: {}.", place.base.string(), std::strerror(errno)));
    }
}

void check_version(const ServerPlace& place) {
    if (const std::string version = text_of(place.cluster / "PG_VERSION"); version != "15") {
        fail(fmt::format("{} was made by PostgreSQL {}, and this is 15: use pg_upgrade, or the version it was made by.",
                         place.cluster.string(), version));
    }
}

}  // namespace

class PrivateServer::Implementation {
public:
    explicit Implementation(PrivateServerOptions options)
        : options_(std::move(options)), place_(prepare_place(options_.data_directory, options_.binaries)) {
        owned_ = take_lock();
        if (owned_) {
            run_own();
        } else {
            use_running();
        }
    }
    ~Implementation() { stop(); }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    const ServerPlace& place() const noexcept { return place_; }
    pid_t process() const noexcept { return process_; }

    void stop() noexcept {
        if (supervisor_.joinable()) {
            ::eventfd_write(stop_supervisor_.number(), 1);
            supervisor_.join();
        }
        if (!owned_ || process_ == 0) return;
        for (const int signal : {SIGINT, SIGQUIT, SIGKILL}) {
            // Asked each time: the number of a process that has ended may be another's.
            if (running_server(place_) != process_) break;
            const Descriptor watched = watch_process(process_);
            if (!watched.is_open() || ::kill(process_, signal) != 0 || is_readable_within(watched.number(), stopped_within))
                break;
        }
        reap();
        process_ = 0;
    }

private:
    void run_own() {
        if (!fs::exists(place_.cluster)) make_cluster(place_, options_.durable);
        check_version(place_);
        write_configuration(place_, options_);
        if (const auto running = running_server(place_)) {
            process_ = *running;
            say("taking over the PostgreSQL that a killed Sentinel left running");
            wait_until_ready(*running);
        } else {
            launch();
        }
        if (options_.supervised) supervise();
    }

    void say(std::string_view line) const {
        if (options_.report) options_.report(line);
    }

    // Two servers over one cluster would each think it theirs to stop.
    bool take_lock() {
        lock_ = Descriptor(::open((place_.base / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        if (!lock_.is_open()) fail(fmt::format("Cannot open {}: {}.", (place_.base / "lock").string(), std::strerror(errno)));
        if (::flock(lock_.number(), LOCK_EX | LOCK_NB) == 0) return true;
        if (!options_.use_running) {
            fail(fmt::format("Another Sentinel uses {}: stop it first, or choose another DATA_DIR.",
                             options_.data_directory.string()));
        }
        return false;
    }

    void use_running() {
        const SteadyClock::time_point limit = SteadyClock::now() + leftovers_end_within;
        while (true) {
            if (const auto running = running_server(place_)) {
                process_ = *running;
                return wait_until_ready(*running);
            }
            if (SteadyClock::now() > limit) fail("Another Sentinel uses this DATA_DIR, and its PostgreSQL does not run.");
            std::this_thread::sleep_for(look_again_after);
        }
    }

    void launch() {
        const SteadyClock::time_point limit = SteadyClock::now() + leftovers_end_within;
        while (!try_launch()) {
            const std::string log = last_words();
            const bool leftover = log.contains("pre-existing shared memory block") || log.contains("lock file \"");
            if (!leftover || SteadyClock::now() > limit) fail("PostgreSQL does not start: " + log);
            std::this_thread::sleep_for(100ms);
        }
    }

    // False where the server ended instead of taking connections.
    bool try_launch() {
        if (!running_server(place_)) remove_leftovers();
        const Descriptor log(::open(place_.start_log().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
        if (!log.is_open()) fail(fmt::format("Cannot write {}: {}.", place_.start_log().string(), std::strerror(errno)));
        process_ = start_program(
            place_, {"postgres", "-D", place_.cluster.string(), "-c", "config_file=" + place_.configuration().string()},
            log.number());
        return wait_until_ready(process_, true);
    }

    // PostgreSQL itself takes a zombie, or another program that got the number, for a running server. Nobody else's files can lie in
    // these folders, and our lock keeps out a second start.
    void remove_leftovers() const {
        for (const fs::path& file :
             {place_.process_file(), place_.sockets / ".s.PGSQL.5432.lock", place_.sockets / ".s.PGSQL.5432"}) {
            ::unlink(file.c_str());
        }
    }

    // What the server said at its start, and then to the newest of its own logs.
    std::string last_words() const {
        std::optional<fs::directory_entry> newest;
        for (const fs::directory_entry& entry : fs::directory_iterator(place_.logs())) {
            if (!newest || entry.last_write_time() > newest->last_write_time()) newest = entry;
        }
        constexpr std::size_t enough = 1000;
        std::string words = newest ? text_of(newest->path()) : std::string();
        if (words.size() > enough) words.erase(0, words.find('\n', words.size() - enough) + 1);
        return text_of(place_.start_log()) + "\n" + words;
    }

    void wait_until_ready(pid_t process) {
        if (!wait_until_ready(process, false)) fail("PostgreSQL ended while it was waited for.");
    }

    bool wait_until_ready(pid_t process, bool is_child) {
        const Descriptor watched = watch_process(process);
        const SteadyClock::time_point limit = SteadyClock::now() + ready_within;
        while (!says_ready(place_, process)) {
            if (!watched.is_open() || is_readable_within(watched.number(), look_again_after)) {
                if (is_child) reap();
                return false;
            }
            if (SteadyClock::now() > limit) fail("PostgreSQL does not become ready; its log is in " + place_.logs().string());
        }
        return true;
    }

    // Nothing happens where the server is not our child but one taken over.
    void reap() noexcept {
        while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {}
    }

    void supervise() {
        stop_supervisor_ = Descriptor(::eventfd(0, EFD_CLOEXEC));
        if (!stop_supervisor_.is_open()) fail(fmt::format("Cannot watch PostgreSQL: {}.", std::strerror(errno)));
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        // The program's signals are for its own threads.
        pthread_sigmask(SIG_SETMASK, &all, &before);
        supervisor_ = std::thread([this] { keep_running(); });
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    void keep_running() noexcept {
        while (true) {
            const Descriptor watched = watch_process(process_);
            if (watched.is_open() && wait_for_end_or_stop(watched.number())) return;
            if (!restart()) return;
        }
    }

    // True where the supervisor is to stop.
    bool wait_for_end_or_stop(int watched) const noexcept {
        pollfd waits[2] = {{stop_supervisor_.number(), POLLIN, 0}, {watched, POLLIN, 0}};
        while (::poll(waits, 2, -1) < 0 && errno == EINTR) {}
        return waits[0].revents != 0;
    }

    // False where the supervisor is to stop.
    bool restart() noexcept {
        while (!is_readable_within(stop_supervisor_.number(), 0ms)) {
            try {
                say("PostgreSQL has ended; starting it again");
                reap();
                launch();
                say("PostgreSQL runs again");
                return true;
            } catch (const std::exception& error) {
                say(error.what());
                if (is_readable_within(stop_supervisor_.number(), 1s)) return false;
            }
        }
        return false;
    }

    PrivateServerOptions options_;
    ServerPlace place_;
    Descriptor lock_;
    bool owned_ = false;
    std::atomic<pid_t> process_ = 0;
    Descriptor stop_supervisor_;
    std::thread supervisor_;
};

PrivateServer PrivateServer::start(PrivateServerOptions options) {
    return PrivateServer(std::make_unique<Implementation>(std::move(options)));
}

PrivateServer::PrivateServer(std::unique_ptr<Implementation> implementation) noexcept
    : implementation_(std::move(implementation)) {}
PrivateServer::~PrivateServer() = default;
PrivateServer::PrivateServer(PrivateServer&& other) noexcept = default;
PrivateServer& PrivateServer::operator=(PrivateServer&& other) noexcept = default;

platform::Secret PrivateServer::owner_url() const { return connection_url(implementation_->place(), owner_role); }
platform::Secret PrivateServer::app_url() const { return connection_url(implementation_->place(), serving_role); }
int PrivateServer::process_id() const noexcept { return implementation_->process(); }
void PrivateServer::stop() noexcept { implementation_->stop(); }

}  // namespace sentinel::postgres
