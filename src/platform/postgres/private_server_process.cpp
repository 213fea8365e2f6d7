#include "platform/postgres/private_server_process.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/postgres/setup_connection.hpp"

namespace sentinel::postgres {

namespace {

[[noreturn]] void fail_on(std::string_view what) {
    throw SetupError(SetupError::Kind::private_server, fmt::format("{}: {}.", what, std::strerror(errno)));
}

std::string read_all(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Descriptor scratch_file(std::string_view content) {
    Descriptor file(::memfd_create("sentinel", MFD_CLOEXEC));
    if (!file.is_open()) fail_on("Cannot make a scratch file");
    if (::write(file.number(), content.data(), content.size()) != static_cast<ssize_t>(content.size())) fail_on("Cannot write");
    ::lseek(file.number(), 0, SEEK_SET);
    return file;
}

// In the child between fork and exec, perhaps of a program with threads: calls that are safe there, and nothing else.
[[noreturn]] void become(const char* const* command, const char* const* environment, const ServerAccount* account, int input,
                         int output) {
    ::setsid();
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::close_range(3, ~0U, 0);
    const bool other =
        account == nullptr || (::setgroups(0, nullptr) == 0 && ::setresgid(account->group, account->group, account->group) == 0 &&
                               ::setresuid(account->user, account->user, account->user) == 0);
    ::umask(0077);
    if (other && ::chdir("/") == 0)
        ::execve(command[0], const_cast<char* const*>(command), const_cast<char* const*>(environment));
    ::_exit(127);
}

pid_t spawn(const ServerPlace& place, const std::vector<std::string>& command, int input, int output) {
    const std::string program = (place.binaries / command.front()).string();
    std::vector<const char*> arguments{program.c_str()};
    for (std::size_t index = 1; index < command.size(); ++index) arguments.push_back(command[index].c_str());
    arguments.push_back(nullptr);
    // Nothing of our environment: it may hold secrets, and PG… variables change what the programs do.
    static constexpr std::array<const char*, 4> environment{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", nullptr};
    const pid_t process = ::fork();
    if (process < 0) fail_on("Cannot start PostgreSQL");
    if (process == 0) become(arguments.data(), environment.data(), place.account ? &*place.account : nullptr, input, output);
    return process;
}

// `State` of /proc/<id>/stat stands behind the name, which may itself hold blanks and parentheses.
bool is_zombie(pid_t process) {
    const std::string status = read_all(fmt::format("/proc/{}/stat", process));
    const std::size_t end_of_name = status.rfind(')');
    return end_of_name != std::string::npos && end_of_name + 2 < status.size() && status[end_of_name + 2] == 'Z';
}

// The command line of every process can be read, which its working folder cannot.
bool runs_cluster(pid_t process, const std::filesystem::path& cluster) {
    const std::string command = read_all(fmt::format("/proc/{}/cmdline", process));
    return command.find("postgres") != std::string::npos && command.find('\0' + cluster.string() + '\0') != std::string::npos;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        if (number_ >= 0) ::close(number_);
        number_ = std::exchange(other.number_, -1);
    }
    return *this;
}

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

ProgramResult run_program(const ServerPlace& place, const std::vector<std::string>& command, std::string_view input) {
    const Descriptor in = scratch_file(input);
    const Descriptor out = scratch_file({});
    const pid_t process = spawn(place, command, in.number(), out.number());
    int status = 0;
    while (::waitpid(process, &status, 0) < 0) {
        if (errno != EINTR) fail_on("Lost sight of " + command.front());
    }
    ProgramResult result{WIFEXITED(status) && WEXITSTATUS(status) == 0, {}};
    result.output = read_all(fmt::format("/proc/self/fd/{}", out.number()));
    return result;
}

pid_t start_program(const ServerPlace& place, const std::vector<std::string>& command, int log) {
    const Descriptor in = scratch_file({});
    return spawn(place, command, in.number(), log);
}

std::optional<pid_t> running_server(const ServerPlace& place) {
    const std::string content = read_all(place.process_file());
    pid_t process = 0;
    const auto parsed = std::from_chars(content.data(), content.data() + content.size(), process);
    if (parsed.ec != std::errc{} || process <= 0) return std::nullopt;
    if (is_zombie(process) || !runs_cluster(process, place.cluster)) return std::nullopt;
    return process;
}

bool says_ready(const ServerPlace& place, pid_t process) {
    // Its first line is the process, its eighth the state, padded with blanks.
    std::istringstream lines(read_all(place.process_file()));
    std::string line;
    std::getline(lines, line);
    if (line != std::to_string(process)) return false;
    for (int number = 2; number <= 8; ++number) std::getline(lines, line);
    return lines && line.starts_with("ready");
}

Descriptor watch_process(pid_t process) { return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, process, 0))); }

}  // namespace sentinel::postgres
