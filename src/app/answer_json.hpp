#pragma once
/// Answers as JSON, with the member names of the check answer (spec page 11). Everything appends to a buffer that the caller reuses.

#include <string>

#include "engine/answer.hpp"
#include "engine/question.hpp"

namespace sentinel::app {

/// `{"allowed":…,"reason_code":…,"matched":…}`: what a batch writes for each question.
void append_decision(std::string& out, const engine::Answer& answer);
/// The whole check answer.
void append_answer(std::string& out, const engine::Answer& answer);
/// The whole check answer and `explanation`.
void append_explained(std::string& out, const engine::ExplainedAnswer& explained);
/// `{"error":{"kind":…,"code":…,"pointer":…,"message":…}}`.
void append_error(std::string& out, const engine::QuestionError& error);

}  // namespace sentinel::app
