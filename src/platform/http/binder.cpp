#include "platform/http/binder.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/digits.hpp"
#include "core/text.hpp"

namespace sentinel::http {

namespace json = core::json;
using platform::ErrorCode;
using platform::InputPlace;
using platform::Rule;

namespace {

/// A reason may quote a member's name, which can have any length.
constexpr std::size_t longest_reason = 200;
constexpr std::size_t longest_parameter_name = 64;

/// `%XX` and `+` decoded; nullopt when an escape is broken or the bytes are not UTF-8.
std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (text[index] == '+') {
            out += ' ';
        } else if (text[index] != '%') {
            out += text[index];
        } else {
            if (text.size() - index < 3) return std::nullopt;
            const int high = core::hex_value(text[index + 1]);
            const int low = core::hex_value(text[index + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high << 4 | low);
            index += 2;
        }
    }
    if (!core::is_utf8(out)) return std::nullopt;
    return out;
}

/// The JSON value that a parameter's text stands for; what does not fit its kind stays text, and its reader says so.
json::Value value_of(ValueKind kind, std::string text) {
    if (kind == ValueKind::boolean && (text == "true" || text == "false")) return {text == "true"};
    if (kind == ValueKind::integer || kind == ValueKind::number) {
        // In a body 1e3 is the number 1000; as a page it is a slip.
        const std::string_view legal = kind == ValueKind::integer ? "-0123456789" : "-+.eE0123456789";
        if (!text.empty() && core::is_digit(text.back()) && text.find_first_not_of(legal) == std::string::npos) {
            if (auto number = json::parse(text)) return *std::move(number);
        }
    }
    return {std::move(text)};
}

void append_elements(json::Array& out, ValueKind kind, std::string_view text) {
    for (;;) {
        const auto comma = text.find(',');
        out.push_back(value_of(kind, std::string(text.substr(0, comma))));
        if (comma == std::string_view::npos) return;
        text.remove_prefix(comma + 1);
    }
}

/// Gathers parameters by name.
class ParameterReading {
public:
    ParameterReading(const ObjectSchema& schema, Reader& reader) noexcept : schema_(&schema), reader_(&reader) {}

    void add(std::string_view pair) {
        const auto equals = pair.find('=');
        auto name = decoded(pair.substr(0, equals));
        auto text = equals == std::string_view::npos ? std::optional(std::string()) : decoded(pair.substr(equals + 1));
        if (!name || name->size() >= longest_parameter_name) {
            return reader_->fault(Rule::unknown, "a parameter's name is not known here");
        }
        const Reader::Step step(*reader_, *name);
        if (!text) return reader_->fault(Rule::format, "the value is not percent-encoded UTF-8");
        const Member* member = schema_->find(*name);
        if (member == nullptr) return refuse_unknown(*name);
        if (member->type().kind == ValueKind::list) return add_elements(*member, *text);
        if (found_.contains(*name)) return reader_->fault(Rule::max_items, *name + " may be given only once");
        found_.set(*name, value_of(member->type().kind, *std::move(text)));
    }

    json::Object& found() noexcept { return found_; }

private:
    void refuse_unknown(const std::string& name) {
        if (!schema_->ignores_unknown()) reader_->fault(Rule::unknown, name + " is not known here");
    }

    void add_elements(const Member& member, std::string_view text) {
        if (!found_.contains(member.name())) found_.set(member.name(), json::Array());
        append_elements(*found_.find(member.name())->array(), member.type().item->kind, text);
    }

    const ObjectSchema* schema_;
    Reader* reader_;
    json::Object found_;
};

template <class Visit>
void each_pair(std::string_view text, Visit visit) {
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        if (!pair.empty()) visit(pair);
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
    }
}

}  // namespace

json::Value parse_body(std::string_view text) {
    auto value = json::parse(text);
    if (value) return *std::move(value);
    std::string reason = std::move(value.error().message);
    if (reason.size() > longest_reason) reason = "an error that quotes a long name";
    throw platform::ServiceError(
        ErrorCode::malformed_request, "The body is not JSON.",
        json::Object{{"offset", static_cast<std::uint64_t>(value.error().offset)}, {"reason", std::move(reason)}});
}

void read_body(const ObjectSchema& schema, json::Value& source, void* object, bool needs_member,
               std::vector<platform::InputFault>& faults) {
    Reader reader(InputPlace::body, faults);
    if (source.object() == nullptr) return reader.fault(Rule::type, "the body must be an object");
    if (needs_member && source.object()->empty()) return reader.fault(Rule::required, "at least one member is needed");
    schema.read(reader, *source.object(), object);
}

void read_parameters(const ObjectSchema& schema, std::string_view text, InputPlace place, void* object,
                     std::vector<platform::InputFault>& faults) {
    Reader reader(place, faults);
    ParameterReading reading(schema, reader);
    each_pair(text, [&](std::string_view pair) { reading.add(pair); });
    schema.read(reader, reading.found(), object);
}

void refuse_parameters(std::string_view text, std::vector<platform::InputFault>& faults) {
    static const ObjectSchema empty("None", "", typeid(void));
    read_parameters(empty, text, InputPlace::query, nullptr, faults);
}

void read_path_parameter(const ValueType& type, const MemberRule& rule, std::string_view name, std::string_view text,
                         void* target, std::vector<platform::InputFault>& faults) {
    Reader reader(InputPlace::path, faults);
    const Reader::Step step(reader, name);
    json::Value value = value_of(type.kind, std::string(text));
    type.read(reader, rule, value, target);
}

}  // namespace sentinel::http
