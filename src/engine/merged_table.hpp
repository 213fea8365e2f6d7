#pragma once
/// All that a role set brings, in deciding order, indexed for the question "which may reach this resource with this action?".
///
///     entries:   0 1 2 3 … in the total order of semantics 4 (guardrails first)
///     action  ─▶ type          ─▶ positions of ALL and TYPE
///                type/instance ─▶ positions of INSTANCE
///                node          ─▶ positions of selectors whose literals lead to that node (NODE, PATTERN), with what must match below
///
/// A check meets only the lists of its own type, its own instance and the nodes above it; each is in order, so the first that
/// applies is found by merging their heads. Built when a role set is first asked about; per action when that action first is.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/answer.hpp"
#include "engine/flat_map.hpp"
#include "engine/snapshot.hpp"

namespace sentinel::engine {

/// One permission as the role set holds it.
struct Entry {
    std::shared_ptr<const ResolvedPermission> permission;
    int priority = 0;
    std::uint32_t role = 0;  ///< index into MergedTable::roles
    // What the walk reads of each candidate, kept here so that it need not follow the pointer.
    Specificity specificity = 0;
    bool is_deny = false;
    bool is_guardrail = false;
    bool unconditional = false;

    const CompiledPermission& compiled() const noexcept { return *permission->compiled; }
};

/// A way in which an entry may reach a resource.
struct Reach {
    enum class Kind : std::uint8_t { form, instance, target };
    std::uint32_t position = 0;  ///< of the entry
    Kind kind = Kind::form;
    const Target* target = nullptr;
};

/// The entries of one action.
struct ActionTable {
    FlatMap by_type;      ///< NameId -> list of ALL and TYPE
    FlatMap by_instance;  ///< hash of type and id -> list; equal hashes are told apart when matched
    FlatMap by_base;      ///< NodeIndex -> list
    std::vector<std::vector<Reach>> lists;
    std::vector<std::uint32_t> type_lists;  ///< which of the lists by_type leads to
    std::vector<Reach> every_type;          ///< ALL alone, for types that no TYPE names
    bool has_time_leaf = false;
    bool names_fields = false;

    std::span<const Reach> of_type(NameId type) const noexcept;
    std::span<const Reach> of_instance(std::string_view type, std::string_view id) const noexcept;
    std::span<const Reach> of_base(NodeIndex base) const noexcept;
};

class MergedTable {
public:
    /// Merges what the set brings at `now`.
    MergedTable(const Snapshot& snapshot, const RoleSet& set, Instant now);

    std::span<const Entry> entries() const noexcept { return entries_; }
    const EffectiveRole& role(std::uint32_t index) const noexcept { return roles_[index]; }
    /// By priority falling, then id rising.
    std::span<const EffectiveRole> roles() const noexcept { return roles_; }
    std::uint32_t guardrails() const noexcept { return guardrails_; }
    /// What `user.roles` is for a permission of this owner.
    const json::Value& role_names(OwnerNumber owner) const noexcept { return role_names_[owner]; }
    const json::Value& group_names() const noexcept { return group_names_; }
    OwnerNumber owner_of(const Entry& entry) const noexcept { return role_owners_[entry.role]; }
    /// Group roles may begin and end: the table holds for from <= now < until.
    bool holds_at(Instant now) const noexcept { return (!from_ || *from_ <= now) && (!until_ || now < *until_); }
    std::optional<Instant> next_edge() const noexcept { return until_; }

    /// no_name for an action that nothing names.
    const ActionTable& action(NameId action, const Snapshot& snapshot);
    std::size_t bytes() const noexcept { return bytes_; }

private:
    struct Gathering;
    void add_entries(const Snapshot& snapshot, const Gathering& gathering);
    void index_entry(ActionTable& table, std::uint32_t position, const Snapshot& snapshot) const;
    void note_edges(const Validity& validity, Instant now);

    std::vector<Entry> entries_;
    std::vector<EffectiveRole> roles_;
    std::vector<OwnerNumber> role_owners_;
    std::vector<json::Value> role_names_;
    json::Value group_names_;
    std::uint32_t guardrails_ = 0;
    std::optional<Instant> from_;
    std::optional<Instant> until_;
    FlatMap action_numbers_;
    std::vector<std::unique_ptr<ActionTable>> actions_;
    std::size_t bytes_ = 0;
};

}  // namespace sentinel::engine
