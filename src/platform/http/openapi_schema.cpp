#include "platform/http/openapi_schema.hpp"

#include <cmath>
#include <stdexcept>
#include <utility>

namespace sentinel::http {

namespace json = core::json;

namespace {

void set_sizes(json::Object& out, const MemberRule& rule, std::string_view lowest, std::string_view highest) {
    if (rule.min_size() > 0) out.set(lowest, static_cast<std::uint64_t>(rule.min_size()));
    if (rule.max_size() != MemberRule::unlimited) out.set(highest, static_cast<std::uint64_t>(rule.max_size()));
}

void set_range(json::Object& out, const MemberRule& rule) {
    if (std::isfinite(rule.minimum())) out.set("minimum", rule.minimum());
    if (std::isfinite(rule.maximum())) out.set("maximum", rule.maximum());
}

json::Array texts(const std::vector<std::string>& words) {
    json::Array out;
    for (const std::string& word : words) out.emplace_back(word);
    return out;
}

json::Array texts(const EnumSchema& schema) {
    json::Array out;
    for (const auto& word : schema.words) out.emplace_back(word.text);
    return out;
}

json::Object text_schema(const MemberRule& rule) {
    json::Object out{{"type", "string"}};
    if (!rule.words().empty()) {
        out.set("enum", texts(rule.words()));
        return out;
    }
    set_sizes(out, rule, "minLength", "maxLength");
    if (rule.pattern() != nullptr) out.set("pattern", rule.pattern()->expression());
    if (!rule.format_name().empty()) out.set("format", rule.format_name());
    return out;
}

/// Adds null to what a schema allows.
json::Object nullable(json::Object schema) {
    if (json::Value* words = schema.find("enum")) words->array()->emplace_back();
    if (const json::Value* type = schema.find("type")) {
        schema.set("type", json::Array{*type, "null"});
        return schema;
    }
    return json::Object{{"anyOf", json::Array{std::move(schema), json::Object{{"type", "null"}}}}};
}

}  // namespace

json::Object SchemaComponents::reference(const ObjectSchema& schema, SchemaUse use) {
    std::string name = schema.name();
    if (use == SchemaUse::input && !name.ends_with("Input")) name += "Input";
    const auto [owner, is_new] = owners_.try_emplace(name, &schema.type());
    if (*owner->second != schema.type()) throw std::logic_error("two described types are called " + name);
    if (is_new) components_.set(name, object_schema(schema, use));
    return json::Object{{"$ref", "#/components/schemas/" + name}};
}

json::Value SchemaComponents::value_schema(const ValueType& type, const MemberRule& rule, SchemaUse use) {
    json::Object out;
    switch (type.kind) {
        case ValueKind::text: out = text_schema(rule); break;
        case ValueKind::secret:
            out = text_schema(rule);
            out.set(use == SchemaUse::input ? "writeOnly" : "readOnly", true);
            break;
        case ValueKind::boolean: out = {{"type", "boolean"}}; break;
        case ValueKind::integer:
            out = {{"type", "integer"}};
            set_range(out, rule);
            break;
        case ValueKind::number:
            out = {{"type", "number"}};
            set_range(out, rule);
            break;
        case ValueKind::uuid: out = {{"type", "string"}, {"format", "uuid"}}; break;
        case ValueKind::instant: out = {{"type", "string"}, {"format", "date-time"}}; break;
        case ValueKind::network: out = {{"type", "string"}, {"description", "An IPv4 or IPv6 network as address/length."}}; break;
        case ValueKind::enumeration: out = {{"type", "string"}, {"enum", texts(type.enumeration())}}; break;
        case ValueKind::document: out = {{"type", "object"}, {"additionalProperties", true}}; break;
        case ValueKind::any: return json::Object();
        case ValueKind::object: out = reference(type.schema(), use); break;
        case ValueKind::list:
            out = {{"type", "array"}, {"items", value_schema(*type.item, rule.item(), use)}};
            set_sizes(out, rule, "minItems", "maxItems");
            if (rule.is_unique()) out.set("uniqueItems", true);
            break;
        case ValueKind::map:
            out = {{"type", "object"}, {"additionalProperties", value_schema(*type.item, rule.item(), use)}};
            set_sizes(out, rule, "minProperties", "maxProperties");
            if (use == SchemaUse::input) out.set("propertyNames", text_schema(rule.key()));
            break;
    }
    return type.is_nullable ? nullable(std::move(out)) : std::move(out);
}

json::Value SchemaComponents::member_schema(const Member& member, SchemaUse use) {
    json::Value schema = value_schema(member.type(), member.rule(), use);
    json::Object& out = *schema.object();
    out.set("description", member.description());
    if (use == SchemaUse::input && !member.default_text().empty()) {
        if (auto text = json::parse(member.default_text())) out.set("default", *std::move(text));
    }
    return schema;
}

json::Object SchemaComponents::object_schema(const ObjectSchema& schema, SchemaUse use) {
    json::Object properties;
    json::Array required;
    for (const Member& member : schema.members()) {
        properties.set(member.name(), member_schema(member, use));
        if (use == SchemaUse::answer || member.is_required()) required.emplace_back(member.name());
    }
    json::Object out{{"type", "object"}, {"description", schema.description()}, {"properties", std::move(properties)}};
    if (!required.empty()) out.set("required", std::move(required));
    if (use == SchemaUse::input && !schema.ignores_unknown()) out.set("additionalProperties", false);
    return out;
}

}  // namespace sentinel::http
