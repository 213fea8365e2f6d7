/// Section 5: what is 400 when written, naming the key.

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "core/ip.hpp"
#include "engine/reference/parts.hpp"

namespace sentinel::engine::reference {

namespace {

using json::Kind;
using json::Value;

constexpr std::size_t max_depth = 16;
constexpr std::size_t max_leaves = 256;
constexpr std::size_t max_bytes = 64 * 1024;

constexpr std::array roots{"resource", "attributes", "user", "subject", "user_attributes", "context", "env"};
constexpr std::array environment{"time", "time_of_day", "weekday", "date"};

/// Segments are not empty, a root alone is no path, `env.` has these four.
bool is_path(std::string_view path) {
    if (path.starts_with('$')) return false;
    const auto segments = split(path, '.');
    if (std::ranges::any_of(segments, &std::string::empty)) return false;
    if (segments.size() == 1) return std::ranges::find(roots, path) == roots.end();
    if (segments.front() != "env") return true;
    return segments.size() == 2 && std::ranges::find(environment, segments[1]) != environment.end();
}

/// No member name inside, at any depth, begins with `$`.
bool is_plain(const Value& value) {
    if (const json::Array* array = value.array()) return std::ranges::all_of(*array, is_plain);
    if (const json::Object* object = value.object()) {
        return std::ranges::all_of(*object,
                                   [](const auto& member) { return !member.name.starts_with('$') && is_plain(member.value); });
    }
    return true;
}

bool is_reference(const Value& value) {
    const std::string* path = reference_path(value);
    return path != nullptr && is_path(*path);
}

/// A literal or a `$ref`, as an operand or list element.
bool is_operand(const Value& value) { return is_reference(value) || is_plain(value); }

bool is_operand_list(const Value& value) {
    if (is_reference(value)) return true;
    return value.array() != nullptr && !value.array()->empty() && std::ranges::all_of(*value.array(), is_operand);
}

bool is_bound(const Value& value) { return value.number() != nullptr || value.text() != nullptr || is_reference(value); }

/// Two ends of one type, where both are written.
bool is_pair(const Value& value) {
    if (is_reference(value)) return true;
    if (value.array() == nullptr || value.array()->size() != 2 || !std::ranges::all_of(*value.array(), is_bound)) return false;
    const Value& low = value.array()->front();
    const Value& high = value.array()->back();
    return is_reference(low) || is_reference(high) || low.kind() == high.kind();
}

/// The size of an RE2 program, or -1 when it is none.
int expression_size(const Value& value) {
    if (value.text() == nullptr) return -1;
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    const RE2 expression(*value.text(), options);
    return expression.ok() ? expression.ProgramSize() : -1;
}

bool is_expression(const Value& value) { return expression_size(value) >= 0; }

bool is_network(const Value& value) { return value.text() != nullptr && core::IpNetwork::parse(*value.text()); }

bool is_networks(const Value& value) {
    if (const json::Array* array = value.array()) return !array->empty() && std::ranges::all_of(*array, is_network);
    return is_network(value);
}

bool is_zone(const Value* value) { return value == nullptr || (value->text() != nullptr && core::Zone::find(*value->text())); }

bool has_only(const json::Object& object, std::initializer_list<std::string_view> names) {
    return std::ranges::all_of(object, [&](const auto& member) { return std::ranges::find(names, member.name) != names.end(); });
}

std::optional<int> time_member(const json::Object& object, std::string_view name) {
    const Value* value = object.find(name);
    return value != nullptr && value->text() != nullptr ? core::parse_time_of_day(*value->text()) : std::nullopt;
}

bool is_window(const Value& value) {
    const json::Object* window = value.object();
    if (window == nullptr || !has_only(*window, {"from", "to", "tz"}) || !is_zone(window->find("tz"))) return false;
    const auto from = time_member(*window, "from");
    const auto to = time_member(*window, "to");
    return from && to && *from != *to;
}

bool is_days(const Value& value) {
    const json::Object* operand = value.object();
    if (operand == nullptr || !has_only(*operand, {"days", "tz"}) || !is_zone(operand->find("tz"))) return false;
    const Value* days = operand->find("days");
    return days != nullptr && days->array() != nullptr && !days->array()->empty() &&
           std::ranges::all_of(*days->array(),
                               [](const Value& day) { return day.text() != nullptr && core::parse_weekday(*day.text()); });
}

struct OperatorShape {
    std::string_view name;
    bool (*fits)(const Value& operand);
};

bool is_boolean(const Value& value) { return value.boolean() != nullptr; }
bool is_affix(const Value& value) { return value.text() != nullptr || is_reference(value); }

constexpr std::array shapes{
    OperatorShape{"$eq", is_operand},
    OperatorShape{"$ne", is_operand},
    OperatorShape{"$contains", is_operand},
    OperatorShape{"$in", is_operand_list},
    OperatorShape{"$nin", is_operand_list},
    OperatorShape{"$containsAny", is_operand_list},
    OperatorShape{"$containsAll", is_operand_list},
    OperatorShape{"$gt", is_bound},
    OperatorShape{"$gte", is_bound},
    OperatorShape{"$lt", is_bound},
    OperatorShape{"$lte", is_bound},
    OperatorShape{"$between", is_pair},
    OperatorShape{"$exists", is_boolean},
    OperatorShape{"$startsWith", is_affix},
    OperatorShape{"$endsWith", is_affix},
    OperatorShape{"$regex", is_expression},
    OperatorShape{"$cidr", is_networks},
    OperatorShape{"$timeOfDay", is_window},
    OperatorShape{"$weekday", is_days},
};

/// Walks one conditions object, counts its leaves and collects every fault.
class Walk {
public:
    explicit Walk(core::Faults& faults) : faults_(&faults) {}

    void conditions(const json::Object& object, const std::string& pointer, std::size_t depth) {
        if (too_deep(pointer, depth)) return;
        for (const auto& [key, value] : object) member(key, value, core::pointer_to(pointer, key), depth);
    }

    std::size_t leaves() const { return leaves_; }

    void fault(std::string pointer, std::string_view code, std::string_view message) {
        faults_->push_back({std::move(pointer), std::string(code), std::string(message)});
    }

private:
    bool too_deep(const std::string& pointer, std::size_t depth) {
        if (depth <= max_depth) return false;
        fault(pointer, "limit", "Conditions are at most 16 deep.");
        return true;
    }

    void member(const std::string& key, const Value& value, const std::string& pointer, std::size_t depth) {
        if (key == "$and" || key == "$or") {
            list(value, pointer, depth + 1);
        } else if (key == "$not") {
            nested(value, pointer, depth + 1);
        } else if (const LegacyAlias* alias = find_alias(key)) {
            operand(alias->operator_name, value, pointer);
        } else if (key.starts_with('$')) {
            fault(pointer, "unknown_operator", "There is no such combinator.");
        } else if (!is_path(key)) {
            fault(pointer, "format", "This is no attribute path.");
        } else {
            path(value, pointer, depth);
        }
    }

    void list(const Value& value, const std::string& pointer, std::size_t depth) {
        if (value.array() == nullptr || value.array()->empty()) {
            fault(pointer, "type", "A list of conditions is needed.");
            return;
        }
        for (std::size_t index = 0; index < value.array()->size(); ++index) {
            nested((*value.array())[index], core::pointer_to(pointer, index), depth);
        }
    }

    void nested(const Value& value, const std::string& pointer, std::size_t depth) {
        if (value.object() == nullptr) {
            fault(pointer, "type", "A condition is an object.");
        } else {
            conditions(*value.object(), pointer, depth);
        }
    }

    void path(const Value& value, const std::string& pointer, std::size_t depth) {
        if (value.array() != nullptr) {
            operand("$in", value, pointer);
        } else if (value.object() != nullptr && reference_path(value) == nullptr) {
            operators(*value.object(), pointer, depth);
        } else {
            operand("$eq", value, pointer);
        }
    }

    void operators(const json::Object& object, const std::string& pointer, std::size_t depth) {
        if (too_deep(pointer, depth)) return;
        if (object.empty()) fault(pointer, "format", "An object without operators says nothing.");
        for (const auto& [name, value] : object) {
            const std::string below = core::pointer_to(pointer, name);
            if (name != "$not") {
                operand(name, value, below);
            } else if (value.object() == nullptr) {
                fault(below, "type", "`$not` stands over operators.");
            } else {
                operators(*value.object(), below, depth + 1);
            }
        }
    }

    void operand(std::string_view name, const Value& value, const std::string& pointer) {
        ++leaves_;
        const auto* shape = std::ranges::find(shapes, name, &OperatorShape::name);
        if (shape == shapes.end()) {
            fault(pointer, "unknown_operator", "There is no such operator.");
        } else if (expressions_ > most_instructions && name == "$regex") {
            return;  // too much already: one fault says so
        } else if (!shape->fits(value)) {
            fault(pointer, "type", "The operand is not of the operator's shape.");
        } else if (name == "$regex") {
            expressions_ += expression_size(value);
            if (expressions_ > most_instructions)
                fault(pointer, "limit", "All expressions together have over 4096 instructions.");
        }
    }

    core::Faults* faults_;
    static constexpr int most_instructions = 4096;
    int expressions_ = 0;
    std::size_t leaves_ = 0;
};

}  // namespace

void validate_conditions(const json::Object& conditions, core::Faults& faults) {
    Walk walk(faults);
    if (json::to_text(conditions).size() > max_bytes) walk.fault("", "limit", "Conditions are at most 64 KiB.");
    walk.conditions(conditions, "", 1);
    if (walk.leaves() > max_leaves) walk.fault("", "limit", "Conditions have at most 256 leaves.");
}

}  // namespace sentinel::engine::reference
