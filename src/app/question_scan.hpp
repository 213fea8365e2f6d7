#pragma once
/// The quick way to read a question's JSON text.

#include <string_view>

#include "engine/question.hpp"

namespace sentinel::app {

/// Reads `text` into `question` when it is a plain question: well-formed, known members once each, texts of printable
/// ASCII without escapes (inside attributes and context anything legal). True: `question` is what the strict reader would
/// give. False: nothing is said about the text, and `question` is unspecified; ask the strict reader.
bool scan_plain_question(std::string_view text, engine::Question& question);

}  // namespace sentinel::app
