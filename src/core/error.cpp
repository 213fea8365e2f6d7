#include "core/error.hpp"

namespace sentinel::core {

std::string_view error_text(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::validation_failed: return "validation_failed";
        case ErrorKind::not_found: return "not_found";
        case ErrorKind::conflict: return "conflict";
        case ErrorKind::forbidden: return "forbidden";
        case ErrorKind::unauthenticated: return "unauthenticated";
        case ErrorKind::rate_limited: return "rate_limited";
        case ErrorKind::unavailable: return "unavailable";
    }
    return "unknown";
}

std::string pointer_to(std::string_view pointer, std::string_view member) {
    std::string result;
    result.reserve(pointer.size() + 1 + member.size());
    result.append(pointer).push_back('/');
    for (const char letter : member) {
        if (letter == '~') {
            result += "~0";
        } else if (letter == '/') {
            result += "~1";
        } else {
            result += letter;
        }
    }
    return result;
}

std::string pointer_to(std::string_view pointer, std::size_t index) {
    return pointer_to(pointer, std::string_view(std::to_string(index)));
}

}  // namespace sentinel::core
