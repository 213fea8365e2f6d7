/// Section 2: effective roles.

#include <algorithm>

#include "engine/reference/parts.hpp"

namespace sentinel::engine::reference {

namespace {

struct Named {
    const Role* role;
    std::size_t owner;
    friend bool operator==(const Named&, const Named&) = default;
};

std::optional<Named> find_role(const std::vector<Owner>& owners, const RoleId& id, std::size_t first, std::size_t end) {
    for (std::size_t owner = first; owner < end; ++owner) {
        for (const Role& role : *owners[owner].roles) {
            if (role.id == id) return Named{&role, owner};
        }
    }
    return std::nullopt;
}

/// An inactive role contributes nothing; an ancestor's `everyone` is not held here (clause 4).
void add(std::vector<Named>& roles, const std::optional<Named>& role) {
    if (!role || !role->role->active || (role->role->everyone && role->owner > 0)) return;
    if (std::ranges::find(roles, *role) == roles.end()) roles.push_back(*role);
}

bool names(const std::vector<RoleAssignment>& assignments, const RoleId& role, Instant now) {
    return std::ranges::any_of(assignments,
                               [&](const RoleAssignment& row) { return row.role == role && row.validity.holds_at(now); });
}

const Group* find_group(const TenantPolicy& policy, const std::optional<GroupId>& id) {
    if (!id) return nullptr;
    for (const Group& group : policy.groups) {
        if (group.id == *id) return &group;
    }
    return nullptr;
}

/// Clause 2: every active group of a live membership, and every active ancestor; an inactive one passes nothing on.
std::vector<const Group*> effective_groups(const TenantPolicy& policy, const Subject& subject, Instant now) {
    std::vector<const Group*> groups;
    for (const GroupMembership& membership : subject.groups) {
        if (!membership.validity.holds_at(now)) continue;
        const Group* group = find_group(policy, membership.group);
        while (group != nullptr && group->active && std::ranges::find(groups, group) == groups.end()) {
            groups.push_back(group);
            group = find_group(policy, group->parent);
        }
    }
    return groups;
}

/// Clauses 1, 2, 4 and 5: roles that are given by name, and `everyone`.
std::vector<Named> given_roles(const TenantPolicy& policy, const Subject& subject, const Holdings& holdings, Instant now) {
    std::vector<Named> roles;
    for (const RoleAssignment& row : subject.roles) {
        if (row.validity.holds_at(now)) add(roles, find_role(holdings.owners, row.role, 0, holdings.owners.size()));
    }
    for (const Group* group : holdings.groups) {
        for (const RoleAssignment& row : group->roles) {
            if (row.validity.holds_at(now)) add(roles, find_role(holdings.owners, row.role, 0, holdings.owners.size()));
        }
    }
    for (const Role& role : policy.roles) {
        if (role.everyone && subject.active) add(roles, Named{&role, 0});
    }
    return roles;
}

/// Section 7, `matched`: direct before inherited before group before everyone; ties by lowest name.
std::string held_as(const Named& held, const std::vector<Named>& roles, const Subject& subject, const Holdings& holdings,
                    Instant now) {
    if (names(subject.roles, held.role->id, now)) return "direct";
    std::optional<std::string> lowest;
    for (const Named& child : roles) {
        if (child.owner != held.owner || child.role->parent != held.role->id) continue;
        if (!lowest || child.role->name < *lowest) lowest = child.role->name;
    }
    if (lowest) return "inherited:" + *lowest;
    for (const Group* group : holdings.groups) {
        if (!names(group->roles, held.role->id, now)) continue;
        if (!lowest || group->name < *lowest) lowest = group->name;
    }
    return lowest ? "group:" + *lowest : "everyone";
}

}  // namespace

std::vector<Owner> owners_of(const TenantPolicy& policy) {
    std::vector<Owner> owners{{policy.id, &policy.roles, &policy.permissions, &policy.fields}};
    bool inherits = policy.inherit_permissions;
    for (const AncestorTenant& ancestor : policy.ancestors) {
        if (!inherits) break;
        owners.push_back({ancestor.id, &ancestor.roles, &ancestor.permissions, &ancestor.fields});
        inherits = ancestor.inherit_permissions;
    }
    return owners;
}

Holdings holdings_of(const TenantPolicy& policy, const Subject& subject, Instant now) {
    Holdings holdings{.owners = owners_of(policy), .groups = effective_groups(policy, subject, now), .roles = {}};
    auto roles = given_roles(policy, subject, holdings, now);
    // Clause 3: a child role has all that its parent has. The list grows while it is walked.
    for (std::size_t index = 0; index < roles.size(); ++index) {
        const Named child = roles[index];
        if (child.role->parent) add(roles, find_role(holdings.owners, *child.role->parent, child.owner, child.owner + 1));
    }
    for (const Named& held : roles) {
        holdings.roles.push_back({held.role, held.owner, held_as(held, roles, subject, holdings, now)});
    }
    std::ranges::sort(holdings.roles, [](const HeldRole& left, const HeldRole& right) {
        if (left.role->priority != right.role->priority) return left.role->priority > right.role->priority;
        return left.role->id < right.role->id;
    });
    return holdings;
}

}  // namespace sentinel::engine::reference
