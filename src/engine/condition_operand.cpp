#include "engine/condition_operand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/condition.hpp"
#include "engine/condition_path.hpp"

namespace sentinel::engine::conditions {

/// One line for each operator.
struct OperatorRule {
    std::string_view name;
    Operator operation;
    void (OperandCompiler::*compile)(Leaf&, const json::Value&, const std::string&);

    static const OperatorRule* find(std::string_view name);
};

const OperatorRule* OperatorRule::find(std::string_view name) {
    static constexpr std::array rules{
        OperatorRule{"$eq", Operator::equal, &OperandCompiler::equality},
        OperatorRule{"$ne", Operator::not_equal, &OperandCompiler::equality},
        OperatorRule{"$in", Operator::in, &OperandCompiler::list},
        OperatorRule{"$nin", Operator::not_in, &OperandCompiler::list},
        OperatorRule{"$gt", Operator::greater, &OperandCompiler::range},
        OperatorRule{"$gte", Operator::greater_or_equal, &OperandCompiler::range},
        OperatorRule{"$lt", Operator::less, &OperandCompiler::range},
        OperatorRule{"$lte", Operator::less_or_equal, &OperandCompiler::range},
        OperatorRule{"$between", Operator::between, &OperandCompiler::between},
        OperatorRule{"$exists", Operator::exists, &OperandCompiler::flag},
        OperatorRule{"$contains", Operator::contains, &OperandCompiler::equality},
        OperatorRule{"$containsAny", Operator::contains_any, &OperandCompiler::list},
        OperatorRule{"$containsAll", Operator::contains_all, &OperandCompiler::list},
        OperatorRule{"$startsWith", Operator::starts_with, &OperandCompiler::text},
        OperatorRule{"$endsWith", Operator::ends_with, &OperandCompiler::text},
        OperatorRule{"$regex", Operator::regex, &OperandCompiler::expression},
        OperatorRule{"$cidr", Operator::cidr, &OperandCompiler::networks},
        OperatorRule{"$timeOfDay", Operator::time_of_day, &OperandCompiler::window},
        OperatorRule{"$weekday", Operator::weekday, &OperandCompiler::weekdays},
    };
    const auto rule = std::ranges::find(rules, name, &OperatorRule::name);
    return rule == rules.end() ? nullptr : &*rule;
}

namespace {

using core::pointer_to;

constexpr std::string_view reference_member = "$ref";

/// Bounds the memory that one expression's program and its automaton may take; what does not fit is refused when written.
constexpr std::int64_t max_expression_bytes = 1 << 20;

/// Adds a row to one of the program's tables and notes its place in the leaf.
template <class Row>
void add(Leaf& leaf, std::vector<Row>& table, Row row) {
    leaf.detail = static_cast<std::uint32_t>(table.size());
    table.push_back(std::move(row));
}

/// A member whose name begins with `$`, at any depth, or null pointer.
const std::string* operator_inside(const json::Value& value) {
    std::vector<const json::Value*> remaining{&value};
    while (!remaining.empty()) {
        const json::Value& current = *remaining.back();
        remaining.pop_back();
        if (const json::Array* array = current.array()) {
            for (const json::Value& element : *array) remaining.push_back(&element);
        } else if (const json::Object* object = current.object()) {
            for (const auto& member : *object) {
                if (member.name.starts_with('$')) return &member.name;
                remaining.push_back(&member.value);
            }
        }
    }
    return nullptr;
}

std::string operator_inside_message(std::string_view name) { return fmt::format("'{}' cannot stand inside a literal", name); }

}  // namespace

bool is_reference(const json::Value& value) noexcept {
    const json::Object* object = value.object();
    return object != nullptr && object->size() == 1 && object->contains(reference_member);
}

bool OperandCompiler::compile(Leaf& leaf, std::string_view operator_name, const json::Value& operand,
                              const std::string& pointer) {
    const OperatorRule* rule = OperatorRule::find(operator_name);
    if (rule == nullptr) return false;
    leaf.operation = rule->operation;
    (this->*rule->compile)(leaf, operand, pointer);
    return true;
}

// ---- values --------------------------------------------------------------------------------------------------------

void OperandCompiler::equality(Leaf& leaf, const json::Value& value, const std::string& pointer) {
    if (is_reference(value)) {
        leaf.operand = reference(value, pointer);
        return;
    }
    if (const std::string* name = operator_inside(value)) fault(pointer, "format", operator_inside_message(*name));
    leaf.operand.literal = View(value);
}

void OperandCompiler::list(Leaf& leaf, const json::Value& value, const std::string& pointer) {
    if (is_reference(value)) {
        leaf.operand = reference(value, pointer);
        return;
    }
    const json::Array* array = value.array();
    if (array == nullptr) return fault(pointer, "type", "takes a list");
    if (array->empty()) return fault(pointer, "range", "takes a list that is not empty");
    List list;
    for (std::size_t index = 0; index < array->size(); ++index) {
        const json::Value& element = (*array)[index];
        if (is_reference(element)) {
            list.references.push_back(reference_path(element, pointer_to(pointer, index)));
        } else {
            if (const std::string* name = operator_inside(element)) {
                fault(pointer_to(pointer, index), "format", operator_inside_message(*name));
            }
            list.literals.emplace_back(element);
        }
    }
    list.sort();
    add(leaf, program_.lists, std::move(list));
}

void OperandCompiler::text(Leaf& leaf, const json::Value& value, const std::string& pointer) {
    if (is_reference(value)) {
        leaf.operand = reference(value, pointer);
    } else if (value.text() == nullptr) {
        fault(pointer, "type", "takes a text");
    } else {
        leaf.operand.literal = View(value);
    }
}

void OperandCompiler::flag(Leaf& leaf, const json::Value& value, const std::string& pointer) {
    if (value.boolean() == nullptr) return fault(pointer, "type", "takes true or false");
    leaf.operand.literal = View(value);
}

// ---- ranges --------------------------------------------------------------------------------------------------------

void OperandCompiler::range(Leaf& leaf, const json::Value& value, const std::string& pointer) {
    leaf.operand = range_operand(value, pointer);
}

Operand OperandCompiler::range_operand(const json::Value& value, const std::string& pointer) {
    if (is_reference(value)) return reference(value, pointer);
    Operand operand{.literal = View(value)};
    if (const std::string* text = value.text()) {
        operand.instant = Instant::parse(*text);
    } else if (value.number() == nullptr) {
        fault(pointer, "type", "takes a number or a text");
    }
    return operand;
}

void OperandCompiler::between(Leaf& leaf, const json::Value& value, const std::string& pointer) {
    if (is_reference(value)) {
        leaf.operand = reference(value, pointer);
        return;
    }
    const json::Array* ends = value.array();
    if (ends == nullptr) return fault(pointer, "type", "takes a list of two numbers or two texts");
    if (ends->size() != 2) return fault(pointer, "range", fmt::format("takes two ends, not {}", ends->size()));
    const std::size_t faults_before = faults_.size();
    const Operand low = range_operand((*ends)[0], pointer_to(pointer, std::size_t{0}));
    const Operand high = range_operand((*ends)[1], pointer_to(pointer, std::size_t{1}));
    const bool both_literal = !low.is_reference && !high.is_reference && faults_.size() == faults_before;
    if (both_literal && low.literal.kind() != high.literal.kind()) fault(pointer, "type", "has ends of two types");
    add(leaf, program_.bounds, std::array{low, high});
}

// ---- text and addresses --------------------------------------------------------------------------------------------

void OperandCompiler::expression(Leaf& leaf, const json::Value& value, const std::string& pointer) {
    const std::string* pattern = value.text();
    if (pattern == nullptr) return fault(pointer, "type", "takes a text");
    if (regex_instructions_ > max_regex_instructions) return;  // has its fault; the rest need not be compiled
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(max_expression_bytes);
    auto compiled = std::make_unique<const re2::RE2>(*pattern, options);
    if (!compiled->ok()) return fault(pointer, "format", fmt::format("is no RE2 expression: {}", compiled->error()));
    regex_instructions_ += compiled->ProgramSize();
    if (regex_instructions_ > max_regex_instructions) {
        return fault(
            pointer, "limit",
            fmt::format("makes the expressions of these conditions larger than {} instructions", max_regex_instructions));
    }
    add(leaf, program_.expressions, std::move(compiled));
}

void OperandCompiler::networks(Leaf& leaf, const json::Value& value, const std::string& pointer) {
    std::vector<core::IpNetwork> networks;
    if (const json::Array* array = value.array()) {
        if (array->empty()) return fault(pointer, "range", "takes a list that is not empty");
        for (std::size_t index = 0; index < array->size(); ++index)
            network(networks, (*array)[index], pointer_to(pointer, index));
    } else {
        network(networks, value, pointer);
    }
    add(leaf, program_.networks, std::move(networks));
}

void OperandCompiler::network(std::vector<core::IpNetwork>& networks, const json::Value& value, const std::string& pointer) {
    const std::string* text = value.text();
    if (text == nullptr) return fault(pointer, "type", "takes a network such as 10.0.0.0/8, or a list of them");
    const auto parsed = core::IpNetwork::parse(*text);
    if (!parsed) return fault(pointer, "format", fmt::format("is no network with a prefix length and no host bits: '{}'", *text));
    networks.push_back(*parsed);
}

// ---- local time ----------------------------------------------------------------------------------------------------

void OperandCompiler::window(Leaf& leaf, const json::Value& value, const std::string& pointer) {
    const json::Object* operand = value.object();
    if (operand == nullptr) return fault(pointer, "type", "takes an object of from, to and tz");
    only_members(*operand, {"from", "to", "tz"}, pointer);
    const std::size_t faults_before = faults_.size();
    const TimeWindow window{.from = time_of_day(*operand, "from", pointer),
                            .to = time_of_day(*operand, "to", pointer),
                            .zone = zone(*operand, pointer)};
    if (faults_.size() == faults_before && window.from == window.to) fault(pointer, "range", "has equal ends");
    add(leaf, program_.windows, window);
}

int OperandCompiler::time_of_day(const json::Object& operand, std::string_view member, const std::string& pointer) {
    const json::Value* value = operand.find(member);
    if (value == nullptr) {
        fault(pointer_to(pointer, member), "required", "is missing");
        return 0;
    }
    const std::string* text = value->text();
    const std::optional<int> second = text == nullptr ? std::nullopt : core::parse_time_of_day(*text);
    if (!second) fault(pointer_to(pointer, member), text == nullptr ? "type" : "format", "is no HH:MM or HH:MM:SS");
    return second.value_or(0);
}

core::Zone OperandCompiler::zone(const json::Object& operand, const std::string& pointer) {
    const json::Value* value = operand.find("tz");
    if (value == nullptr) return core::Zone::utc();
    const std::string* name = value->text();
    const std::optional<core::Zone> found = name == nullptr ? std::nullopt : core::Zone::find(*name);
    if (!found) fault(pointer_to(pointer, "tz"), name == nullptr ? "type" : "format", "is no IANA time zone");
    return found.value_or(core::Zone::utc());
}

void OperandCompiler::weekdays(Leaf& leaf, const json::Value& value, const std::string& pointer) {
    const json::Object* operand = value.object();
    if (operand == nullptr) return fault(pointer, "type", "takes an object of days and tz");
    only_members(*operand, {"days", "tz"}, pointer);
    Weekdays weekdays{.zone = zone(*operand, pointer)};
    const std::string days_pointer = pointer_to(pointer, "days");
    const json::Value* days = operand->find("days");
    if (days == nullptr) return fault(days_pointer, "required", "is missing");
    if (days->array() == nullptr) return fault(days_pointer, "type", "takes a list of mon to sun");
    if (days->array()->empty()) return fault(days_pointer, "range", "takes a list that is not empty");
    for (std::size_t index = 0; index < days->array()->size(); ++index) {
        const std::string* name = (*days->array())[index].text();
        const std::optional<unsigned> day = name == nullptr ? std::nullopt : core::parse_weekday(*name);
        if (!day) fault(pointer_to(days_pointer, index), name == nullptr ? "type" : "format", "is none of mon to sun");
        weekdays.mask |= 1u << day.value_or(0);
    }
    add(leaf, program_.weekdays, weekdays);
}

void OperandCompiler::only_members(const json::Object& operand, std::initializer_list<std::string_view> names,
                                   const std::string& pointer) {
    for (const auto& member : operand) {
        if (std::ranges::find(names, std::string_view(member.name)) != names.end()) continue;
        fault(pointer_to(pointer, member.name), "unknown_member", fmt::format("there is no member '{}' here", member.name));
    }
}

// ---- references ----------------------------------------------------------------------------------------------------

Operand OperandCompiler::reference(const json::Value& value, const std::string& pointer) {
    return {.is_reference = true, .reference = reference_path(value, pointer)};
}

Path OperandCompiler::reference_path(const json::Value& value, const std::string& pointer) {
    const std::string member_pointer = pointer_to(pointer, reference_member);
    const std::string* text = value.object()->find(reference_member)->text();
    if (text == nullptr) {
        fault(member_pointer, "type", "takes a path");
        return {};
    }
    auto path = compile_path(program_, *text);
    if (!path) fault(member_pointer, "format", std::move(path.error()));
    return path.value_or(Path{});
}

}  // namespace sentinel::engine::conditions
