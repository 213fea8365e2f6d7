/// The program `sentinel`: the server, and access decisions from a policy document on the command line.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include "app/commands.hpp"
#include "app/console.hpp"
#include "app/serve/commands.hpp"

namespace {

using sentinel::app::ExitCode;

int tell(const std::string& message, ExitCode code) {
    if (!message.empty()) fmt::print(stderr, "sentinel: {}\n", message);
    return static_cast<int>(code);
}

void add_commands(CLI::App& program, sentinel::app::Action& chosen) {
    using namespace sentinel::app;
    add_check_command(program, chosen);
    add_explain_command(program, chosen);
    add_who_can_command(program, chosen);
    add_resources_command(program, chosen);
    add_actions_command(program, chosen);
    add_test_command(program, chosen);
    add_validate_command(program, chosen);
    add_convert_command(program, chosen);
    add_bench_command(program, chosen);
    add_serve_command(program, chosen);
    add_migrate_command(program, chosen);
    add_admin_command(program, chosen);
    add_token_command(program, chosen);
    add_openapi_command(program, chosen);
    add_doctor_command(program, chosen);
    add_config_command(program, chosen);
    add_version_command(program, chosen);
}

/// The first word that stands where a command is due and is none; empty when that is not what is wrong.
std::string unknown_command(const CLI::App& program) {
    if (program.get_require_subcommand_min() == 0) return {};
    for (const std::string& word : program.remaining()) {
        if (!word.starts_with('-')) return word;
    }
    for (const CLI::App* command : program.get_subcommands()) {
        if (std::string word = unknown_command(*command); !word.empty()) return word;
    }
    return {};
}

std::string usage_message(const CLI::App& program, const CLI::ParseError& error) {
    const std::string word = unknown_command(program);
    return sentinel::app::visible(word.empty() ? std::string(error.what()) : fmt::format("unknown command '{}'", word));
}

int run(int argument_count, char** arguments) {
    CLI::App program("Sentinel: may this subject do this action on this resource, and why?", "sentinel");
    program.set_version_flag("--version", "sentinel " SENTINEL_VERSION);
    program.require_subcommand(1);
    program.get_formatter()->column_width(34);
    program.footer(
        "Exit codes: 0 allowed, passed or answered; 1 denied or failed; 2 usage, malformed question, unknown subject; "
        "3 unusable policy; 78 unusable settings or database.");
    sentinel::app::Action chosen;
    add_commands(program, chosen);
    try {
        program.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        // CLI11 has exit codes of its own; ours say what a script needs to know.
        if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return program.exit(error);
        return tell(fmt::format("{} (see --help)", usage_message(program, error)), ExitCode::usage);
    }
    const auto code = chosen();
    if (!code) return tell(code.error().message, code.error().code);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) return tell("standard output: cannot be written", ExitCode::usage);
    return static_cast<int>(*code);
}

}  // namespace

int main(int argument_count, char** arguments) {
    try {
        return run(argument_count, arguments);
    } catch (const std::bad_alloc&) {
        return tell("there is not enough memory", ExitCode::unreadable);
    } catch (const std::exception& error) { return tell(sentinel::app::visible(error.what()), ExitCode::usage); }
}
