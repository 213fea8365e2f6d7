/// `sentinel validate`: every problem of policy documents.

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "app/commands.hpp"
#include "app/console.hpp"
#include "app/file.hpp"
#include "app/json_writer.hpp"
#include "app/policy_file.hpp"
#include "policy/warnings.hpp"

namespace sentinel::app {

namespace {

struct ValidateOptions {
    std::vector<std::string> files;
    bool json = false;
};

struct Checked {
    const std::string& file;
    std::vector<policy::Problem> problems;
    std::vector<policy::Problem> warnings;
};

void declare(CLI::App& command, ValidateOptions& options) {
    command.add_option("FILE", options.files, "Policy documents and scenario files, YAML or JSON (- for standard input)")
        ->required()
        ->type_name("");
    command.add_flag("--json", options.json, "Print {valid, problems[{file, line, pointer, code, message}], warnings[the same]}");
    command.footer(
        "Prints every problem as file:line: pointer: message, "
        "warnings as file:line: warning: pointer: message. Exit code: 0 all are valid, 3 some are not.");
}

/// With their lines. Those of a document that the file only names are told where that one is validated.
std::vector<policy::Problem> warnings_of(const std::string& file, std::string_view text, const policy::Document& document) {
    std::vector<policy::Problem> warnings = policy::warnings(document);
    if (warnings.empty()) return warnings;
    const auto node = policy::read_node(text, format_of(file, text), policy::command_line_limits);
    if (!node || node->find("policy") != nullptr) return {};
    for (auto& warning : warnings) warning.line = node->line_at(warning.pointer);
    return warnings;
}

Checked check_file(const std::string& file) {
    const auto text = read_file(file);
    // An unreadable file is one problem among the others, so that one bad name does not hide the rest.
    if (!text) return {file, {{0, "", "unreadable", text.error().message.substr(visible(file).size() + 2)}}, {}};
    auto compiled = compile_document(file, *text);
    if (!compiled) return {file, std::move(compiled.error()), {}};
    return {file, {}, warnings_of(file, *text, compiled->document)};
}

void append_json_list(std::string& out, const std::vector<Checked>& all, std::vector<policy::Problem> Checked::* kind) {
    auto list = JsonWriter::array(out);
    for (const auto& checked : all) {
        for (const auto& problem : checked.*kind) {
            auto row = JsonWriter::object(list.next());
            row.member("file", checked.file)
                .member("line", problem.line)
                .member("pointer", problem.pointer)
                .member("code", problem.code)
                .member("message", problem.message)
                .close();
        }
    }
    list.close();
}

void append_json_report(std::string& out, const std::vector<Checked>& all, bool valid) {
    auto object = JsonWriter::object(out);
    object.member("valid", valid);
    append_json_list(object.key("problems"), all, &Checked::problems);
    append_json_list(object.key("warnings"), all, &Checked::warnings);
    object.close();
    out += '\n';
}

void append_text_report(std::string& out, const std::vector<Checked>& all) {
    for (const auto& checked : all) {
        for (const auto& problem : checked.problems) out += problem_line(checked.file, problem) + "\n";
        for (const auto& warning : checked.warnings) {
            out += fmt::format("{}:{}: warning: {}: {}\n", visible(checked.file), warning.line, visible(warning.pointer),
                               visible(warning.message));
        }
        if (checked.problems.empty()) out += fmt::format("{}: valid\n", visible(checked.file));
    }
}

Result<ExitCode> run(const ValidateOptions& options) {
    std::vector<Checked> all;
    bool valid = true;
    for (const auto& file : options.files) {
        all.push_back(check_file(file));
        valid = valid && all.back().problems.empty();
    }
    std::string out;
    if (options.json) {
        append_json_report(out, all, valid);
    } else {
        append_text_report(out, all);
    }
    if (auto written = write_output(out); !written) return std::unexpected(written.error());
    return valid ? ExitCode::success : ExitCode::unreadable;
}

}  // namespace

void add_validate_command(CLI::App& program, Action& chosen) {
    add_command<ValidateOptions>(program, chosen, "validate", "Check policy documents and list every problem", declare, run);
}

}  // namespace sentinel::app
