#pragma once
/// The values of a statement's parameters. All but bytea go as text, so that the server's inferred types apply.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "platform/postgres/types.hpp"

namespace sentinel::postgres {

namespace detail {

// Text forms as PostgreSQL reads them. Each throws InvalidParameter for what PostgreSQL cannot hold.
void append_text(std::string& out, bool value);
void append_text(std::string& out, std::int64_t value);
void append_text(std::string& out, double value);
void append_text(std::string& out, std::string_view value);
void append_text(std::string& out, BytesView value);
void append_text(std::string& out, const core::Uuid& value);
void append_text(std::string& out, core::Instant value);
void append_text(std::string& out, const core::json::Value& value);
void append_text(std::string& out, const core::json::Object& value);
/// `"…"` with escapes, as an element of an array literal.
void append_element(std::string& out, std::string_view text);

template <class T>
concept ByteSequence = std::is_same_v<std::remove_cvref_t<T>, Bytes> || std::is_same_v<std::remove_cvref_t<T>, BytesView> ||
                       std::is_same_v<std::remove_cvref_t<T>, std::span<std::byte>>;
template <class T>
inline constexpr bool is_byte_array = false;
template <std::size_t size>
inline constexpr bool is_byte_array<std::array<std::byte, size>> = true;
template <std::size_t size>
inline constexpr bool is_byte_array<std::array<std::uint8_t, size>> = true;
template <class T>
inline constexpr bool is_list = is_array<T>;
template <class T>
inline constexpr bool is_list<std::span<T>> = !std::is_same_v<std::remove_const_t<T>, std::byte>;

template <class T>
void append_value(std::string& out, const T& value) {
    if constexpr (is_id<T>) {
        append_text(out, value.value);
    } else if constexpr (std::is_same_v<T, bool>) {
        append_text(out, value);
    } else if constexpr (std::is_integral_v<T>) {
        static_assert(!std::is_same_v<T, char>, "a char is neither a number nor a text: say which");
        static_assert(std::is_signed_v<T> || sizeof(T) < sizeof(std::int64_t),
                      "PostgreSQL has no unsigned bigint: convert with a check");
        append_text(out, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        append_text(out, std::string_view(value));
    } else {
        append_text(out, value);
    }
}

template <class List>
void append_array(std::string& out, const List& list) {
    out += '{';
    std::string element;
    bool first = true;
    for (const auto& item : list) {
        if (!first) out += ',';
        first = false;
        using Item = std::remove_cvref_t<decltype(item)>;
        element.clear();
        if constexpr (is_optional<Item>) {
            if (!item) {
                out += "NULL";
                continue;
            }
            append_value(element, *item);
        } else if constexpr (std::is_same_v<List, std::vector<bool>>) {
            append_text(element, static_cast<bool>(item));
        } else {
            append_value(element, item);
        }
        append_element(out, element);
    }
    out += '}';
}

}  // namespace detail

/// Values in the order of $1, $2 …: bool, integers, double, text, core::Uuid, core::Id, core::Instant (cut to microseconds),
/// json::Value (JSON null is 'null', not NULL), json::Object, bytes (Bytes, BytesView, arrays of bytes; see as_bytes), vectors
/// and spans of these (SQL arrays, elements may be optional), std::optional and std::nullopt (NULL).
class Parameters {
public:
    Parameters() = default;
    template <class... Values>
    explicit Parameters(std::in_place_t, const Values&... values) {
        (add(values), ...);
    }

    template <class T>
    void add(const T& value) {
        if constexpr (std::is_same_v<T, std::nullopt_t>) {
            add_null();
        } else if constexpr (is_optional<T>) {
            if (value) {
                add(*value);
            } else {
                add_null();
            }
        } else if constexpr (detail::ByteSequence<T>) {
            add_bytes(value);
        } else if constexpr (detail::is_byte_array<T>) {
            add_bytes(std::as_bytes(std::span(value)));
        } else if constexpr (detail::is_list<T>) {
            const std::size_t start = begin_text();
            detail::append_array(storage_, value);
            end_text(start);
        } else {
            const std::size_t start = begin_text();
            detail::append_value(storage_, value);
            end_text(start);
        }
    }

    void clear() noexcept;
    std::size_t size() const noexcept { return values_.size(); }

    /// What libpq's calls take; valid until the next change.
    struct Arguments {
        std::vector<const char*> values;
        std::vector<int> lengths;
        std::vector<int> formats;
    };
    const Arguments& arguments();

private:
    struct Value {
        std::size_t offset = 0;
        std::size_t length = 0;
        bool null = false;
        bool binary = false;
    };
    void add_null() { values_.push_back({.null = true}); }
    void add_bytes(BytesView bytes);
    std::size_t begin_text() const noexcept { return storage_.size(); }
    void end_text(std::size_t start);

    std::string storage_;
    std::vector<Value> values_;
    Arguments arguments_;
};

}  // namespace sentinel::postgres
