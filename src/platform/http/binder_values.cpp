/// Reading of single values: kind first, then the member's rule.
#include <cmath>
#include <cstddef>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "platform/http/schema.hpp"
#include "platform/http/text_rule.hpp"
#include "platform/http/value_type.hpp"

namespace sentinel::http::types {

namespace json = core::json;
using platform::Rule;

namespace {

constexpr std::int64_t first_second = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t last_second = 253'402'300'799;   // 9999-12-31T23:59:59Z

/// A text or a number as messages show it.
std::string shown(const json::Value& source) {
    if (source.text() != nullptr) return named(*source.text());
    if (source.number() != nullptr || source.boolean() != nullptr) return json::to_text(source);
    return "the value";
}

void wrong_type(Reader& reader, const json::Value& source, std::string_view due) {
    reader.fault(Rule::type, fmt::format("{} must be {}", shown(source), due));
}

const std::string* text_in(Reader& reader, const json::Value& source, std::string_view due) {
    if (source.text() == nullptr) wrong_type(reader, source, due);
    return source.text();
}

/// False after a fault.
bool is_in_range(Reader& reader, const MemberRule& rule, double number) {
    if (number < rule.minimum()) {
        reader.fault(Rule::minimum, fmt::format("{} must be at least {}", json::to_text(number), json::to_text(rule.minimum())));
        return false;
    }
    if (number > rule.maximum()) {
        reader.fault(Rule::maximum, fmt::format("{} must be at most {}", json::to_text(number), json::to_text(rule.maximum())));
        return false;
    }
    return true;
}

/// False after a fault.
bool has_right_size(Reader& reader, const MemberRule& rule, std::size_t size, std::string_view what) {
    if (size < rule.min_size()) {
        reader.fault(Rule::min_items, fmt::format("there must be at least {} {}", rule.min_size(), what));
        return false;
    }
    if (size > rule.max_size()) {
        reader.fault(Rule::max_items, fmt::format("there may be at most {} {}", rule.max_size(), what));
        return false;
    }
    return true;
}

}  // namespace

void read_text(Reader& reader, const MemberRule& rule, json::Value& source, void* target) {
    const std::string* text = text_in(reader, source, "a text");
    if (text == nullptr) return;
    auto checked = checked_text(reader, rule, *text, false);
    if (checked) *static_cast<std::string*>(target) = *std::move(checked);
}

void read_secret(Reader& reader, const MemberRule& rule, json::Value& source, void* target) {
    if (source.text() == nullptr) return reader.fault(Rule::type, "the value must be a text");
    auto checked = checked_text(reader, rule, *source.text(), true);
    if (checked) *static_cast<platform::Secret*>(target) = platform::Secret(*std::move(checked));
}

void read_boolean(Reader& reader, const MemberRule&, json::Value& source, void* target) {
    if (source.boolean() == nullptr) return wrong_type(reader, source, "true or false");
    *static_cast<bool*>(target) = *source.boolean();
}

void read_uuid(Reader& reader, const MemberRule&, json::Value& source, void* target) {
    const std::string* text = text_in(reader, source, "an id");
    if (text == nullptr) return;
    const auto uuid = core::Uuid::parse(*text);
    if (!uuid) return reader.fault(Rule::format, fmt::format("{} is not a UUID", named(*text)));
    *static_cast<core::Uuid*>(target) = *uuid;
}

void read_instant(Reader& reader, const MemberRule&, json::Value& source, void* target) {
    const std::string* text = text_in(reader, source, "a time");
    if (text == nullptr) return;
    const auto instant = core::Instant::parse(*text);
    if (!instant || instant->seconds < first_second || instant->seconds > last_second) {
        return reader.fault(Rule::format, fmt::format("{} is not a date and time with offset (RFC 3339)", named(*text)));
    }
    // Kept to the microsecond, so that what is sent back is what is stored.
    *static_cast<core::Instant*>(target) = {instant->seconds, instant->nanoseconds / 1000 * 1000};
}

void read_network(Reader& reader, const MemberRule&, json::Value& source, void* target) {
    const std::string* text = text_in(reader, source, "a network");
    if (text == nullptr) return;
    const auto network = core::IpNetwork::parse(*text);
    if (!network) return reader.fault(Rule::format, fmt::format("{} is not a network such as 10.0.0.0/8", named(*text)));
    *static_cast<core::IpNetwork*>(target) = *network;
}

void read_document(Reader& reader, const MemberRule& rule, json::Value& source, void* target) {
    if (source.object() == nullptr) return wrong_type(reader, source, "an object");
    if (check_document(reader, rule.document_limits(), source)) {
        *static_cast<json::Object*>(target) = std::move(*source.object());
    }
}

void read_any(Reader& reader, const MemberRule& rule, json::Value& source, void* target) {
    if (check_document(reader, rule.document_limits(), source)) *static_cast<json::Value*>(target) = std::move(source);
}

void read_number(Reader& reader, const MemberRule& rule, json::Value& source, void* target) {
    if (source.number() == nullptr) return wrong_type(reader, source, "a number");
    if (is_in_range(reader, rule, *source.number())) *static_cast<double*>(target) = *source.number();
}

void read_object(Reader& reader, const ObjectSchema& schema, json::Value& source, void* target) {
    if (source.object() == nullptr) return wrong_type(reader, source, "an object");
    schema.read(reader, *source.object(), target);
}

std::optional<std::int64_t> whole_number(Reader& reader, const MemberRule& rule, const json::Value& source) {
    const double* number = source.number();
    if (number == nullptr || *number != std::trunc(*number)) {
        wrong_type(reader, source, "a whole number");
        return std::nullopt;
    }
    if (!is_in_range(reader, rule, *number)) return std::nullopt;
    return static_cast<std::int64_t>(*number);
}

void refuse_integer(Reader& reader, std::int64_t number) {
    reader.fault(number < 0 ? Rule::minimum : Rule::maximum, fmt::format("{} is out of range", number));
}

std::optional<std::int64_t> enum_value(Reader& reader, const EnumSchema& schema, const json::Value& source) {
    const std::string* text = text_in(reader, source, "a text");
    if (text == nullptr) return std::nullopt;
    if (const auto* word = schema.find(*text)) return word->value;
    std::string allowed;
    for (const auto& word : schema.words) allowed.append(allowed.empty() ? "" : ", ").append(word.text);
    reader.fault(Rule::enumeration, fmt::format("{} must be one of {}", named(*text), allowed));
    return std::nullopt;
}

json::Array* elements(Reader& reader, const MemberRule& rule, json::Value& source) {
    json::Array* array = source.array();
    if (array == nullptr) {
        wrong_type(reader, source, "a list");
        return nullptr;
    }
    return has_right_size(reader, rule, array->size(), "elements") ? array : nullptr;
}

json::Object* entries(Reader& reader, const MemberRule& rule, json::Value& source) {
    json::Object* object = source.object();
    if (object == nullptr) {
        wrong_type(reader, source, "an object");
        return nullptr;
    }
    return has_right_size(reader, rule, object->size(), "members") ? object : nullptr;
}

void read_element(Reader& reader, const ValueType& type, const MemberRule& rule, std::size_t index, json::Value& source,
                  void* target) {
    const Reader::Step step(reader, index);
    if (source.is_null() && !type.is_nullable && type.kind != ValueKind::any) {
        return reader.fault(Rule::type, "an element may not be null");
    }
    type.read(reader, rule, source, target);
}

void require_unique(Reader& reader, const ValueType& type, const MemberRule& rule, const void* first, std::size_t count,
                    std::size_t stride) {
    std::set<std::string> seen;
    for (std::size_t index = 0; index < count; ++index) {
        std::string text;
        type.write(text, rule, static_cast<const std::byte*>(first) + index * stride);
        if (!seen.insert(std::move(text)).second) return reader.fault(Rule::unique, "no element may be there twice");
    }
}

void refuse_second_entry(Reader& reader) { reader.fault(Rule::unique, "no member may be there twice"); }

std::optional<std::string> entry_name(Reader& reader, const MemberRule& rule, std::string_view name) {
    // At the map itself: a name of any length has no place in a pointer.
    return checked_text(reader, rule.key(), name, false);
}

void read_entry(Reader& reader, const ValueType& type, const MemberRule& rule, std::string_view name, json::Value& source,
                void* target) {
    const Reader::Step step(reader, name);
    if (source.is_null() && !type.is_nullable && type.kind != ValueKind::any) {
        return reader.fault(Rule::type, "a member may not be null");
    }
    type.read(reader, rule, source, target);
}

}  // namespace sentinel::http::types
