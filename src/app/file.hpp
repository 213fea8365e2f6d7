#pragma once
/// Files and standard streams as the commands use them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "app/exit_code.hpp"

namespace sentinel::app {

/// An input file, or standard input for `-`.
class InputFile {
public:
    InputFile(InputFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    InputFile& operator=(InputFile&&) = delete;
    ~InputFile();

    static Result<InputFile> open(const std::string& name, ExitCode on_failure = ExitCode::usage);
    /// Bytes read, 0 at the end, negative on an error.
    std::ptrdiff_t read(char* data, std::size_t size) const;
    /// The size of a regular file, else 0.
    std::uint64_t size() const;

private:
    explicit InputFile(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

/// What is said of a file for which the memory does not suffice.
inline constexpr std::string_view memory_message = "there is not enough memory to read it";
/// The whole of a file, or of standard input for `-`. More than a policy document may have (256 MiB) is a failure, told as soon
/// as it is met: the input may have no end.
Result<std::string> read_file(const std::string& name, ExitCode on_failure = ExitCode::unreadable);
/// Writes a file in one go: what was there stays whole if the writing fails, and its mode and the links to it stay as they are.
/// What is no regular file (a device, a pipe) is written to, never replaced.
Result<void> write_file(const std::string& name, std::string_view text);
/// Writes to standard output. A failure (a full disk) must end the program with `usage`, never with a yes.
Result<void> write_output(std::string_view text);

}  // namespace sentinel::app
