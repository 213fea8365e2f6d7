/// `sentinel who-can`, `sentinel resources`, `sentinel actions`: a question with one part left open.

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "app/batch.hpp"
#include "app/commands.hpp"
#include "app/console.hpp"
#include "app/file.hpp"
#include "app/json_writer.hpp"
#include "app/policy_file.hpp"
#include "app/question_options.hpp"
#include "engine/engine.hpp"

namespace sentinel::app {

namespace {

constexpr QuestionParts who_can_parts{.user = false};
constexpr QuestionParts resources_parts{.instance = false};
constexpr QuestionParts actions_parts{.action = false};

struct ReverseOptions {
    std::string policy;
    QuestionOptions question;
    bool json = false;
};

void declare(CLI::App& command, ReverseOptions& options, QuestionParts parts, const char* footer) {
    add_policy_option(command, options.policy);
    add_question_options(command, options.question, parts);
    command.add_flag("--json", options.json, "Print the list as JSON");
    command.footer(footer);
}

void declare_who_can(CLI::App& command, ReverseOptions& options) {
    declare(command, options, who_can_parts,
            "  sentinel who-can -p policy.yaml update vessel/vessel-001\nThe count goes to standard error.");
}

void declare_resources(CLI::App& command, ReverseOptions& options) {
    declare(command, options, resources_parts,
            "  sentinel resources -p policy.yaml inspector read app\nThe count goes to standard error.");
}

void declare_actions(CLI::App& command, ReverseOptions& options) {
    declare(command, options, actions_parts, "  sentinel actions -p policy.yaml inspector vessel/vessel-001");
}

/// Loads, asks with `ask(evaluator, question, now)`, prints what `render(out, policy, answer)` makes of the answer.
template <class Ask, class Render>
Result<ExitCode> answer_reverse(const ReverseOptions& options, QuestionParts parts, Ask ask, Render render) {
    const auto opened = open_question(options.question, options.policy, parts);
    if (!opened) return std::unexpected(opened.error());
    const auto& [question, now, policy] = *opened;
    engine::Evaluator evaluator(policy.snapshot);
    const auto answer = ask(evaluator, question, now);
    if (!answer) return question_failure(answer.error(), options.json);
    std::string out;
    render(out, policy, *answer);
    if (auto written = write_output(out); !written) return std::unexpected(written.error());
    return ExitCode::success;
}

/// `{"<name>":[…],"revision":…}` with one element for each of `rows`.
template <class Rows, class AppendRow>
void append_list(std::string& out, std::string_view name, const Rows& rows, std::uint64_t revision, AppendRow append_row) {
    auto object = JsonWriter::object(out);
    auto list = JsonWriter::array(object.key(name));
    for (const auto& row : rows) append_row(list.next(), row);
    list.close();
    object.member("revision", revision).close();
    out += '\n';
}

void tell_count(std::size_t count, std::string_view one, std::string_view many) {
    fmt::print(stderr, "{} {}\n", count, count == 1 ? one : many);
}

Result<ExitCode> run_who_can(const ReverseOptions& options) {
    const auto ask = [](engine::Evaluator& evaluator, const engine::Question& question, engine::Instant now) {
        return evaluator.who_can(question, now);
    };
    const auto render = [&](std::string& out, const LoadedPolicy& policy, const std::vector<engine::SubjectId>& subjects) {
        if (options.json) {
            append_list(out, "subjects", subjects, policy.tenant.revision,
                        [](std::string& row, const engine::SubjectId& subject) {
                            auto object = JsonWriter::object(row);
                            object.member("user_id", subject.text).close();
                        });
            return;
        }
        for (const auto& subject : subjects) out += visible(subject.text) + "\n";
        tell_count(subjects.size(), "subject", "subjects");
    };
    return answer_reverse(options, who_can_parts, ask, render);
}

Result<ExitCode> run_resources(const ReverseOptions& options) {
    const auto ask = [](engine::Evaluator& evaluator, const engine::Question& question, engine::Instant now) {
        return evaluator.resources(question, now);
    };
    const auto render = [&](std::string& out, const LoadedPolicy& policy, const std::vector<engine::ResourceId>& resources) {
        if (options.json) {
            append_list(out, "resources", resources, policy.tenant.revision, [&](std::string& row, const engine::ResourceId& id) {
                auto object = JsonWriter::object(row);
                object.member("id", id).member("resource", resource_label(policy, id)).close();
            });
            return;
        }
        for (const auto& id : resources) out += visible(resource_label(policy, id)) + "\n";
        tell_count(resources.size(), "resource", "resources");
    };
    return answer_reverse(options, resources_parts, ask, render);
}

Result<ExitCode> run_actions(const ReverseOptions& options) {
    const auto ask = [](engine::Evaluator& evaluator, const engine::Question& question, engine::Instant now) {
        return evaluator.actions(question, now);
    };
    const auto render = [&](std::string& out, const LoadedPolicy& policy, const std::vector<engine::ActionAnswer>& actions) {
        if (options.json) {
            append_list(out, "actions", actions, policy.tenant.revision,
                        [](std::string& row, const engine::ActionAnswer& answer) {
                            auto object = JsonWriter::object(row);
                            object.member("action", answer.action)
                                .member("allowed", answer.allowed)
                                .member("reason_code", engine::reason_code_text(answer.reason_code))
                                .member("requires_approval", answer.reason_code == engine::ReasonCode::approval_required)
                                .close();
                        });
            return;
        }
        const Style style = Style::of(stdout);
        for (const auto& answer : actions) {
            const std::string verdict =
                style.paint(answer.allowed ? Colour::green : Colour::red, answer.allowed ? "allowed" : "denied ");
            out += fmt::format("{}  {}  {}\n", verdict, visible(answer.action), engine::reason_code_text(answer.reason_code));
        }
    };
    return answer_reverse(options, actions_parts, ask, render);
}

}  // namespace

void add_who_can_command(CLI::App& program, Action& chosen) {
    add_command<ReverseOptions>(program, chosen, "who-can", "List the subjects that may do an action on a resource",
                                declare_who_can, run_who_can);
}

void add_resources_command(CLI::App& program, Action& chosen) {
    add_command<ReverseOptions>(program, chosen, "resources", "List the registered resources of a type that a subject may act on",
                                declare_resources, run_resources);
}

void add_actions_command(CLI::App& program, Action& chosen) {
    add_command<ReverseOptions>(program, chosen, "actions",
                                "List every action of the policy and whether a subject may do it on a resource", declare_actions,
                                run_actions);
}

}  // namespace sentinel::app
