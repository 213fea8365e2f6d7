/// Section 5: how a conditions object is read, what its paths resolve to, and its three-valued truth.

#include <algorithm>
#include <array>
#include <span>

#include "engine/reference/parts.hpp"

namespace sentinel::engine::reference {

namespace {

using Kind = ConditionNode::Kind;

ConditionNode leaf(std::string_view path, std::string_view operator_name, const json::Value& operand) {
    return {Kind::leaf, {}, std::string(path), std::string(operator_name), &operand};
}

/// An object of operators of one path, all of which must hold; `$not` may stand over operators.
ConditionNode read_operators(std::string_view path, const json::Object& operators) {
    ConditionNode all;
    for (const auto& [name, operand] : operators) {
        if (name == "$not") {
            ConditionNode negation{.kind = Kind::negation};
            negation.children.push_back(read_operators(path, *operand.object()));
            all.children.push_back(std::move(negation));
        } else {
            all.children.push_back(leaf(path, name, operand));
        }
    }
    return all;
}

/// A path's value is a literal ($eq), an array ($in), or an object of operators.
ConditionNode read_path(std::string_view path, const json::Value& value) {
    if (value.array() != nullptr) return leaf(path, "$in", value);
    if (value.object() != nullptr && reference_path(value) == nullptr) return read_operators(path, *value.object());
    return leaf(path, "$eq", value);
}

ConditionNode read_list(Kind kind, const json::Array& conditions) {
    ConditionNode list{.kind = kind};
    for (const json::Value& condition : conditions) list.children.push_back(read_conditions(*condition.object()));
    return list;
}

ConditionNode read_member(std::string_view key, const json::Value& value) {
    if (key == "$and") return read_list(Kind::all, *value.array());
    if (key == "$or") return read_list(Kind::any, *value.array());
    if (key == "$not") {
        ConditionNode negation{.kind = Kind::negation};
        negation.children.push_back(read_conditions(*value.object()));
        return negation;
    }
    if (const LegacyAlias* alias = find_alias(key)) return leaf(alias->path, alias->operator_name, value);
    return read_path(key, value);
}

// ---- paths ---------------------------------------------------------------------------------------------------------

using Segments = std::span<const std::string>;

std::optional<json::Value> text_value(const std::optional<std::string>& text) {
    if (text) return json::Value(*text);
    return std::nullopt;
}

/// Paths walk object members only.
std::optional<json::Value> walk(const json::Object& object, Segments segments) {
    const json::Value* value = object.find(segments.front());
    for (const std::string& segment : segments.subspan(1)) {
        if (value == nullptr || value->object() == nullptr) return std::nullopt;
        value = value->object()->find(segment);
    }
    if (value == nullptr) return std::nullopt;
    return *value;
}

/// Built-ins win, also when missing; below a built-in nothing is found.
std::optional<json::Value> below_built_in(std::optional<json::Value> built_in, Segments segments) {
    if (segments.size() > 1) return std::nullopt;
    return built_in;
}

std::optional<json::Value> resource_value(Segments segments, const Facts& facts) {
    const std::string& name = segments.front();
    if (name == "id") return below_built_in(text_value(facts.resource_id), segments);
    if (name == "type") return below_built_in(json::Value(facts.resource_type), segments);
    if (name == "path") return below_built_in(text_value(facts.resource_path), segments);
    if (name == "workflow_state") return below_built_in(text_value(facts.workflow_state), segments);
    return walk(facts.attributes, segments);
}

std::optional<json::Value> subject_value(Segments segments, const Facts& facts) {
    const std::string& name = segments.front();
    if (name == "id") return below_built_in(json::Value(facts.subject_id), segments);
    if (name == "email_domain") return below_built_in(text_value(facts.email_domain), segments);
    if (name == "roles") return below_built_in(facts.roles, segments);
    if (name == "groups") return below_built_in(facts.groups, segments);
    if (name == "is_service_account") return below_built_in(json::Value(facts.is_service_account), segments);
    return walk(facts.subject_attributes, segments);
}

std::optional<json::Value> environment_value(Segments segments, const Facts& facts) {
    const core::CivilTime civil = core::Zone::utc().civil(facts.now);
    const std::string& name = segments.front();
    if (segments.size() > 1) return std::nullopt;
    if (name == "time") return json::Value(facts.now.text());
    if (name == "time_of_day") return json::Value(civil.time_of_day_text());
    if (name == "weekday") return json::Value(core::weekday_text(civil.weekday));
    if (name == "date") return json::Value(civil.date_text());
    return std::nullopt;
}

/// A bare path falls back to `context.` only where the whole of it is missing: not where a first part of it is there.
std::optional<json::Value> bare_value(Segments segments, const Facts& facts) {
    if (facts.attributes.contains(segments.front())) return walk(facts.attributes, segments);
    return walk(facts.context, segments);
}

Truth evaluate_leaf(const ConditionNode& node, const Facts& facts, std::vector<LeafTrace>& leaves) {
    LeafTrace trace{
        .path = node.path, .operator_name = node.operator_name, .expected = *node.operand, .actual = value_at(node.path, facts)};
    trace.truth = operator_truth(node.operator_name, *node.operand, trace.actual, facts);
    leaves.push_back(trace);
    return trace.truth;
}

}  // namespace

const LegacyAlias* find_alias(std::string_view key) {
    static constexpr std::array aliases{LegacyAlias{"time_range", "env.time", "$timeOfDay"},
                                        LegacyAlias{"ip_range", "context.ip_address", "$cidr"},
                                        LegacyAlias{"days_of_week", "env.time", "$weekday"}};
    const auto* alias = std::ranges::find(aliases, key, &LegacyAlias::key);
    return alias == aliases.end() ? nullptr : alias;
}

const std::string* reference_path(const json::Value& operand) {
    const json::Object* object = operand.object();
    if (object == nullptr || object->size() != 1) return nullptr;
    const json::Value* path = object->find("$ref");
    return path == nullptr ? nullptr : path->text();
}

ConditionNode read_conditions(const json::Object& conditions) {
    ConditionNode all;
    for (const auto& [key, value] : conditions) all.children.push_back(read_member(key, value));
    return all;
}

std::optional<json::Value> value_at(std::string_view path, const Facts& facts) {
    const std::vector<std::string> whole = split(path, '.');
    const Segments segments(whole);
    const std::string& root = segments.front();
    if (segments.size() == 1) return bare_value(segments, facts);
    const Segments below = segments.subspan(1);
    if (root == "resource") return resource_value(below, facts);
    if (root == "attributes") return walk(facts.attributes, below);
    if (root == "user" || root == "subject") return subject_value(below, facts);
    if (root == "user_attributes") return walk(facts.subject_attributes, below);
    if (root == "context") return walk(facts.context, below);
    if (root == "env") return environment_value(below, facts);
    return bare_value(segments, facts);
}

/// Kleene's and, or, not. No branch is short-circuited, so that every leaf is traced.
Truth evaluate(const ConditionNode& node, const Facts& facts, std::vector<LeafTrace>& leaves) {
    if (node.kind == Kind::leaf) return evaluate_leaf(node, facts, leaves);
    if (node.kind == Kind::negation) return negated(evaluate(node.children.front(), facts, leaves));
    Truth truth = node.kind == Kind::all ? Truth::yes : Truth::no;
    for (const ConditionNode& child : node.children) {
        const Truth of_child = evaluate(child, facts, leaves);
        truth = node.kind == Kind::all ? std::min(truth, of_child) : std::max(truth, of_child);
    }
    return truth;
}

}  // namespace sentinel::engine::reference
