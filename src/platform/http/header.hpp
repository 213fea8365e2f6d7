#pragma once
/// Header fields of a request and of a response.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sentinel::http {

/// A letter or digit of ASCII.
constexpr bool is_alphanumeric(char letter) noexcept {
    return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
}
/// What may stand in a method or a field name (RFC 9110 section 5.6.2).
bool is_token_character(char letter) noexcept;
/// Visible characters, blank, tab and bytes of 0x80 and above: what may stand in a field's value.
bool is_field_value(std::string_view value) noexcept;
/// Without blanks and tabs at its ends.
std::string_view trimmed(std::string_view text) noexcept;

/// One field as it came, its value without blanks around it.
struct HeaderField {
    std::string_view name;
    std::string_view value;
};

/// The fields of one request in their order; views into the connection's buffer.
class HeaderFields {
public:
    void clear() noexcept { fields_.clear(); }
    void add(std::string_view name, std::string_view value) { fields_.push_back({name, value}); }
    /// The first field of that name, whatever its letters' case. Whether it stands there again says `count`.
    std::optional<std::string_view> find(std::string_view name) const noexcept;
    std::size_t count(std::string_view name) const noexcept;
    std::span<const HeaderField> all() const noexcept { return fields_; }
    std::size_t size() const noexcept { return fields_.size(); }

private:
    std::vector<HeaderField> fields_;
};

/// The fields of one response, kept as the text that goes out: adding one does not allocate once the text has its size.
class ResponseHeaders {
public:
    void clear() noexcept { text_.clear(); }
    /// REQUIRES: `name` is a literal token. A value with a character that no field may hold is not sent at all, so that no
    /// text of a caller can make a second field or a second answer of it.
    void add(std::string_view name, std::string_view value);
    void add(std::string_view name, std::int64_t number);
    /// The first value under that name.
    std::optional<std::string_view> find(std::string_view name) const noexcept;
    bool contains(std::string_view name) const noexcept { return find(name).has_value(); }
    /// `Name: value\r\n` …
    std::string_view text() const noexcept { return text_; }

private:
    std::string text_;
};

}  // namespace sentinel::http
