#include "app/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "app/console.hpp"

namespace sentinel::app {

namespace {

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

std::ptrdiff_t InputFile::read(char* data, std::size_t size) {
    for (;;) {
        const ssize_t count = ::read(descriptor_, data, size);
        if (count >= 0 || errno != EINTR) return count;
    }
}

std::uint64_t InputFile::size() const {
    struct stat status{};
    return ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
}

Result<std::string> read_file(const std::string& name, ExitCode on_failure) {
    auto file = InputFile::open(name, on_failure);
    if (!file) return std::unexpected(std::move(file.error()));
    std::string text;
    for (;;) {
        const std::size_t kept = text.size();
        text.resize(kept + (1U << 20));
        const std::ptrdiff_t count = file->read(text.data() + kept, text.size() - kept);
        text.resize(kept + static_cast<std::size_t>(count > 0 ? count : 0));
        if (count < 0) return std::unexpected(system_failure(name, "cannot be read", on_failure));
        if (count == 0) return text;
    }
}

Result<void> write_file(const std::string& name, std::string_view text) {
    const std::string temporary = fmt::format("{}.{}.partial", name, ::getpid());
    const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) return std::unexpected(system_failure(name, "cannot be written", ExitCode::usage));
    const bool written = write_all(descriptor, text);
    const bool closed = ::close(descriptor) == 0;
    if (!written || !closed || std::rename(temporary.c_str(), name.c_str()) != 0) {
        const Failure failure = system_failure(name, "cannot be written", ExitCode::usage);
        ::unlink(temporary.c_str());
        return std::unexpected(failure);
    }
    return {};
}

Result<void> write_output(std::string_view text) {
    if (write_all(STDOUT_FILENO, text)) return {};
    return std::unexpected(system_failure("standard output", "cannot be written", ExitCode::usage));
}

}  // namespace sentinel::app
