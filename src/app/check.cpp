/// `sentinel check`: one question, or a batch of them.

#include <fmt/format.h>

#include <string>

#include "app/answer_json.hpp"
#include "app/batch.hpp"
#include "app/commands.hpp"
#include "app/explain_text.hpp"
#include "app/file.hpp"
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

Result<ExitCode> check_batch(const CheckOptions& options) {
    const auto now = evaluation_time(options.question.time);
    if (!now) return std::unexpected(now.error());
    auto policy = load_policy(options.policy);
    if (!policy) return std::unexpected(policy.error());
    return answer_questions(options.questions, policy->snapshot, *now, options.full ? AnswerForm::whole : AnswerForm::decision);
}

Result<ExitCode> check_one(const CheckOptions& options) {
    const auto question = to_question(options.question);
    if (!question) return std::unexpected(question.error());
    const auto now = evaluation_time(options.question.time);
    if (!now) return std::unexpected(now.error());
    auto policy = load_policy(options.policy);
    if (!policy) return std::unexpected(policy.error());
    const auto answer = engine::Evaluator(policy->snapshot).check(*question, *now);
    if (!answer) return question_failure(answer.error(), options.json);
    std::string out;
    if (options.json) {
        append_answer(out, *answer);
        out += '\n';
    } else {
        out = verdict_line(*answer, Style::of(stdout)) + "\n";
    }
    if (auto written = write_output(out); !written) return std::unexpected(written.error());
    return answer->allowed ? ExitCode::success : ExitCode::negative;
}

void declare(CLI::App& command, CheckOptions& options) {
    add_policy_option(command, options.policy);
    add_question_options(command, options.question);
    auto* questions = command.add_option("-q,--questions", options.questions,
                                         "Answer a batch instead: a file (- for standard input) of JSON lines, or one JSON array, of "
                                         "{user_id, action, resource{type, id | path, parent, attributes}, context}; one line of JSON for each, "
                                         "in order, all at one clock reading");
    questions->type_name("FILE");
    for (const char* one : {"--user", "--action", "RESOURCE", "--type", "--id", "--path", "--parent", "--attributes", "--context"}) {
        questions->excludes(command.get_option(one));
    }
    command.add_flag("--full", options.full, "Batches: the whole answer instead of allowed, reason_code and matched")->needs(questions);
    command.add_flag("--json", options.json, "Print the whole answer as JSON (batches always are)");
    command.footer("  sentinel check -p policy.yaml inspector update vessel/vessel-001\n"
                   "  sentinel check -p policy.yaml inspector read /fleet-mgmt/vessel-ops --type app\n"
                   "  sentinel check -p policy.yaml --questions questions.jsonl > answers.jsonl\n"
                   "Exit code: 0 allowed, 1 denied, 2 malformed question or unknown subject, 3 unusable policy; "
                   "of a batch 0 when all were answered, else 2.");
}

Result<ExitCode> run(const CheckOptions& options) { return options.questions.empty() ? check_one(options) : check_batch(options); }

}  // namespace

void add_check_command(CLI::App& program, Action& chosen) {
    add_command<CheckOptions>(program, chosen, "check", "Answer a question, or a batch of them", declare, run);
}

}  // namespace sentinel::app
