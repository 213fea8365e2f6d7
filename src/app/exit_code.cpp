#include "app/exit_code.hpp"

#include <fmt/format.h>

#include <utility>

#include "app/console.hpp"

namespace sentinel::app {

ExitCode exit_code(core::ErrorKind kind) noexcept {
    switch (kind) {
        case core::ErrorKind::validation_failed:
        case core::ErrorKind::not_found:
        case core::ErrorKind::conflict:
        case core::ErrorKind::forbidden:
        case core::ErrorKind::unauthenticated: return ExitCode::usage;
        case core::ErrorKind::rate_limited:
        case core::ErrorKind::unavailable: return ExitCode::unreadable;
    }
    std::unreachable();
}

Failure to_failure(const engine::QuestionError& error) {
    const std::string_view place = error.fault.pointer.empty() ? std::string_view{} : " ";
    return {exit_code(error.kind),
            fmt::format("question{}{}: {}", place, visible(error.fault.pointer), visible(error.fault.message))};
}

}  // namespace sentinel::app
