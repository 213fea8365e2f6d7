#include "engine/permission.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/engine.hpp"

namespace sentinel::engine {

namespace {

using core::Fault;
using core::Faults;

constexpr std::size_t max_actions = 32;
constexpr std::size_t max_field_entries = 500;

bool is_field_name(std::string_view text) noexcept {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return !text.empty() && text.size() <= 100 && letter(text.front()) &&
           std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

/// `[a-z0-9][a-z0-9._:/-]{0,127}`, or none.
void check_key(const Permission& permission, Faults& faults) {
    const std::string& key = permission.key;
    if (key.empty()) return;
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const bool fits = key.size() <= 128 && plain(key.front()) &&
                      std::ranges::all_of(key, [&](char c) { return plain(c) || std::string_view("._:/-").contains(c); });
    if (!fits) faults.push_back({"/key", "format", fmt::format("`{}` is no key ([a-z0-9][a-z0-9._:/-]{{0,127}}).", key)});
}

void check_actions(const Permission& permission, Faults& faults) {
    const auto& actions = permission.actions;
    if (actions.empty() || actions.size() > max_actions) {
        faults.push_back(
            {"/actions", "limit", fmt::format("A permission names 1 to {} actions, not {}.", max_actions, actions.size())});
        return;
    }
    for (std::size_t index = 0; index < actions.size(); ++index) {
        const std::string& action = actions[index];
        const std::string pointer = core::pointer_to("/actions", index);
        if (action == wildcard) {
            if (actions.size() > 1) faults.push_back({pointer, "format", "The action `*` stands alone."});
        } else if (!is_action_name(action)) {
            faults.push_back({pointer, "format", fmt::format("`{}` is no action name ([a-z][a-z0-9_.:-]{{0,63}}).", action)});
        }
        if (std::find(actions.begin(), actions.begin() + static_cast<std::ptrdiff_t>(index), action) !=
            actions.begin() + static_cast<std::ptrdiff_t>(index)) {
            faults.push_back({pointer, "duplicate", fmt::format("The action `{}` is listed twice.", action)});
        }
    }
}

void check_fields(const Permission& permission, Faults& faults) {
    std::size_t entries = 0;
    for (const Tier tier : all_tiers) {
        const std::string tier_pointer = core::pointer_to("/fields", tier_text(tier));
        for (const auto& [name, rights] : permission.fields[static_cast<std::size_t>(tier)]) {
            ++entries;
            const std::string pointer = core::pointer_to(tier_pointer, name);
            if (name != wildcard && !is_field_name(name))
                faults.push_back({pointer, "format", fmt::format("`{}` is no field name.", name)});
            if (rights.hidden && (rights.read || rights.write)) {
                faults.push_back({pointer, "format", "`hidden` stands alone among a field's rights."});
            }
            if (rights == FieldRights{}) faults.push_back({pointer, "required", "A field needs at least one right."});
        }
    }
    if (entries > max_field_entries)
        faults.push_back(
            {"/fields", "limit", fmt::format("At most {} fields may be named, not {}.", max_field_entries, entries)});
    if (entries > 0 && permission.effect == Effect::deny)
        faults.push_back({"/fields", "format", "A deny carries no field rights."});
}

void check_flags(const Permission& permission, const std::expected<Selector, Fault>& selector, Faults& faults) {
    if (permission.enforced && permission.effect == Effect::allow)
        faults.push_back({"/enforced", "format", "Only a deny can be enforced."});
    if (permission.applies_to_descendants || !selector) return;
    if (selector->form == SelectorForm::all || selector->form == SelectorForm::type || selector->form == SelectorForm::instance) {
        faults.push_back({"/applies_to_descendants", "format",
                          fmt::format("`{}` reaches nothing below, so false has no meaning.", permission.resource_path)});
    }
}

Faults validate_around_conditions(const Permission& permission, const std::expected<Selector, Fault>& selector) {
    Faults faults;
    check_key(permission, faults);
    if (!selector) faults.push_back(selector.error());
    check_actions(permission, faults);
    check_fields(permission, faults);
    check_flags(permission, selector, faults);
    return faults;
}

void add_condition_faults(const Faults& condition_faults, Faults& faults) {
    for (const Fault& fault : condition_faults) faults.push_back({"/conditions" + fault.pointer, fault.code, fault.message});
}

/// class (2 bits) | leading literals (16) | NODE (1) | literals in all (16) | 255 - `**` (8)
Specificity pack(unsigned rank_class, std::size_t leading, bool is_node, std::size_t literals, std::size_t many) noexcept {
    const auto clip = [](std::size_t count) { return static_cast<std::uint64_t>(std::min<std::size_t>(count, 0xFFFF)); };
    return (static_cast<std::uint64_t>(rank_class) << 48) | (clip(leading) << 32) | (static_cast<std::uint64_t>(is_node) << 31) |
           (clip(literals) << 8) | (255 - std::min<std::uint64_t>(many, 255));
}
constexpr unsigned class_all = 0;
constexpr unsigned class_type = 1;
constexpr unsigned class_path = 2;
constexpr unsigned class_instance = 3;

Specificity path_specificity(const std::vector<PathSegment>& segments) {
    const auto is_literal = [](const PathSegment& segment) { return segment.kind == PathSegment::Kind::literal; };
    const auto leading = static_cast<std::size_t>(std::ranges::find_if_not(segments, is_literal) - segments.begin());
    const auto literals = static_cast<std::size_t>(std::ranges::count_if(segments, is_literal));
    const auto many = static_cast<std::size_t>(std::ranges::count(segments, PathSegment::Kind::many, &PathSegment::kind));
    return pack(class_path, leading, leading == segments.size(), literals, many);
}

Specificity node_specificity(const Node& node) { return pack(class_path, node.depth + 1, true, node.depth + 1, 0); }

/// The children of `parent` that a literal means. Several only where a code fits several.
std::vector<NodeIndex> children_meant(const PathSegment& literal, NodeIndex parent, const Tree& tree, const NamePool& names) {
    if (literal.id) {
        const NodeIndex by_id = tree.find(*literal.id);
        if (by_id != no_node && tree.node(by_id).parent == parent) return {by_id};
    }
    const Tree::Bearer bearer = tree.child_by_code(parent, literal.text);
    if (bearer.node != no_node) return {bearer.node};
    std::vector<NodeIndex> nodes;
    if (!bearer.ambiguous) return nodes;
    // Type and code are unique together, so asking for each type finds all.
    names.for_each([&](const std::string& name) {
        const NodeIndex node = tree.find(names.find(name), literal.text);
        if (node != no_node && tree.node(node).parent == parent) nodes.push_back(node);
    });
    return nodes;
}

/// Follows the leading literals down the tree.
std::vector<Target> follow_literals(const std::vector<PathSegment>& segments, bool follow_all, const Tree& tree,
                                    const NamePool& names) {
    std::vector<Target> ready;
    std::vector<NodeIndex> frontier{no_node};
    for (std::size_t at = 0; !frontier.empty(); ++at) {
        const std::vector<PathSegment> rest(segments.begin() + static_cast<std::ptrdiff_t>(at), segments.end());
        const bool literal = at < segments.size() && segments[at].kind == PathSegment::Kind::literal;
        std::vector<NodeIndex> next;
        for (const NodeIndex node : frontier) {
            const std::vector<NodeIndex> meant =
                literal ? children_meant(segments[at], node, tree, names) : std::vector<NodeIndex>{};
            if (meant.size() > 1 && !follow_all) return {};
            if (meant.empty()) ready.push_back({node, rest});
            next.insert(next.end(), meant.begin(), meant.end());
        }
        frontier = std::move(next);
    }
    return ready;
}

}  // namespace

std::size_t CompiledPermission::bytes() const noexcept {
    std::size_t total = sizeof *this + condition.bytes() + source.resource_path.capacity() + source.key.capacity();
    for (const std::string& action : source.actions) total += sizeof action + action.capacity();
    for (const auto& tier : source.fields) {
        for (const auto& [name, rights] : tier) total += 64 + name.capacity();
    }
    total += selector.segments.size() * (sizeof(PathSegment) + 16);
    total += json::to_text(source.conditions).size() * 3;
    return total;
}

ResolvedSelector resolve(const Selector& selector, bool descendants, bool follow_all, const Tree& tree, const NamePool& names) {
    ResolvedSelector resolved{.form = selector.form, .type = selector.type, .descendants = descendants};
    const auto become_node = [&](NodeIndex node) {
        resolved.form = SelectorForm::path;
        resolved.type = wildcard;
        resolved.specificity = node_specificity(tree.node(node));
        resolved.targets.push_back({node, {}});
    };
    switch (selector.form) {
        case SelectorForm::all: resolved.specificity = pack(class_all, 0, false, 0, 0); break;
        case SelectorForm::type: resolved.specificity = pack(class_type, 0, false, 0, 0); break;
        case SelectorForm::instance: {
            const NameId type = names.find(selector.type);
            const NodeIndex registered = type == no_name ? no_node : tree.find(type, selector.instance);
            resolved.instance = selector.instance;
            resolved.specificity = pack(class_instance, 0, false, 0, 0);
            if (registered != no_node) {
                become_node(registered);
                resolved.descendants = false;
            }
            break;
        }
        case SelectorForm::node: {
            resolved.form = SelectorForm::path;
            const NodeIndex node = tree.find(*selector.resource);
            if (node != no_node) become_node(node);
            break;
        }
        case SelectorForm::path:
            resolved.specificity = path_specificity(selector.segments);
            resolved.targets = follow_literals(selector.segments, follow_all, tree, names);
            if (!selector.has_wildcard()) resolved.type = wildcard;  // a NODE's type filters nothing
            break;
    }
    return resolved;
}

std::expected<std::shared_ptr<const CompiledPermission>, Faults> compile(const Permission& permission, bool foreign) {
    auto selector = parse_selector(permission.resource_type, permission.resource_id, permission.resource_path);
    Faults faults = validate_around_conditions(permission, selector);
    auto condition = Condition::compile(permission.conditions);
    if (!condition) add_condition_faults(condition.error(), faults);
    if (!faults.empty()) return std::unexpected(std::move(faults));

    auto compiled = std::make_shared<CompiledPermission>();
    compiled->id = permission.id;
    compiled->source = permission;
    compiled->selector = std::move(*selector);
    compiled->every_action = permission.actions.front() == wildcard;
    compiled->condition = std::move(*condition);
    compiled->foreign = foreign;
    for (auto& tier : compiled->source.fields) {
        for (auto& [name, rights] : tier) {
            rights.read = rights.read || rights.write;
            compiled->names_fields = true;
        }
    }
    return compiled;
}

std::shared_ptr<const ResolvedPermission> resolve(std::shared_ptr<const CompiledPermission> compiled, const Tree& tree,
                                                  const NamePool& names) {
    auto resolved = std::make_shared<ResolvedPermission>();
    resolved->id = compiled->id;
    resolved->selector = resolve(compiled->selector, compiled->source.applies_to_descendants, compiled->is_deny(), tree, names);
    const bool by_place = compiled->selector.form == SelectorForm::node || compiled->selector.form == SelectorForm::path;
    if (compiled->foreign && by_place) resolved->selector.targets.clear();  // an ancestor's places are not ours
    resolved->compiled = std::move(compiled);
    return resolved;
}

bool mentions(const Selector& selector, const Resource& resource) {
    switch (selector.form) {
        case SelectorForm::all:
        case SelectorForm::type: return false;
        case SelectorForm::instance: return selector.type == resource.type && selector.instance == resource.code;
        case SelectorForm::node: return selector.resource == resource.id;
        case SelectorForm::path:
            return std::ranges::any_of(selector.segments, [&](const PathSegment& segment) {
                return segment.kind == PathSegment::Kind::literal && (segment.text == resource.code || segment.id == resource.id);
            });
    }
    std::unreachable();
}

core::Faults validate(const Permission& permission) {
    Faults faults = validate_around_conditions(
        permission, parse_selector(permission.resource_type, permission.resource_id, permission.resource_path));
    add_condition_faults(validate_conditions(permission.conditions), faults);
    return faults;
}

}  // namespace sentinel::engine
