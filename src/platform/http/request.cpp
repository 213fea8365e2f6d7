#include "platform/http/request.hpp"

#include <algorithm>
#include <array>

namespace sentinel::http {

namespace {
constexpr std::array<std::string_view, method_count> texts = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
}

std::string_view text_of(Method method) noexcept { return texts[static_cast<std::size_t>(method)]; }

std::optional<Method> parse_method(std::string_view text) noexcept {
    const auto found = std::ranges::find(texts, text);
    if (found == texts.end()) return std::nullopt;
    return static_cast<Method>(found - texts.begin());
}

}  // namespace sentinel::http
