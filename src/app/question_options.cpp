#include "app/question_options.hpp"

#include <fmt/format.h>

#include <utility>

#include "app/console.hpp"

namespace sentinel::app {

namespace {

namespace json = core::json;

Failure usage(std::string message) { return {ExitCode::usage, std::move(message)}; }

Result<std::string> required(const std::optional<std::string>& value, std::string_view name) {
    if (value) return *value;
    return std::unexpected(usage(fmt::format("--{} is missing", name)));
}

Result<json::Object> object_option(const std::optional<std::string>& text, std::string_view name) {
    if (!text) return json::Object{};
    auto value = json::parse(*text);
    if (!value) {
        const auto& error = value.error();
        return std::unexpected(
            usage(fmt::format("--{}: not JSON: line {}, column {}: {}", name, error.line, error.column, visible(error.message))));
    }
    if (value->object() == nullptr) return std::unexpected(usage(fmt::format("--{}: must be a JSON object", name)));
    return std::move(*value->object());
}

/// Sets what the positional form says, unless the named options say it too.
Result<void> merge(std::optional<std::string>& named, std::string value, std::string_view name) {
    if (named && *named != value) return std::unexpected(usage(fmt::format("RESOURCE and --{} contradict each other", name)));
    named = std::move(value);
    return {};
}

/// `/a/path`, `type/id` (the id is all that follows the first slash) or `type`.
Result<void> apply_target(std::string_view target, QuestionOptions& options) {
    if (target.starts_with('/')) return merge(options.path, std::string(target), "path");
    const std::size_t slash = target.find('/');
    auto typed = merge(options.type, std::string(target.substr(0, slash)), "type");
    if (!typed || slash == std::string_view::npos) return typed;
    return merge(options.id, std::string(target.substr(slash + 1)), "id");
}

}  // namespace

void add_policy_option(CLI::App& command, std::string& file) {
    command.add_option("-p,--policy", file, "Policy document, YAML or JSON (- for standard input)")
        ->required()
        ->type_name("FILE");
}

void add_time_option(CLI::App& command, std::optional<std::string>& time) {
    command
        .add_option("--time", time, "Answer as at this moment (RFC 3339) instead of now; unlike context.time it keeps the ttl")
        ->type_name("TIME");
}

void add_question_options(CLI::App& command, QuestionOptions& options, QuestionParts parts) {
    if (parts.user)
        command.add_option("USER,-u,--user", options.user, "Who asks: the id of a user or service account")->type_name("ID");
    if (parts.action)
        command.add_option("ACTION,-a,--action", options.action, "What is to be done: read, update, delete …")->type_name("NAME");
    const char* target =
        parts.instance ? "On what: TYPE/ID, TYPE, or an absolute path (then with --type)" : "The TYPE of the resources";
    command.add_option("RESOURCE", options.target, target)->type_name("TEXT");
    command.add_option("-t,--type", options.type, "Type of the resource")->type_name("TYPE");
    if (parts.instance) {
        command.add_option("-i,--id", options.id, "Id or code of a registered resource, or the id of an outside instance")
            ->type_name("ID");
        command.add_option("--path", options.path, "Absolute path, instead of an id")->type_name("PATH");
        command.add_option("--parent", options.parent, "Id or code of the registered resource that it lies (or would lie) below")
            ->type_name("ID");
    }
    command.add_option("--attributes", options.attributes, "Attributes of the resource, a JSON object; they overlay stored ones")
        ->type_name("JSON");
    command.add_option("--context", options.context, "Context of the question, a JSON object")->type_name("JSON");
    add_time_option(command, options.time);
}

Result<engine::Question> to_question(const QuestionOptions& given, QuestionParts parts) {
    QuestionOptions options = given;
    if (options.target) {
        if (auto applied = apply_target(*options.target, options); !applied) return std::unexpected(applied.error());
    }
    if (!parts.instance && options.id) return std::unexpected(usage("RESOURCE: only a type is asked for here"));
    engine::Question question;
    if (parts.user) {
        auto user = required(options.user, "user");
        if (!user) return std::unexpected(user.error());
        question.subject.text = std::move(*user);
    }
    if (parts.action) {
        auto action = required(options.action, "action");
        if (!action) return std::unexpected(action.error());
        question.action = std::move(*action);
    }
    auto type = required(options.type, "type");
    if (!type) return std::unexpected(type.error());
    auto attributes = object_option(options.attributes, "attributes");
    if (!attributes) return std::unexpected(attributes.error());
    auto context = object_option(options.context, "context");
    if (!context) return std::unexpected(context.error());
    question.resource = {std::move(*type), std::move(options.id), std::move(options.path), std::move(options.parent),
                         std::move(*attributes)};
    question.context = std::move(*context);
    return question;
}

Result<core::Instant> evaluation_time(const std::optional<std::string>& time) {
    if (!time) return core::SystemClock{}.now();
    if (const auto instant = core::Instant::parse(*time)) return *instant;
    return std::unexpected(usage(fmt::format("--time: {} is no RFC 3339 date-time", visible(*time))));
}

Result<OpenedQuestion> open_question(const QuestionOptions& given, const std::string& policy_file, QuestionParts parts) {
    auto question = to_question(given, parts);
    if (!question) return std::unexpected(question.error());
    const auto now = evaluation_time(given.time);
    if (!now) return std::unexpected(now.error());
    auto policy = load_policy(policy_file);
    if (!policy) return std::unexpected(policy.error());
    return OpenedQuestion{std::move(*question), *now, std::move(*policy)};
}

}  // namespace sentinel::app
