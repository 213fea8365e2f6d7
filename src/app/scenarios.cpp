/// `sentinel test`: runs the scenarios of files.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "app/commands.hpp"
#include "app/console.hpp"
#include "app/file.hpp"
#include "app/json_writer.hpp"
#include "app/junit.hpp"
#include "app/policy_file.hpp"
#include "app/reference_asker.hpp"
#include "policy/scenario.hpp"

namespace sentinel::app {

namespace {

struct TestOptions {
    std::vector<std::string> files;
    std::string evaluator = "engine";
    std::string junit;
    bool json = false;
};

struct Totals {
    std::size_t scenarios = 0;
    std::size_t expectations = 0;
    std::size_t failed = 0;
};

void declare(CLI::App& command, TestOptions& options) {
    command.add_option("FILE", options.files, "Scenario files, YAML or JSON")->required()->type_name("");
    command.add_option("--evaluator", options.evaluator, "Who answers: the engine, or the slow reference evaluator")
        ->check(CLI::IsMember({"engine", "reference"}))
        ->capture_default_str();
    command.add_option("--junit", options.junit, "Also write the results as a JUnit file")->type_name("FILE");
    command.add_flag("--json", options.json, "Print {scenarios, expectations, failed, results, unusable[{file, message}]}");
    command.footer(
        "Ends with one line `N scenarios, N expectations, N failed`, where a scenario fails with any of its expectations.\n"
        "Exit code: 0 all passed, 1 some failed, 3 a file cannot be used (the others are run).");
}

std::unique_ptr<policy::Asker> make_asker(const std::string& evaluator, const LoadedPolicy& policy) {
    if (evaluator == "reference") return std::make_unique<ReferenceAsker>(policy.tenant);
    return std::make_unique<policy::EngineAsker>(policy.snapshot);
}

policy::RunResult run_scenarios(const CompiledDocument& compiled, policy::Asker& asker, Progress& progress, std::size_t done) {
    policy::RunResult result;
    for (const auto& [name, row] : compiled.document.tests) {
        auto test = policy::run_test(compiled.document, compiled.policy.names, asker, name, row);
        result.passed_tests += test.ok ? 1 : 0;
        result.expectations += test.expectations.size();
        result.passed_expectations +=
            static_cast<std::size_t>(std::ranges::count(test.expectations, true, &policy::Expectation::ok));
        result.tests.push_back(std::move(test));
        progress.update(done + result.tests.size());
    }
    return result;
}

Totals totals_of(const std::vector<FileResult>& results) {
    Totals totals;
    for (const auto& [file, unreadable, result] : results) {
        totals.scenarios += result.tests.size();
        totals.expectations += result.expectations;
        totals.failed += result.tests.size() - result.passed_tests;
    }
    return totals;
}

void append_failures(std::string& out, const FileResult& results, const Style& style) {
    for (const auto& test : results.result.tests) {
        if (test.ok) continue;
        const std::string suite = test.suite.empty() ? "" : fmt::format(" [{}]", visible(test.suite));
        out += fmt::format("{} {}: {}{}\n", style.paint(Colour::red, "FAIL"), visible(results.file), visible(test.name), suite);
        for (const auto& expectation : test.expectations) {
            if (!expectation.ok) out += fmt::format("     {}\n", expectation_text(expectation));
        }
    }
}

void append_text_report(std::string& out, const std::vector<FileResult>& results, const Totals& totals) {
    const Style style = Style::of(stdout);
    for (const auto& result : results) append_failures(out, result, style);
    const std::string line =
        fmt::format("{} scenarios, {} expectations, {} failed", totals.scenarios, totals.expectations, totals.failed);
    out += style.paint(totals.failed == 0 ? Colour::green : Colour::red, line) + "\n";
}

void append_test(std::string& out, const std::string& file, const policy::TestResult& test) {
    auto object = JsonWriter::object(out);
    object.member("file", file).member("name", test.name).member("suite", test.suite).member("ok", test.ok);
    auto list = JsonWriter::array(object.key("expectations"));
    for (const auto& expectation : test.expectations) {
        auto row = JsonWriter::object(list.next());
        row.member("name", expectation.name)
            .member("ok", expectation.ok)
            .member("expected", expectation.expected)
            .member("actual", expectation.actual)
            .close();
    }
    list.close();
    object.close();
}

void append_unusable(std::string& out, const std::vector<FileResult>& results) {
    auto list = JsonWriter::array(out);
    for (const auto& [file, unreadable, result] : results) {
        if (!unreadable.empty()) JsonWriter::object(list.next()).member("file", file).member("message", unreadable).close();
    }
    list.close();
}

void append_json_report(std::string& out, const std::vector<FileResult>& results, const Totals& totals) {
    auto object = JsonWriter::object(out);
    object.member("scenarios", totals.scenarios).member("expectations", totals.expectations).member("failed", totals.failed);
    auto list = JsonWriter::array(object.key("results"));
    for (const auto& [file, unreadable, result] : results) {
        for (const auto& test : result.tests) append_test(list.next(), file, test);
    }
    list.close();
    append_unusable(object.key("unusable"), results);
    object.close();
    out += '\n';
}

/// One file of scenarios: loaded, or why not.
using Loaded = Result<CompiledDocument>;

std::vector<FileResult> run_all(const TestOptions& options) {
    std::vector<Loaded> all;
    std::size_t scenarios = 0;
    for (const auto& file : options.files) {
        const auto& loaded = all.emplace_back(load_document(file));
        scenarios += loaded ? loaded->document.tests.size() : 0;
    }
    std::vector<FileResult> results;
    Progress progress("testing", scenarios);
    std::size_t done = 0;
    for (std::size_t index = 0; index < all.size(); ++index) {
        if (!all[index]) {
            results.push_back({options.files[index], all[index].error().message, {}});
            continue;
        }
        const auto asker = make_asker(options.evaluator, all[index]->policy);
        results.push_back({options.files[index], "", run_scenarios(*all[index], *asker, progress, done)});
        done += results.back().result.tests.size();
    }
    return results;
}

/// Tells of unusable files on stderr; whether there were any.
bool tell_unusable(const std::vector<FileResult>& results) {
    bool any = false;
    for (const auto& result : results) {
        if (result.unreadable.empty()) continue;
        fmt::print(stderr, "sentinel: {}\n", result.unreadable);
        any = true;
    }
    return any;
}

Result<ExitCode> run(const TestOptions& options) {
    const auto results = run_all(options);
    if (!options.junit.empty()) {
        if (auto written = write_file(options.junit, junit_xml(results)); !written) return std::unexpected(written.error());
    }
    const Totals totals = totals_of(results);
    std::string out;
    if (options.json) {
        append_json_report(out, results, totals);
    } else {
        append_text_report(out, results, totals);
    }
    if (auto written = write_output(out); !written) return std::unexpected(written.error());
    if (tell_unusable(results)) return ExitCode::unreadable;
    return totals.failed == 0 ? ExitCode::success : ExitCode::negative;
}

}  // namespace

void add_test_command(CLI::App& program, Action& chosen) {
    add_command<TestOptions>(program, chosen, "test", "Run the scenarios of files", declare, run);
}

}  // namespace sentinel::app
