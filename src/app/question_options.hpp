#pragma once
/// A question on the command line.

#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "app/exit_code.hpp"
#include "app/policy_file.hpp"
#include "core/time.hpp"
#include "engine/question.hpp"

namespace sentinel::app {

/// The parts of a question that a command takes.
struct QuestionParts {
    bool user = true;
    bool action = true;
    bool instance = true;  ///< id, path and parent; else only the type
};

/// What was given of a question, not yet put together.
struct QuestionOptions {
    std::optional<std::string> user;
    std::optional<std::string> action;
    std::optional<std::string> target;  ///< TYPE/ID, TYPE or /a/path
    std::optional<std::string> type;
    std::optional<std::string> id;
    std::optional<std::string> path;
    std::optional<std::string> parent;
    std::optional<std::string> attributes;
    std::optional<std::string> context;
    std::optional<std::string> time;
};

void add_policy_option(CLI::App& command, std::string& file);
void add_question_options(CLI::App& command, QuestionOptions& options, QuestionParts parts = {});
void add_time_option(CLI::App& command, std::optional<std::string>& time);

/// The question, or what is missing, doubled or no JSON. Whether it is well-formed is the engine's to say.
Result<engine::Question> to_question(const QuestionOptions& given, QuestionParts parts = {});
/// The moment to answer at: that of --time, else now.
Result<core::Instant> evaluation_time(const std::optional<std::string>& time);

/// All that an answer needs.
struct OpenedQuestion {
    engine::Question question;
    core::Instant now;
    LoadedPolicy policy;
};
/// Puts the question together before it reads the policy, so that bad usage is told at once.
Result<OpenedQuestion> open_question(const QuestionOptions& given, const std::string& policy_file, QuestionParts parts = {});

}  // namespace sentinel::app
