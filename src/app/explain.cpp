/// `sentinel explain`: a question's answer, and why.

#include <string>

#include "app/answer_json.hpp"
#include "app/batch.hpp"
#include "app/commands.hpp"
#include "app/explain_text.hpp"
#include "app/policy_file.hpp"
#include "app/question_options.hpp"
#include "engine/engine.hpp"

namespace sentinel::app {

namespace {

struct ExplainOptions {
    std::string policy;
    QuestionOptions question;
    bool json = false;
};

void declare(CLI::App& command, ExplainOptions& options) {
    add_policy_option(command, options.policy);
    add_question_options(command, options.question);
    command.add_flag("--json", options.json, "Print the answer with its explanation as JSON");
    command.footer(
        "  sentinel explain -p policy.yaml inspector update vessel/vessel-001 --attributes '{\"vessel_status\": \"Docked\"}'\n"
        "In the tree ▶ marks the permission that decides, ● one that applies as well, ○ one that does not apply.\n"
        "Exit code as of check: 0 allowed, 1 denied.");
}

Result<ExitCode> run(const ExplainOptions& options) {
    const auto opened = open_question(options.question, options.policy);
    if (!opened) return std::unexpected(opened.error());
    const auto& [question, now, policy] = *opened;
    auto explained = engine::Evaluator(policy.snapshot).explain(question, now);
    if (!explained) return question_failure(explained.error(), options.json);
    name_permissions(policy, *explained);
    std::string out;
    if (options.json) {
        append_explained(out, *explained);
        out += '\n';
    } else {
        out = explanation_text(question, *explained, policy, Style::of(stdout));
    }
    return print_verdict(out, explained->answer.allowed);
}

}  // namespace

void add_explain_command(CLI::App& program, Action& chosen) {
    add_command<ExplainOptions>(program, chosen, "explain", "Answer a question and show why", declare, run);
}

}  // namespace sentinel::app
