#include "engine/condition_compile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/condition.hpp"
#include "engine/condition_operand.hpp"
#include "engine/condition_path.hpp"
#include "engine/condition_time.hpp"

namespace sentinel::engine::conditions {

namespace {

using core::pointer_to;

/// Keys that stand for an operator on a path of their own.
struct Alias {
    std::string_view key;
    std::string_view path;
    std::string_view operator_name;
};
constexpr std::array aliases{
    Alias{"time_range", "env.time", "$timeOfDay"},
    Alias{"ip_range", "context.ip_address", "$cidr"},
    Alias{"days_of_week", "env.time", "$weekday"},
};

class Compiler {
public:
    explicit Compiler(Program& program) : program_(program), operands_(program, faults_) {}

    core::Faults run() {
        conjunction(program_.source, "", 1);
        if (too_many_leaves_) fault("", "limit", fmt::format("has more than {} leaves", max_condition_leaves));
        return faults_.take();
    }

private:
    /// The members of a conditions object, as children of the node that is open.
    void conjunction(const json::Object& conditions, const std::string& pointer, std::size_t depth) {
        for (const auto& [name, value] : conditions) {
            const std::string place = pointer_to(pointer, name);
            if (name == "$and") {
                for_each_condition(value, place, depth,
                                   [&](const json::Object& one, const std::string& at) { conjunction(one, at, depth + 1); });
            } else if (name == "$or") {
                disjunction(value, place, depth);
            } else if (name == "$not") {
                negated_condition(value, place, depth);
            } else if (name.starts_with('$')) {
                fault(place, "format", fmt::format("there is no combinator '{}'", name));
            } else {
                attribute(name, value, place, depth);
            }
        }
    }

    void disjunction(const json::Value& list, const std::string& pointer, std::size_t depth) {
        node(NodeKind::any, [&] {
            for_each_condition(list, pointer, depth, [&](const json::Object& one, const std::string& at) {
                node(NodeKind::all, [&] { conjunction(one, at, depth + 1); });
            });
        });
    }

    void negated_condition(const json::Value& value, const std::string& pointer, std::size_t depth) {
        const json::Object* condition = value.object();
        if (condition == nullptr) return fault(pointer, "type", "takes a condition");
        if (!may_descend(pointer, depth)) return;
        node(NodeKind::not_all, [&] { conjunction(*condition, pointer, depth + 1); });
    }

    template <class Use>
    void for_each_condition(const json::Value& list, const std::string& pointer, std::size_t depth, Use use) {
        const json::Array* conditions = list.array();
        if (conditions == nullptr) return fault(pointer, "type", "takes a list of conditions");
        if (conditions->empty()) return fault(pointer, "range", "takes a list that is not empty");
        if (!may_descend(pointer, depth)) return;
        for (std::size_t index = 0; index < conditions->size(); ++index) {
            const std::string place = pointer_to(pointer, index);
            if (const json::Object* condition = (*conditions)[index].object()) {
                use(*condition, place);
            } else {
                fault(place, "type", "takes a condition");
            }
        }
    }

    /// An attribute path as written and split.
    struct Attribute {
        std::string_view text;
        Path path;
    };

    /// What is written at the path `key` of a conditions object: an operand or operators.
    void attribute(std::string_view key, const json::Value& value, const std::string& pointer, std::size_t depth) {
        const auto alias = std::ranges::find(aliases, key, &Alias::key);
        const std::string_view text = alias == aliases.end() ? key : alias->path;
        const auto path = compile_path(program_, text);
        if (!path) return fault(pointer, "format", path.error());
        const Attribute attribute{.text = text, .path = *path};
        if (alias != aliases.end()) return leaf(attribute, alias->operator_name, value, pointer);
        if (const json::Object* object = value.object(); object != nullptr && !is_reference(value)) {
            return operators(attribute, *object, pointer, depth);
        }
        leaf(attribute, value.array() == nullptr ? "$eq" : "$in", value, pointer);
    }

    void operators(const Attribute& attribute, const json::Object& object, const std::string& pointer, std::size_t depth) {
        if (object.empty()) return fault(pointer, "format", "takes operators, and there are none");
        for (const auto& [name, value] : object) {
            const std::string place = pointer_to(pointer, name);
            if (name == "$not") {
                negated_operators(attribute, value, place, depth);
            } else {
                leaf(attribute, name, value, place);
            }
        }
    }

    void negated_operators(const Attribute& attribute, const json::Value& value, const std::string& pointer, std::size_t depth) {
        const json::Object* object = value.object();
        if (object == nullptr) return fault(pointer, "type", "takes operators");
        if (!may_descend(pointer, depth)) return;
        node(NodeKind::not_all, [&] { operators(attribute, *object, pointer, depth + 1); });
    }

    void leaf(const Attribute& attribute, std::string_view operator_name, const json::Value& operand,
              const std::string& pointer) {
        too_many_leaves_ = too_many_leaves_ || program_.leaves.size() == max_condition_leaves;
        if (too_many_leaves_) return;
        Leaf leaf{.attribute = attribute.path};
        if (!operands_.compile(leaf, operator_name, operand, pointer)) {
            return fault(pointer, "format", fmt::format("there is no operator '{}'", operator_name));
        }
        const auto index = static_cast<std::uint32_t>(program_.leaves.size());
        const auto end = static_cast<std::uint32_t>(program_.nodes.size() + 1);
        program_.nodes.push_back({.kind = NodeKind::leaf, .leaf = index, .end = end});
        program_.leaves.push_back(leaf);
        program_.origins.push_back({.path = attribute.text, .operator_name = operator_name, .operand = &operand});
    }

    template <class Children>
    void node(NodeKind kind, Children children) {
        const std::size_t index = program_.nodes.size();
        program_.nodes.push_back({.kind = kind});
        children();
        program_.nodes[index].end = static_cast<std::uint32_t>(program_.nodes.size());
    }

    bool may_descend(const std::string& pointer, std::size_t depth) {
        if (depth < max_condition_depth) return true;
        fault(pointer, "limit", fmt::format("is deeper than {} levels", max_condition_depth));
        return false;
    }

    void fault(const std::string& pointer, std::string_view code, std::string message) {
        faults_.add(pointer, code, std::move(message));
    }

    Program& program_;
    FaultList faults_;
    OperandCompiler operands_;
    bool too_many_leaves_ = false;
};

}  // namespace

core::Faults compile(Program& program) {
    if (json::to_text(program.source).size() > max_condition_bytes) {
        return {{"", "limit", fmt::format("takes more than {} bytes", max_condition_bytes)}};
    }
    if (core::Faults faults = Compiler(program).run(); !faults.empty()) return faults;
    auto& names = program.subject_attribute_names;
    std::ranges::sort(names);
    const auto repeated = std::ranges::unique(names);
    names.erase(repeated.begin(), repeated.end());
    find_time_leaves(program);
    return {};
}

}  // namespace sentinel::engine::conditions
