#include "dump.hpp"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "archive.hpp"

namespace sentinel::differential {

using namespace engine;

namespace {

// ---- writing -------------------------------------------------------------------------------------------------------

json::Value write(const std::string& text);
json::Value write(bool value) { return value; }
json::Value write(int value) { return value; }
json::Value write(std::uint64_t value) { return value; }
json::Value write(const json::Object& value) { return value; }
json::Value write(const json::Value& value) { return value; }
json::Value write(const Instant& value) { return value.text(); }
json::Value write(const SubjectId& value) { return write(value.text); }
json::Value write(Effect value) { return value == Effect::allow ? "allow" : "deny"; }
json::Value write(Tier value) { return tier_text(value); }
json::Value write(Truth value) { return truth_text(value); }
json::Value write(Because value) { return because_text(value); }
json::Value write(ReasonCode value) { return reason_code_text(value); }
json::Value write(core::ErrorKind value) { return core::error_text(value); }
template <class Tag>
json::Value write(const core::Id<Tag>& value) {
    return value.text();
}
json::Value write(const FieldMap& value);
template <class Row>
json::Value write(const std::optional<Row>& value);
template <class Row>
json::Value write(const std::vector<Row>& rows);
template <class Row>
    requires std::is_aggregate_v<Row>
json::Value write(const Row& row);

class Writer {
public:
    template <class Member>
    void operator()(std::string_view name, Member& member) {
        if (!is_default(member)) { object.set(name, write(std::as_const(member))); }
    }
    json::Object object;

private:
    /// Absent optionals, empty lists, objects and texts are left out.
    template <class Member>
    static bool is_default(const Member& member) {
        if constexpr (std::is_same_v<Member, FieldMap>) {
            return member == FieldMap{};
        } else if constexpr (requires { member.has_value(); }) {
            return !member.has_value();
        } else if constexpr (requires { member.empty(); }) {
            return member.empty();
        }
        return false;
    }
};

/// Texts that are no UTF-8 cannot stand in JSON.
json::Value write(const std::string& text) {
    if (core::is_utf8(text)) { return text; }
    std::string hexadecimal;
    for (const char byte : text) { hexadecimal += fmt::format("{:02x}", static_cast<unsigned char>(byte)); }
    return json::Object{{"$bytes", hexadecimal}};
}

json::Value write(const FieldMap& value) {
    json::Object tiers;
    for (auto tier : all_tiers) {
        json::Object fields;
        for (const auto& [name, rights] : value[static_cast<std::size_t>(tier)]) { fields.set(name, write(rights)); }
        if (!fields.empty()) { tiers.set(tier_text(tier), std::move(fields)); }
    }
    return tiers;
}

template <class Row>
json::Value write(const std::optional<Row>& value) {
    return value ? write(*value) : json::Value(nullptr);
}

template <class Row>
json::Value write(const std::vector<Row>& rows) {
    json::Array array;
    for (const auto& row : rows) { array.push_back(write(row)); }
    return array;
}

template <class Row>
    requires std::is_aggregate_v<Row>
json::Value write(const Row& row) {
    Writer writer;
    // describe() serves reading too, so it takes the row as mutable; writing leaves it alone.
    describe(writer, const_cast<Row&>(row));
    return std::move(writer.object);
}

// ---- reading -------------------------------------------------------------------------------------------------------

[[noreturn]] void refuse(const json::Value& value, std::string_view wanted) {
    throw std::runtime_error(fmt::format("{} is no {}", json::to_text(value), wanted));
}

const std::string& text_of(const json::Value& value) {
    if (value.text() == nullptr) { refuse(value, "text"); }
    return *value.text();
}

void read(const json::Value& value, std::string& out) {
    if (value.object() == nullptr) {
        out = text_of(value);
        return;
    }
    const auto* bytes = value.object()->find("$bytes");
    if (bytes == nullptr) { refuse(value, "text"); }
    const auto& hexadecimal = text_of(*bytes);
    for (std::size_t index = 0; index + 1 < hexadecimal.size(); index += 2) {
        unsigned byte = 0;
        std::from_chars(hexadecimal.data() + index, hexadecimal.data() + index + 2, byte, 16);
        out += static_cast<char>(byte);
    }
}

void read(const json::Value& value, bool& out) {
    if (value.boolean() == nullptr) { refuse(value, "boolean"); }
    out = *value.boolean();
}

template <class Number>
    requires(std::is_integral_v<Number> && !std::is_same_v<Number, bool>)
void read(const json::Value& value, Number& out) {
    if (value.number() == nullptr) { refuse(value, "number"); }
    out = static_cast<Number>(*value.number());
}

void read(const json::Value& value, json::Object& out) {
    if (value.object() == nullptr) { refuse(value, "object"); }
    out = *value.object();
}

void read(const json::Value& value, Instant& out) {
    const auto instant = Instant::parse(text_of(value));
    if (!instant) { refuse(value, "date-time"); }
    out = *instant;
}

void read(const json::Value& value, SubjectId& out) { read(value, out.text); }

void read(const json::Value& value, Effect& out) { out = text_of(value) == "deny" ? Effect::deny : Effect::allow; }

void read(const json::Value& value, Tier& out) {
    for (auto tier : all_tiers) {
        if (tier_text(tier) == text_of(value)) { out = tier; }
    }
}

template <class Tag>
void read(const json::Value& value, core::Id<Tag>& out) {
    const auto id = core::Id<Tag>::parse(text_of(value));
    if (!id) { refuse(value, "id"); }
    out = *id;
}

void read(const json::Value& value, FieldMap& out);
template <class Row>
void read(const json::Value& value, std::optional<Row>& out);
template <class Row>
void read(const json::Value& value, std::vector<Row>& out);
template <class Row>
    requires std::is_aggregate_v<Row>
void read(const json::Value& value, Row& out);

class Reader {
public:
    explicit Reader(const json::Object& object) : object_(object) {}
    template <class Member>
    void operator()(std::string_view name, Member& member) {
        if (const auto* value = object_.find(name)) { read(*value, member); }
    }

private:
    const json::Object& object_;
};

void read(const json::Value& value, FieldMap& out) {
    json::Object tiers;
    read(value, tiers);
    for (auto tier : all_tiers) {
        if (const auto* fields = tiers.find(tier_text(tier)); fields != nullptr && fields->object() != nullptr) {
            for (const auto& member : *fields->object()) { read(member.value, out[static_cast<std::size_t>(tier)][member.name]); }
        }
    }
}

template <class Row>
void read(const json::Value& value, std::optional<Row>& out) {
    read(value, out.emplace());
}

template <class Row>
void read(const json::Value& value, std::vector<Row>& out) {
    if (value.array() == nullptr) { refuse(value, "list"); }
    for (const auto& item : *value.array()) { read(item, out.emplace_back()); }
}

template <class Row>
    requires std::is_aggregate_v<Row>
void read(const json::Value& value, Row& out) {
    if (value.object() == nullptr) { refuse(value, "object"); }
    Reader reader(*value.object());
    describe(reader, out);
}

// ---- layout --------------------------------------------------------------------------------------------------------

constexpr std::size_t line_width = 110;

void append_pretty(std::string& out, const json::Value& value, std::size_t indent) {
    const auto flat = json::to_text(value);
    if (flat.size() + indent <= line_width || (value.array() == nullptr && value.object() == nullptr)) {
        out += flat;
        return;
    }
    const std::string margin(indent + 2, ' ');
    const bool is_list = value.array() != nullptr;
    out += is_list ? "[" : "{";
    std::string_view separator = "\n";
    const auto item = [&](const json::Value& child) {
        append_pretty(out, child, indent + 2);
        separator = ",\n";
    };
    if (is_list) {
        for (const auto& child : *value.array()) {
            out.append(separator).append(margin);
            item(child);
        }
    } else {
        for (const auto& member : *value.object()) {
            out.append(separator).append(margin);
            json::append_text(out, member.name);
            out += ": ";
            item(member.value);
        }
    }
    out.append("\n").append(indent, ' ').append(is_list ? "]" : "}");
}

}  // namespace

json::Value to_json(const Case& value) { return write(value); }

json::Value to_json(const ExplainedAnswer& answer) { return write(answer); }

json::Value to_json(const Answer& answer) { return write(answer); }

json::Value to_json(const QuestionError& error) { return write(error); }

json::Value to_json(const Permission& permission) { return write(permission); }

Case case_from_json(const json::Value& value) {
    Case result;
    read(value, result);
    return result;
}

std::expected<Case, std::string> read_case(std::string_view text) {
    const auto value = json::parse(text, {.depth = 64, .safe_integers = true});
    if (!value) { return std::unexpected(fmt::format("line {}: {}", value.error().line, value.error().message)); }
    try {
        return case_from_json(*value);
    } catch (const std::runtime_error& error) { return std::unexpected(std::string(error.what())); }
}

std::string pretty(const json::Value& value) {
    std::string out;
    append_pretty(out, value, 0);
    out += '\n';
    return out;
}

}  // namespace sentinel::differential
