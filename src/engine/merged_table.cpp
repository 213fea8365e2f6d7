#include "engine/merged_table.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace sentinel::engine {

namespace {

std::uint64_t instance_key(std::string_view type, std::string_view id) noexcept { return hash_bytes(id, hash_bytes(type)); }

std::span<const Reach> list_of(const ActionTable& table, const FlatMap& map, std::uint64_t key) noexcept {
    const std::uint32_t number = map.find(key);
    if (number == FlatMap::none) return {};
    return table.lists[number];
}

std::vector<Reach>& list_for(ActionTable& table, FlatMap& map, std::uint64_t key) {
    const std::uint32_t number = map.find_or_insert(key, static_cast<std::uint32_t>(table.lists.size()));
    if (number == table.lists.size()) table.lists.emplace_back();
    return table.lists[number];
}

/// The total order of semantics 4 as a tuple; less is earlier.
auto rank(const Entry& entry) {
    return std::tuple(!entry.is_guardrail, -entry.priority, ~entry.specificity, !entry.is_deny, entry.permission->id);
}

json::Value names_value(const std::set<std::string>& names) {
    json::Array array;
    array.reserve(names.size());
    for (const std::string& name : names) array.emplace_back(name);
    return array;
}

/// The earlier in the order of held_as wins, then the lower name.
void offer(std::map<RoleId, std::pair<int, std::string>>& held, const RoleId& role, int kind, const std::string& text) {
    auto [at, fresh] = held.try_emplace(role, kind, text);
    if (!fresh) at->second = std::min(at->second, std::pair(kind, text));
}
/// Before every edge that a time leaf can have, so that asking from here on finds any.
constexpr Instant beginning_of_time{.seconds = -62135596800, .nanoseconds = 0};

constexpr int held_directly = 0;
constexpr int held_by_inheritance = 1;
constexpr int held_through_group = 2;
constexpr int held_by_everyone = 3;

}  // namespace

std::span<const Reach> ActionTable::of_type(NameId type) const noexcept {
    const std::span<const Reach> listed = list_of(*this, by_type, type);
    return listed.empty() ? std::span<const Reach>(every_type) : listed;
}
std::span<const Reach> ActionTable::of_instance(std::string_view type, std::string_view id) const noexcept {
    return list_of(*this, by_instance, instance_key(type, id));
}
std::span<const Reach> ActionTable::of_base(NodeIndex base) const noexcept { return list_of(*this, by_base, base); }

/// Who is found on the way from the set to the effective roles.
struct MergedTable::Gathering {
    std::map<GroupId, const Group*> groups;
    std::map<RoleId, const RoleRow*> roles;
    std::map<RoleId, std::pair<int, std::string>> held;

    /// Takes a role and what it inherits: the closure over active parents of one owner. A cycle ends where it meets itself.
    void take_role(const Snapshot& snapshot, const RoleId& id) {
        for (const RoleRow* row = snapshot.roles.get(id); row != nullptr && row->role.active;) {
            if (row->role.everyone && row->owner > 0) return;  // an ancestor's `everyone` is not held here
            if (!roles.emplace(row->id, row).second) return;
            if (!row->role.parent) return;
            const RoleRow* parent = snapshot.roles.get(*row->role.parent);
            row = parent != nullptr && parent->owner == row->owner ? parent : nullptr;
        }
    }
    void take_group(const Snapshot& snapshot, const GroupId& id) {
        for (const GroupRow* row = snapshot.groups.get(id); row != nullptr && row->group.active;) {
            if (!groups.emplace(row->id, &row->group).second) return;
            row = row->group.parent ? snapshot.groups.get(*row->group.parent) : nullptr;
        }
    }
    /// Who inherits from whom is known when all roles are.
    void note_inheritance() {
        for (const auto& [id, row] : roles) {
            if (!row->role.parent) continue;
            const auto parent = roles.find(*row->role.parent);
            if (parent != roles.end() && parent->second->owner == row->owner) {
                offer(held, parent->first, held_by_inheritance, "inherited:" + row->role.name);
            }
        }
    }
};

void MergedTable::note_edges(const Validity& validity, Instant now) {
    if (!validity.active) return;
    for (const auto& edge : {validity.starts_at, validity.expires_at}) {
        if (!edge) continue;
        if (*edge <= now) {
            from_ = from_ ? std::max(*from_, *edge) : *edge;
        } else {
            until_ = until_ ? std::min(*until_, *edge) : *edge;
        }
    }
}

MergedTable::MergedTable(const Snapshot& snapshot, const RoleSet& set, Instant now) {
    Gathering gathering;
    for (const GroupId& group : set.groups) gathering.take_group(snapshot, group);
    for (const RoleId& role : set.roles) {
        gathering.take_role(snapshot, role);
        offer(gathering.held, role, held_directly, "direct");
    }
    for (const auto& [id, group] : gathering.groups) {
        for (const RoleAssignment& assignment : group->roles) {
            note_edges(assignment.validity, now);
            if (!assignment.validity.holds_at(now)) continue;
            gathering.take_role(snapshot, assignment.role);
            offer(gathering.held, assignment.role, held_through_group, "group:" + group->name);
        }
    }
    for (const RoleId& role : snapshot.everyone) {
        gathering.take_role(snapshot, role);
        offer(gathering.held, role, held_by_everyone, "everyone");
    }
    gathering.note_inheritance();

    std::set<std::string> group_names;
    for (const auto& [id, group] : gathering.groups) group_names.insert(group->name);
    group_names_ = names_value(group_names);
    add_entries(snapshot, gathering);
}

void MergedTable::add_entries(const Snapshot& snapshot, const Gathering& gathering) {
    std::vector<const RoleRow*> rows;
    for (const auto& [id, row] : gathering.roles) rows.push_back(row);
    std::ranges::sort(rows, {}, [](const RoleRow* row) { return std::pair(-row->role.priority, row->id); });

    std::vector<std::set<std::string>> names(snapshot.owners.size());
    std::set<PermissionId> seen;
    for (const RoleRow* row : rows) {
        const auto number = static_cast<std::uint32_t>(roles_.size());
        roles_.push_back(
            {row->id, snapshot.owners[row->owner], row->role.name, row->role.priority, gathering.held.at(row->id).second});
        role_owners_.push_back(row->owner);
        if (!row->role.everyone) {
            names[0].insert(row->role.name);
            if (row->owner > 0) names[row->owner].insert(row->role.name);
        }
        for (const PermissionId& id : row->role.permissions) {
            // Roles come by priority and id, so the first that carries a permission is the one that counts.
            const auto* permission = snapshot.permissions.find(id);
            if (permission == nullptr || !(*permission)->compiled->source.active || !seen.insert(id).second) continue;
            const CompiledPermission& compiled = *(*permission)->compiled;
            entries_.push_back({*permission, row->role.priority, number, (*permission)->selector.specificity, compiled.is_deny(),
                                compiled.is_guardrail(), compiled.condition.is_always_true()});
        }
    }
    std::ranges::sort(entries_, {}, rank);
    guardrails_ = static_cast<std::uint32_t>(std::ranges::find_if_not(entries_, &Entry::is_guardrail) - entries_.begin());
    for (const auto& of_owner : names) role_names_.push_back(names_value(of_owner));
    bytes_ = sizeof *this + entries_.capacity() * sizeof(Entry) + roles_.capacity() * (sizeof(EffectiveRole) + 64);
}

const ActionTable& MergedTable::action(NameId action, const Snapshot& snapshot) {
    const std::uint32_t number = action_numbers_.find_or_insert(action, static_cast<std::uint32_t>(actions_.size()));
    if (number < actions_.size()) return *actions_[number];
    const auto& table = actions_.emplace_back(std::make_unique<ActionTable>());
    for (std::uint32_t position = 0; position < entries_.size(); ++position) {
        const CompiledPermission& permission = entries_[position].compiled();
        const bool lists = permission.every_action ||
                           (action != no_name && std::ranges::any_of(permission.source.actions, [&](const std::string& name) {
                                return snapshot.name(name) == action;
                            }));
        if (lists) index_entry(*table, position, snapshot);
    }
    bytes_ += sizeof(ActionTable) + table->by_type.bytes() + table->by_instance.bytes() + table->by_base.bytes();
    for (const auto& list : table->lists) bytes_ += sizeof list + list.capacity() * sizeof(Reach);
    return *table;
}

void MergedTable::index_entry(ActionTable& table, std::uint32_t position, const Snapshot& snapshot) const {
    const Entry& entry = entries_[position];
    const ResolvedSelector& selector = entry.permission->selector;
    const TimeEdge edge = entry.compiled().condition.next_edge(beginning_of_time);
    table.has_time_leaf = table.has_time_leaf || !edge.computable || edge.next.has_value();
    table.names_fields = table.names_fields || entry.compiled().names_fields;
    switch (selector.form) {
        case SelectorForm::all:
            // An ALL stands in the list of each type named so far, and in that of all others.
            for (const std::uint32_t number : table.type_lists)
                table.lists[number].push_back({position, Reach::Kind::form, nullptr});
            table.every_type.push_back({position, Reach::Kind::form, nullptr});
            break;
        case SelectorForm::type: {
            const NameId type = snapshot.name(selector.type);
            const std::size_t before = table.lists.size();
            std::vector<Reach>& list = list_for(table, table.by_type, type);
            if (table.lists.size() > before) {
                table.type_lists.push_back(static_cast<std::uint32_t>(before));
                list = table.every_type;
            }
            list.push_back({position, Reach::Kind::form, nullptr});
            break;
        }
        case SelectorForm::instance:
            list_for(table, table.by_instance, instance_key(selector.type, selector.instance))
                .push_back({position, Reach::Kind::instance, nullptr});
            break;
        case SelectorForm::node: break;  // resolves to path
        case SelectorForm::path:
            for (const Target& target : selector.targets)
                list_for(table, table.by_base, target.base).push_back({position, Reach::Kind::target, &target});
            break;
    }
}

}  // namespace sentinel::engine
