#pragma once
/// SQL texts made of constants at compile time: a list's columns and filters stand once, each of its orders is a statement.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace sentinel::postgres {

namespace detail {

template <const std::string_view&... parts>
struct Joined {
    static constexpr auto characters = [] {
        std::array<char, (parts.size() + ... + 0)> joined{};
        std::size_t end = 0;
        const auto append = [&](std::string_view part) {
            std::ranges::copy(part, joined.begin() + static_cast<std::ptrdiff_t>(end));
            end += part.size();
        };
        (append(parts), ...);
        return joined;
    }();
};

}  // namespace detail

/// The parts, one after the other. Each is a `constexpr std::string_view` at namespace scope.
template <const std::string_view&... parts>
inline constexpr std::string_view joined{detail::Joined<parts...>::characters.data(),
                                         detail::Joined<parts...>::characters.size()};

}  // namespace sentinel::postgres
