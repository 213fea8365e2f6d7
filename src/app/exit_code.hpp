#pragma once
/// What the program tells its caller, and how a command fails.

#include <expected>
#include <string>

#include "core/error.hpp"
#include "engine/question.hpp"

namespace sentinel::app {

/// The process's exit codes. A script may rely on them: only 0 is a yes.
enum class ExitCode : int {
    success = 0,         ///< allowed; all passed; all answered
    negative = 1,        ///< denied; a scenario failed
    usage = 2,           ///< bad usage, a malformed question, an unknown subject, unwritable output
    unreadable = 3,      ///< a policy or scenario file that cannot be used
    configuration = 78,  ///< settings that no server can start with (EX_CONFIG)
};

/// Why a command stopped: its exit code and the line for stderr (without the program's name; empty when already told).
struct Failure {
    ExitCode code = ExitCode::usage;
    std::string message;
};

template <class T>
using Result = std::expected<T, Failure>;

/// A question's error as one line: `question /action: message`.
Failure to_failure(const engine::QuestionError& error);
ExitCode exit_code(core::ErrorKind kind) noexcept;

}  // namespace sentinel::app
