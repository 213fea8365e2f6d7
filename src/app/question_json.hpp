#pragma once
/// Questions as JSON: {user_id, action, resource{type, id | path, parent, attributes}, context}, read strictly.

#include <expected>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "engine/question.hpp"

namespace sentinel::app {

/// Reads a question; what is missing, of the wrong type or unknown is an error with its pointer. Whether the texts are
/// well-formed (a legal action, a canonical path) is the engine's to say.
std::expected<engine::Question, engine::QuestionError> question_from_json(const core::json::Value& value);

/// Reads one question's JSON text into `question`, reusing its memory; on an error `question` is unspecified.
/// The same result as parsing the text and question_from_json, but several times quicker for plain questions.
std::expected<void, engine::QuestionError> read_question(std::string_view text, engine::Question& question);

/// Appends the question as read_question reads it.
void append_question(std::string& out, const engine::Question& question);

}  // namespace sentinel::app
