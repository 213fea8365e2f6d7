#pragma once
/// Options of the programs in this folder: `--name value` only.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sentinel::differential {

class CommandLine {
public:
    /// Parses, or prints the help or what is wrong and exits with 0 or 2. `help` lists each option as `  --name …`; an option that
    /// it does not name is refused.
    CommandLine(int count, char** arguments, std::string_view help);

    std::optional<std::string> text(std::string_view name) const;
    std::uint64_t number(std::string_view name, std::uint64_t fallback) const;

private:
    std::map<std::string, std::string, std::less<>> values_;
};

/// A seed from the system's random source.
std::uint64_t random_seed();
/// The option `threads`, else as many as there are cores.
unsigned thread_count(const CommandLine& options);
/// Calls `work` on so many threads at once, and returns when all have come back.
void on_threads(unsigned count, const std::function<void()>& work);
/// Seconds on a clock that never goes back.
double seconds_now();

}  // namespace sentinel::differential
