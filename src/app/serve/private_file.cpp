#include "app/serve/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "app/serve/startup.hpp"

namespace sentinel::app {

namespace {

/// Closes what it holds.
class Descriptor {
public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) close(number_);
    }
    int number() const noexcept { return number_; }

private:
    int number_;
};

[[noreturn]] void fail(const std::filesystem::path& file, const char* what) {
    throw StartError(fmt::format("{}: {}: {}", file.string(), what, std::strerror(errno)));
}

}  // namespace

std::optional<platform::Secret> read_private_file(const std::filesystem::path& file) {
    const Descriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (descriptor.number() < 0 && errno == ENOENT) return std::nullopt;
    if (descriptor.number() < 0) fail(file, "cannot be read");
    struct stat status{};
    if (fstat(descriptor.number(), &status) != 0) fail(file, "cannot be read");
    if ((status.st_mode & 077U) != 0)
        throw StartError(fmt::format("{}: others may read it; set its mode to 0600", file.string()));
    std::string text;
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t count = read(descriptor.number(), buffer.data(), buffer.size());
        if (count < 0) fail(file, "cannot be read");
        if (count == 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(count));
        if (text.size() > 65536) throw StartError(fmt::format("{}: too long to be a secret of ours", file.string()));
    }
    explicit_bzero(buffer.data(), buffer.size());
    return platform::Secret(std::move(text));
}

void write_private_file(const std::filesystem::path& file, const platform::Secret& text) {
    std::filesystem::create_directories(file.parent_path());
    const std::filesystem::path partial = file.string() + ".new";
    {
        const Descriptor descriptor(open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (descriptor.number() < 0) fail(partial, "cannot be made");
        const std::string& bytes = text.reveal();
        if (write(descriptor.number(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
            fail(partial, "cannot be written");
        if (fsync(descriptor.number()) != 0) fail(partial, "cannot be written");
    }
    // link, not rename: whoever made it first is right.
    if (link(partial.c_str(), file.c_str()) != 0) fail(file, "cannot be made");
    unlink(partial.c_str());
}

}  // namespace sentinel::app
