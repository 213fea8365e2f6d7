#pragma once
/// Appends JSON members and elements to a text, minding the commas.

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "core/ids.hpp"
#include "core/json.hpp"

namespace sentinel::app {

/// `"` and the lower case form of the id and `"`, without an allocation.
void append_uuid(std::string& out, const core::Uuid& uuid);

/// Escapes, in the JSON that `out` has from `from` on, what canonical JSON leaves as it is but could steer a terminal or deceive
/// a reader (`visible` in console.hpp says what that is). Bytes that are no UTF-8, as in names of files, become U+FFFD.
void escape_invisible(std::string& out, std::size_t from);

inline void append_json(std::string& out, bool value) { out += value ? "true" : "false"; }
inline void append_json(std::string& out, std::string_view value) {
    const std::size_t from = out.size();
    core::json::append_text(out, value);
    escape_invisible(out, from);
}
inline void append_json(std::string& out, const std::string& value) { append_json(out, std::string_view(value)); }
inline void append_json(std::string& out, const char* value) { append_json(out, std::string_view(value)); }
inline void append_json(std::string& out, const core::json::Value& value) {
    const std::size_t from = out.size();
    core::json::append(out, value);
    escape_invisible(out, from);
}
inline void append_json(std::string& out, const core::json::Object& value) {
    const std::size_t from = out.size();
    core::json::append(out, value);
    escape_invisible(out, from);
}
inline void append_json(std::string& out, std::nullptr_t) { out += "null"; }
inline void append_json(std::string& out, double value) { core::json::append_number(out, value); }
template <std::integral Number>
    requires(!std::same_as<Number, bool>)
void append_json(std::string& out, Number value) {
    fmt::format_to(std::back_inserter(out), "{}", value);
}
template <class Tag>
void append_json(std::string& out, const core::Id<Tag>& id) {
    append_uuid(out, id.value);
}
template <class T>
void append_json(std::string& out, const std::optional<T>& value) {
    if (value) {
        append_json(out, *value);
    } else {
        out += "null";
    }
}

/// One object or array under construction: opens at once, closes with close(). Values may be written by hand after key() or next().
class JsonWriter {
public:
    static JsonWriter object(std::string& out) { return {out, '{', '}'}; }
    static JsonWriter array(std::string& out) { return {out, '[', ']'}; }

    /// The name of the next member; REQUIRES: plain ASCII without quotes.
    std::string& key(std::string_view name) {
        next();
        *out_ += '"';
        *out_ += name;
        *out_ += "\":";
        return *out_;
    }
    std::string& next() {
        if (!first_) *out_ += ',';
        first_ = false;
        return *out_;
    }
    template <class T>
    JsonWriter& member(std::string_view name, const T& value) {
        append_json(key(name), value);
        return *this;
    }
    template <class T>
    JsonWriter& element(const T& value) {
        append_json(next(), value);
        return *this;
    }
    void close() { *out_ += close_; }

private:
    JsonWriter(std::string& out, char open, char close) : out_(&out), close_(close) { out += open; }

    std::string* out_;
    char close_;
    bool first_ = true;
};

}  // namespace sentinel::app
