/// Section 3: what a selector reaches.

#include <algorithm>
#include <span>

#include "engine/reference/parts.hpp"

namespace sentinel::engine::reference {

namespace {

using Steps = std::span<const Step>;

/// Leading literals resolved from the root: one way for each child that an ambiguous code fits.
struct ResolvedLiterals {
    std::vector<std::vector<Step>> ways{{}};
    bool ambiguous = false;
};

ResolvedLiterals resolve_literals(const TenantPolicy& policy, std::span<const std::string> literals) {
    ResolvedLiterals resolved;
    for (const std::string& literal : literals) {
        std::vector<std::vector<Step>> longer;
        for (const auto& way : resolved.ways) {
            const bool in_text = !way.empty() && way.back().resource == nullptr;
            const Resource* node = way.empty() ? nullptr : way.back().resource;
            const auto children = in_text ? std::vector<const Resource*>{} : children_fitting(policy, node, literal);
            if (children.size() > 1) resolved.ambiguous = true;
            if (children.empty()) {
                longer.push_back(way);
                longer.back().push_back({.text = literal});
            }
            for (const Resource* child : children) {
                longer.push_back(way);
                longer.back().push_back({.resource = child, .type = child->type});
            }
        }
        resolved.ways = std::move(longer);
    }
    return resolved;
}

/// Whether a resolved literal is that step of the asked chain.
bool same(const Step& literal, const Step& asked) {
    if (literal.resource != nullptr || asked.resource != nullptr) return literal.resource == asked.resource;
    return !asked.wildcards_only && literal.text == asked.text;
}

bool begins_with(Steps chain, Steps way) {
    return chain.size() >= way.size() &&
           std::ranges::equal(chain.first(way.size()), way,
                              [](const Step& asked, const Step& literal) { return same(literal, asked); });
}

/// After a wildcard a literal matches a segment that is that id, that code, or that text.
bool literal_fits(const std::string& literal, const Step& step) {
    if (step.wildcards_only) return false;
    if (step.resource == nullptr) return step.text == literal;
    return ResourceId::parse(literal) == step.resource->id || step.resource->code == literal;
}

/// From the first wildcard on: `*` is exactly one segment, `**` zero or more.
bool rest_matches(std::span<const std::string> pattern, Steps steps) {
    if (pattern.empty()) return steps.empty();
    if (pattern.front() == "**") {
        if (rest_matches(pattern.subspan(1), steps)) return true;
        return !steps.empty() && rest_matches(pattern, steps.subspan(1));
    }
    if (steps.empty()) return false;
    if (pattern.front() != "*" && !literal_fits(pattern.front(), steps.front())) return false;
    return rest_matches(pattern.subspan(1), steps.subspan(1));
}

std::size_t leading_literals(const std::vector<std::string>& segments) {
    return static_cast<std::size_t>(std::ranges::find_if(segments, is_wildcard) - segments.begin());
}

/// INSTANCE(T,x): the outside instance x of type T; once (T, code x) is registered, that resource.
std::optional<Reach> reach_instance(const TenantPolicy& policy, const Selector& selector, const AskedResource& asked) {
    if (const Resource* registered = find_by_code(policy, selector.type, selector.instance)) {
        if (asked.registered == registered) return Reach{registered};
        return std::nullopt;
    }
    if (asked.type == selector.type && asked.registered == nullptr && asked.outside_id == selector.instance) return Reach{};
    return std::nullopt;
}

/// NODE(r): r, and everything below it, whatever its type, if applies_to_descendants.
std::optional<Reach> reach_node_by_id(const Selector& selector, const AskedResource& asked) {
    for (std::size_t index = 0; index < asked.chain.size(); ++index) {
        const Resource* node = asked.chain[index].resource;
        if (node == nullptr || node->id != *selector.node) continue;
        if (index + 1 == asked.chain.size() || selector.applies_to_descendants) return Reach{node};
    }
    return std::nullopt;
}

/// NODE by path and PATTERN, at the deepest place of the chain where the selector itself matches.
std::optional<Reach> reach_path(const TenantPolicy& policy, const Selector& selector, Effect effect, const AskedResource& asked) {
    const std::size_t literals = leading_literals(selector.segments);
    const std::span segments(selector.segments);
    const auto resolved = resolve_literals(policy, segments.first(literals));
    // A code that came to fit two children: an allow reaches neither and a deny both.
    if (resolved.ambiguous && effect == Effect::allow) return std::nullopt;

    const Steps chain(asked.chain);
    for (std::size_t length = chain.size(); length >= 1; --length) {
        if (length < chain.size() && !selector.applies_to_descendants) break;
        const Step& end = chain[length - 1];
        if (selector.form == Form::pattern && selector.type != "*" && selector.type != end.type) continue;
        for (const auto& way : resolved.ways) {
            if (!begins_with(chain.first(length), way)) continue;
            if (rest_matches(segments.subspan(literals), chain.first(length).subspan(way.size()))) return Reach{end.resource};
        }
    }
    return std::nullopt;
}

}  // namespace

bool is_wildcard(std::string_view segment) { return segment == "*" || segment == "**"; }

Selector read_selector(std::string_view resource_type, const std::optional<ResourceId>& resource_id,
                       std::string_view resource_path, bool applies_to_descendants) {
    Selector selector{.type = std::string(resource_type), .applies_to_descendants = applies_to_descendants};
    if (resource_id) {
        selector.form = Form::node;
        selector.node = resource_id;
        return selector;
    }
    std::string_view path = resource_path;
    if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    if (path == "**" || path == "*/*") return selector;
    if (path.starts_with('/')) {
        selector.segments = split(path.substr(1), '/');
        selector.form = std::ranges::any_of(selector.segments, is_wildcard) ? Form::pattern : Form::node;
        return selector;
    }
    const std::size_t slash = std::min(path.find('/'), path.size());
    selector.type = std::string(path.substr(0, slash));
    selector.instance = std::string(path.substr(std::min(slash + 1, path.size())));
    selector.form = selector.instance == "*" ? Form::type : Form::instance;
    return selector;
}

std::optional<Reach> reach(const TenantPolicy& policy, const Selector& selector, Effect effect, bool of_ancestor,
                           const AskedResource& asked) {
    switch (selector.form) {
        case Form::all: return Reach{asked.registered};
        case Form::type:
            if (asked.type == selector.type) return Reach{asked.registered};
            return std::nullopt;
        case Form::instance: return reach_instance(policy, selector, asked);
        case Form::node:
        case Form::pattern: break;
    }
    // Section 2 clause 4: an ancestor's NODE and PATTERN reach nothing here.
    if (of_ancestor) return std::nullopt;
    return selector.node ? reach_node_by_id(selector, asked) : reach_path(policy, selector, effect, asked);
}

Specificity specificity_of(const TenantPolicy& policy, const Selector& selector) {
    const auto of_node = [](std::size_t literals) {
        return Specificity{2, static_cast<int>(literals), 1, static_cast<int>(literals), 0};
    };
    switch (selector.form) {
        case Form::all: return {0, 0, 0, 0, 0};
        case Form::type: return {1, 0, 0, 0, 0};
        case Form::instance: {
            const Resource* registered = find_by_code(policy, selector.type, selector.instance);
            if (registered == nullptr) return {3, 0, 0, 0, 0};
            return of_node(chain_to(policy, *registered).size());
        }
        case Form::node: {
            if (!selector.node) return of_node(selector.segments.size());
            const Resource* resource = find_resource(policy, *selector.node);
            return of_node(resource == nullptr ? 0 : chain_to(policy, *resource).size());
        }
        case Form::pattern: break;
    }
    const auto wildcards = std::ranges::count_if(selector.segments, is_wildcard);
    const auto doubles = std::ranges::count(selector.segments, "**");
    return {2, static_cast<int>(leading_literals(selector.segments)), 0,
            static_cast<int>(std::ssize(selector.segments) - wildcards), -static_cast<int>(doubles)};
}

}  // namespace sentinel::engine::reference
