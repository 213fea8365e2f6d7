#pragma once
/// Programs that a private server is made of, run as its user.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "platform/postgres/private_server_place.hpp"

namespace sentinel::postgres {

/// A file descriptor that closes itself.
class Descriptor {
public:
    Descriptor() noexcept = default;
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();
    int number() const noexcept { return number_; }
    bool is_open() const noexcept { return number_ >= 0; }

private:
    int number_ = -1;
};

struct ProgramResult {
    bool succeeded = false;
    std::string output;  ///< both streams
};

/// Runs a program of the server's binaries to its end.
ProgramResult run_program(const ServerPlace& place, const std::vector<std::string>& command, std::string_view input = {});
/// Starts the server in a session of its own, with `log` as its output; returns its process id.
pid_t start_program(const ServerPlace& place, const std::vector<std::string>& command, int log);

/// The server that the cluster's postmaster.pid names, if it really runs: not where that process is gone, a zombie, or another
/// program that got its number later.
std::optional<pid_t> running_server(const ServerPlace& place);
/// Does the cluster's postmaster.pid say that this server takes connections? Unlike a try to connect it leaves nothing in the log.
bool says_ready(const ServerPlace& place, pid_t process);
/// Becomes readable when the process ends; not open where it has ended already.
Descriptor watch_process(pid_t process);

}  // namespace sentinel::postgres
