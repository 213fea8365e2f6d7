#pragma once
/// Types that rows and parameters speak of beside those of core.

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/ids.hpp"

namespace sentinel::postgres {

/// A `bytea`.
using Bytes = std::vector<std::byte>;
using BytesView = std::span<const std::byte>;

/// The bytes of a text, for a `bytea` parameter.
inline BytesView as_bytes(std::string_view text) noexcept { return std::as_bytes(std::span(text)); }
inline Bytes to_bytes(std::string_view text) {
    const BytesView view = as_bytes(text);
    return {view.begin(), view.end()};
}

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_id = false;
template <class Tag>
inline constexpr bool is_id<core::Id<Tag>> = true;

/// A list that is an SQL array; Bytes is not one.
template <class T>
inline constexpr bool is_array = false;
template <class T>
inline constexpr bool is_array<std::vector<T>> = !std::is_same_v<T, std::byte>;

}  // namespace sentinel::postgres
