#include "app/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <new>
#include <system_error>

#include "app/console.hpp"
#include "policy/node.hpp"

namespace sentinel::app {

namespace {

constexpr std::size_t max_bytes = policy::command_line_limits.bytes;

Failure system_failure(std::string_view name, std::string_view what, ExitCode code) {
    return {code, fmt::format("{}: {}: {}", visible(name), what, std::strerror(errno))};
}

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

Failure unwritable(std::string_view name) { return system_failure(name, "cannot be written", ExitCode::usage); }

/// Where the symbolic links of `name` end, also when nothing stands there yet.
std::string link_target(std::string name) {
    constexpr int max_links = 40;  // as the kernel has it
    std::error_code failed;
    for (int links = 0; links < max_links; ++links) {
        const auto target = std::filesystem::read_symlink(name, failed);
        if (failed) break;
        name = (std::filesystem::path(name).parent_path() / target).string();
    }
    return name;
}

/// For devices, pipes and sockets: a file in their place would be something else. `errno` says why it failed.
bool write_straight(const std::string& name, std::string_view text) {
    const int descriptor = ::open(name.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool written = write_all(descriptor, text);
    const int error = errno;
    const bool closed = ::close(descriptor) == 0;
    if (!written) errno = error;
    return written && closed;
}

/// Gives a new file the owner and mode of the one it replaces; the owner only where we may.
bool keep_status(int descriptor, const struct stat& status) {
    const bool owned = ::fchown(descriptor, status.st_uid, status.st_gid) == 0;
    // The rights of set-user-id and set-group-id belong to the owner and go with it.
    return ::fchmod(descriptor, status.st_mode & (owned ? 07777U : 0777U)) == 0;
}

/// Writes beside `name` and renames. `replaced` is what stands there, if anything does. `errno` says why it failed.
bool replace(const std::string& name, std::string_view text, const struct stat* replaced) {
    const std::string temporary = fmt::format("{}.{}.partial", name, ::getpid());
    const mode_t mode = replaced == nullptr ? 0666U : 0600U;
    const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
    if (descriptor < 0) return false;
    bool done = write_all(descriptor, text) && (replaced == nullptr || keep_status(descriptor, *replaced));
    const int error = errno;
    done = ::close(descriptor) == 0 && done;
    if (done && std::rename(temporary.c_str(), name.c_str()) == 0) return true;
    const int last_error = done ? errno : error;
    ::unlink(temporary.c_str());
    errno = last_error;
    return false;
}

}  // namespace

InputFile::~InputFile() {
    if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
}

Result<InputFile> InputFile::open(const std::string& name, ExitCode on_failure) {
    const int descriptor = name == "-" ? STDIN_FILENO : ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return std::unexpected(system_failure(name, "cannot be opened", on_failure));
    InputFile file(descriptor);
    struct stat status{};
    if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
        return std::unexpected(Failure{on_failure, fmt::format("{}: is a folder", visible(name))});
    }
    return file;
}

std::ptrdiff_t InputFile::read(char* data, std::size_t size) const {
    for (;;) {
        const ssize_t count = ::read(descriptor_, data, size);
        if (count >= 0 || errno != EINTR) return count;
    }
}

std::uint64_t InputFile::size() const {
    struct stat status{};
    return ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
}

Result<std::string> read_file(const std::string& name, ExitCode on_failure) try {
    auto file = InputFile::open(name, on_failure);
    if (!file) return std::unexpected(std::move(file.error()));
    std::string text;
    for (;;) {
        if (text.size() > max_bytes) {
            return std::unexpected(Failure{
                on_failure, fmt::format("{}: is longer than {} MiB, the most that is read", visible(name), max_bytes >> 20)});
        }
        const std::size_t kept = text.size();
        text.resize(kept + (1U << 20));
        const std::ptrdiff_t count = file->read(text.data() + kept, text.size() - kept);
        text.resize(kept + static_cast<std::size_t>(count > 0 ? count : 0));
        if (count < 0) return std::unexpected(system_failure(name, "cannot be read", on_failure));
        if (count == 0) return text;
    }
} catch (const std::bad_alloc&) {
    return std::unexpected(Failure{on_failure, fmt::format("{}: {}", visible(name), memory_message)});
}

Result<void> write_file(const std::string& name, std::string_view text) {
    struct stat status{};
    const bool exists = ::stat(name.c_str(), &status) == 0;
    if (!exists && errno != ENOENT) return std::unexpected(unwritable(name));
    const bool written = exists && !S_ISREG(status.st_mode) ? write_straight(name, text)
                                                            : replace(link_target(name), text, exists ? &status : nullptr);
    if (!written) return std::unexpected(unwritable(name));
    return {};
}

Result<void> write_output(std::string_view text) {
    if (write_all(STDOUT_FILENO, text)) return {};
    return std::unexpected(system_failure("standard output", "cannot be written", ExitCode::usage));
}

}  // namespace sentinel::app
