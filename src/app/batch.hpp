#pragma once
/// Batches of questions in JSON.

#include <cstdint>
#include <string>
#include <string_view>

#include "app/exit_code.hpp"
#include "app/policy_file.hpp"
#include "engine/engine.hpp"

namespace sentinel::app {

enum class AnswerForm : std::uint8_t {
    decision,  ///< allowed, reason_code, matched
    whole,     ///< the whole check answer
};

/// Answers each question of `file` (`-`: standard input) by one line of JSON on standard output, in order: an answer, or
/// `{"error":{…}}`. Returns success when every question was answered, else usage. Answers are written no later than when the
/// input makes us wait, so that a program may talk with us over two pipes.
Result<ExitCode> answer_questions(const std::string& file, const LoadedPolicy& policy, engine::Instant now, AnswerForm form);

/// Prints the answer to a single question; the exit code is its verdict.
Result<ExitCode> print_verdict(std::string_view text, bool allowed);
/// The result of a single question without an answer; with `json` the error is also printed to standard output as in a batch.
Result<ExitCode> question_failure(const engine::QuestionError& error, bool json);

}  // namespace sentinel::app
