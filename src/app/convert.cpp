/// `sentinel convert`: other descriptions of who may do what, as policy documents.

#include <fmt/format.h>

#include <memory>
#include <new>
#include <string>

#include "app/access_matrix.hpp"
#include "app/commands.hpp"
#include "app/console.hpp"
#include "app/file.hpp"
#include "app/policy_file.hpp"

namespace sentinel::app {

namespace {

struct MatrixOptions {
    std::string file;
    std::string output;
    std::string tenant = "ACCESS-MATRIX";
    bool json = false;
};

void declare_matrix(CLI::App& command, MatrixOptions& options) {
    command.add_option("FILE", options.file, "Lines `user permission` (- for standard input)")->required()->type_name("");
    command.add_option("-o,--output", options.output, "Where to write the policy instead of standard output; .json gives JSON")
        ->type_name("FILE");
    command.add_option("--tenant", options.tenant, "Code of the tenant; the ids of all rows are derived from it")
        ->type_name("CODE")
        ->capture_default_str();
    command.add_flag("--json", options.json, "Write JSON instead of YAML");
    command.footer(
        "The file has one `user permission` pair a line, no header and no table; blanks or tabs stand between the two, so "
        "neither\n"
        "may contain one.\n"
        "Each distinct set of permissions becomes one role, each user holds exactly the role of its set, and permission p\n"
        "allows `access` on `entitlement/p`:\n  sentinel check -p policy.yaml USER access entitlement/PERMISSION");
}

Result<ExitCode> run_matrix(const MatrixOptions& options) try {
    const auto text = read_file(options.file);
    if (!text) return std::unexpected(text.error());
    const auto document = read_access_matrix(*text, options.tenant);
    if (!document) {
        const auto& fault = document.error();
        return std::unexpected(
            Failure{ExitCode::unreadable, fmt::format("{}:{}: {}", visible(options.file), fault.line, fault.message)});
    }
    const bool json = options.json || options.output.ends_with(".json");
    const std::string policy = json ? policy::write_json(*document) : policy::write_yaml(*document);
    // What we write must be readable; the tenant's code, for one, comes from the command line.
    const auto readable =
        policy::read(policy, json ? policy::Format::json : policy::Format::yaml, {.limits = policy::command_line_limits});
    if (!readable)
        return std::unexpected(Failure{ExitCode::usage, problem_line("the policy made of it", readable.error().front())});
    const auto written = options.output.empty() ? write_output(policy) : write_file(options.output, policy);
    if (!written) return std::unexpected(written.error());
    fmt::print(stderr, "{} users, {} roles, {} permissions\n", document->users.size(), document->roles.size(),
               document->permissions.size());
    return ExitCode::success;
} catch (const std::bad_alloc&) {
    return std::unexpected(Failure{ExitCode::unreadable, fmt::format("{}: {}", visible(options.file), memory_message)});
}

}  // namespace

void add_convert_command(CLI::App& program, Action& chosen) {
    CLI::App* convert = program.add_subcommand("convert", "Turn other descriptions of access into policy documents");
    convert->require_subcommand(1);
    add_command<MatrixOptions>(*convert, chosen, "access-matrix", "A list of user and permission pairs", declare_matrix,
                               run_matrix);
}

}  // namespace sentinel::app
