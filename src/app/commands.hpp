#pragma once
/// The subcommands. Each `add_…` declares one and, when the caller chose it, puts its work into `chosen`.

#include <functional>

#include <CLI/CLI.hpp>

#include "app/exit_code.hpp"

namespace sentinel::app {

using Action = std::function<Result<ExitCode>()>;

void add_check_command(CLI::App& program, Action& chosen);
void add_explain_command(CLI::App& program, Action& chosen);
void add_who_can_command(CLI::App& program, Action& chosen);
void add_resources_command(CLI::App& program, Action& chosen);
void add_actions_command(CLI::App& program, Action& chosen);
void add_test_command(CLI::App& program, Action& chosen);
void add_validate_command(CLI::App& program, Action& chosen);
void add_convert_command(CLI::App& program, Action& chosen);
void add_bench_command(CLI::App& program, Action& chosen);
void add_config_command(CLI::App& program, Action& chosen);
void add_version_command(CLI::App& program, Action& chosen);

/// Declares a subcommand whose options live as long as its work: `declare` adds them, `run` does the work.
template <class Options, class Declare, class Run>
void add_command(CLI::App& program, Action& chosen, const char* name, const char* description, Declare declare, Run run) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand(name, description);
    declare(*command, *options);
    command->callback([&chosen, options, run] { chosen = [options, run] { return run(*options); }; });
}

}  // namespace sentinel::app
