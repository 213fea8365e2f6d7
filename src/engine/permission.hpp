#pragma once
/// Permissions, compiled: once by themselves (CompiledPermission), and again against the tenant's resources
/// (ResolvedPermission) whenever the tree changes what a literal means.

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/condition.hpp"
#include "engine/model.hpp"
#include "engine/selector.hpp"
#include "engine/tree.hpp"

namespace sentinel::engine {

/// How specific a selector is (semantics 4.3), comparable as a number: class, leading literals, NODE before PATTERN,
/// literals in all, fewer `**`. It belongs to the permission, never to the question.
using Specificity = std::uint64_t;

/// What does not depend on the tenant's resources.
struct CompiledPermission {
    PermissionId id;
    Permission source;
    Selector selector;
    bool every_action = false;
    Condition condition;
    bool names_fields = false;
    /// No ancestor lends it, or it may reach here by its form alone.
    bool foreign = false;
    /// Depends on the tree: by its literals or as an instance that may be registered.
    bool resolves() const noexcept { return selector.form != SelectorForm::all && selector.form != SelectorForm::type; }
    bool is_deny() const noexcept { return source.effect == Effect::deny; }
    bool is_guardrail() const noexcept { return source.enforced && is_deny(); }
    std::size_t bytes() const noexcept;
};

/// A place that a path selector reaches: below `base` the remaining segments must match. Empty: the base itself.
struct Target {
    NodeIndex base = no_node;  ///< no_node: the root above all roots
    std::vector<PathSegment> rest;
};

/// A selector with its literals looked up in one tree.
struct ResolvedSelector {
    Specificity specificity = 0;
    /// all, type, instance (outside), or path for everything that has targets.
    SelectorForm form = SelectorForm::all;
    std::string type;  ///< type, instance; path: type that the matched segment must have, or `*`
    std::string instance;
    std::vector<Target> targets;  ///< path; empty: reaches nothing
    bool descendants = true;
};

struct ResolvedPermission {
    PermissionId id;
    std::shared_ptr<const CompiledPermission> compiled;
    ResolvedSelector selector;
};

/// Looks the literals up. `follow_all`: where a literal fits two children follow both (a deny), else reach nothing.
ResolvedSelector resolve(const Selector& selector, bool descendants, bool follow_all, const Tree& tree, const NamePool& names);

/// Compiles, or lists the faults of `validate`. `foreign`: lent by an ancestor tenant.
std::expected<std::shared_ptr<const CompiledPermission>, core::Faults> compile(const Permission& permission, bool foreign);
std::shared_ptr<const ResolvedPermission> resolve(std::shared_ptr<const CompiledPermission> compiled, const Tree& tree,
                                                  const NamePool& names);

/// True when the appearance, disappearance or move of this resource (which has nothing below it) may change what the selector's
/// literals mean.
bool mentions(const Selector& selector, const Resource& resource);

}  // namespace sentinel::engine
