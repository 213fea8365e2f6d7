/// `sentinel check`: one question, or a batch of them.

#include <fmt/format.h>

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

struct CheckOptions {
    std::string policy;
    QuestionOptions question;
    std::string questions;
    bool json = false;
    bool full = false;
};

/// The batch brings its questions whole, so nothing of a question may stand beside it.
bool names_a_question(const QuestionOptions& question) {
    const auto& [user, action, target, type, id, path, parent, attributes, context, time] = question;
    return user || action || target || type || id || path || parent || attributes || context;
}

Result<ExitCode> check_batch(const CheckOptions& options) {
    if (names_a_question(options.question)) {
        return std::unexpected(
            Failure{ExitCode::usage, "--questions: excludes the options of a single question (all but --time)"});
    }
    if (options.policy == "-" && options.questions == "-") {
        return std::unexpected(Failure{ExitCode::usage, "--questions: standard input is already the policy"});
    }
    const auto now = evaluation_time(options.question.time);
    if (!now) return std::unexpected(now.error());
    auto policy = load_policy(options.policy);
    if (!policy) return std::unexpected(policy.error());
    return answer_questions(options.questions, *policy, *now, options.full ? AnswerForm::whole : AnswerForm::decision);
}

Result<ExitCode> check_one(const CheckOptions& options) {
    const auto opened = open_question(options.question, options.policy);
    if (!opened) return std::unexpected(opened.error());
    const auto& [question, now, policy] = *opened;
    auto answer = engine::Evaluator(policy.snapshot).check(question, now);
    if (!answer) return question_failure(answer.error(), options.json);
    name_permissions(policy, *answer);
    std::string out;
    if (options.json) {
        append_answer(out, *answer);
        out += '\n';
    } else {
        out = verdict_line(*answer, Style::of(stdout)) + "\n";
    }
    return print_verdict(out, answer->allowed);
}

void declare(CLI::App& command, CheckOptions& options) {
    add_policy_option(command, options.policy);
    add_question_options(command, options.question);
    auto* questions =
        command.add_option("-q,--questions", options.questions,
                           "Answer a batch instead, from a file (- for standard input) of JSON lines or of one JSON array");
    questions->type_name("FILE");
    command.add_flag("--full", options.full, "Batches: the whole answer instead of allowed, reason_code and matched")
        ->needs(questions);
    command.add_flag("--json", options.json, "Print the whole answer as JSON (batches always are)");
    command.footer(
        "A question of a batch is {user_id, action, resource{type, id | path, parent, attributes}, context}. Its answer is one "
        "line of\n"
        "JSON; answers keep the order of the questions, and one reading of the clock serves the whole batch.\n"
        "  sentinel check -p policy.yaml inspector update vessel/vessel-001\n"
        "  sentinel check -p policy.yaml inspector read /fleet-mgmt/vessel-ops --type app\n"
        "  sentinel check -p policy.yaml --questions questions.jsonl > answers.jsonl\n"
        "Exit code: 0 allowed, 1 denied, 2 malformed question or unknown subject, 3 unusable policy; "
        "of a batch 0 when all were answered, else 2.");
}

Result<ExitCode> run(const CheckOptions& options) {
    return options.questions.empty() ? check_one(options) : check_batch(options);
}

}  // namespace

void add_check_command(CLI::App& program, Action& chosen) {
    add_command<CheckOptions>(program, chosen, "check", "Answer a question, or a batch of them", declare, run);
}

}  // namespace sentinel::app
