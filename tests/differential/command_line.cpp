#include "command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>
#include <vector>

namespace sentinel::differential {

namespace {

[[noreturn]] void refuse(const std::string& message) {
    fmt::print(stderr, "{} (see --help)\n", message);
    std::exit(2);
}

}  // namespace

CommandLine::CommandLine(int count, char** arguments, std::string_view help) {
    for (int index = 1; index < count; ++index) {
        const std::string_view argument = arguments[index];
        if (argument == "--help") {
            fmt::print("{}", help);
            std::exit(0);
        }
        if (!argument.starts_with("--") || !help.contains(fmt::format("  {} ", argument))) {
            refuse(fmt::format("unknown option {}", argument));
        }
        if (index + 1 == count) { refuse(fmt::format("{} needs a value", argument)); }
        values_.insert_or_assign(std::string(argument.substr(2)), arguments[++index]);
    }
}

std::optional<std::string> CommandLine::text(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
}

std::uint64_t CommandLine::number(std::string_view name, std::uint64_t fallback) const {
    const auto value = text(name);
    if (!value) { return fallback; }
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (error != std::errc() || end != value->data() + value->size()) {
        refuse(fmt::format("--{} {} is no whole number", name, *value));
    }
    return number;
}

std::uint64_t random_seed() {
    std::random_device device;
    return (static_cast<std::uint64_t>(device()) << 32) | device();
}

double seconds_now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

unsigned thread_count(const CommandLine& options) {
    return static_cast<unsigned>(options.number("threads", std::max(1U, std::thread::hardware_concurrency())));
}

void on_threads(unsigned count, const std::function<void()>& work) {
    std::vector<std::jthread> threads;
    for (unsigned index = 0; index < count; ++index) { threads.emplace_back(work); }
}

}  // namespace sentinel::differential
