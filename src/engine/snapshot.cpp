#include "engine/snapshot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

namespace sentinel::engine {

namespace {

using core::Fault;
using core::Faults;
using core::pointer_to;

constexpr int max_priority = 1000;

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

/// Runs `step` on each row; faults it adds get the row's place in front.
template <class Row, class Step>
void load_rows(const std::vector<Row>& rows, std::string_view pointer, Faults& faults, const Step& step) {
    for (std::size_t index = 0; index < rows.size(); ++index) {
        Faults own;
        step(rows[index], own);
        for (Fault& fault : own)
            faults.push_back({pointer_to(pointer, index) + fault.pointer, std::move(fault.code), std::move(fault.message)});
    }
}

std::size_t bytes_of(const Role& role) noexcept {
    return sizeof(RoleRow) + role.name.capacity() + role.permissions.capacity() * sizeof(PermissionId) + 64;
}
std::size_t bytes_of(const Group& group) noexcept {
    return sizeof(GroupRow) + group.name.capacity() + group.roles.capacity() * sizeof(RoleAssignment) + 64;
}
std::size_t bytes_of(const GrantRow& row) noexcept {
    return sizeof row + row.grant.resource_path.capacity() + row.grant.actions.size() * 48 + 128;
}
std::size_t bytes_of(const ResolvedPermission& row) noexcept {
    return sizeof row + row.compiled->bytes() + row.selector.targets.size() * sizeof(Target);
}

}  // namespace

const GrantsOfSubject* Snapshot::grants_of(std::string_view subject) const noexcept {
    if (grants_by_subject_.size() == 0) return nullptr;
    const auto* found =
        grants_by_subject_.find(hash_bytes(subject), [&](const auto& other) { return other->subject == subject; });
    return found == nullptr ? nullptr : found->get();
}

NameId Snapshot::name(std::string_view text) const noexcept { return names.find(text); }

std::size_t Snapshot::bytes() const noexcept {
    return sizeof *this + names.bytes() + tree.bytes() + fields.bytes() + subjects.bytes() + policy_bytes_;
}

void Snapshot::renew_merge_generation() { merge_generation = std::make_shared<const char>('\0'); }

// ---- resources ---------------------------------------------------------------------------------------------------

void Snapshot::put_resource(const Resource& resource, Faults& faults, bool in_place) {
    const NodeIndex self = tree.find(resource.id);
    if (core::Uuid::parse(resource.code))
        faults.push_back({"/code", "format", fmt::format("The code `{}` looks like a UUID.", resource.code)});
    if (!is_type_name(resource.type))
        faults.push_back({"/type", "format", fmt::format("`{}` is no resource type.", resource.type)});
    if (resource.parent) {
        NodeIndex above = tree.find(*resource.parent);
        if (above == no_node)
            faults.push_back({"/parent", "reference", fmt::format("The parent {} is not registered.", resource.parent->text())});
        const bool takes_others_along = self != no_node && tree.node(self).parent != above && tree.has_children(self);
        const std::uint32_t below = takes_others_along ? tree.height(self) : 0;
        if (above != no_node && tree.node(above).depth + 1 + below >= max_tree_depth) {
            faults.push_back({"/parent", "limit", fmt::format("A chain holds at most {} resources.", max_tree_depth)});
        }
        for (; above != no_node; above = tree.node(above).parent) {
            if (above == self) faults.push_back({"/parent", "cycle", "A resource cannot lie below itself."});
        }
    }
    const NameId known_type = name(resource.type);
    const NodeIndex bearer = known_type == no_name ? no_node : tree.find(known_type, resource.code);
    if (bearer != no_node && bearer != self) {
        faults.push_back({"/code", "duplicate", fmt::format("{}/{} is registered already.", resource.type, resource.code)});
    }
    if (!faults.empty()) return;

    std::optional<Resource> before;
    if (self != no_node) before = tree.node(self).resource;
    const Tree::Effect effect = tree.put(resource, names.acquire(resource.type, in_place), in_place);
    if (in_place) return;  // while loading, permissions come after the tree
    if (effect.places) {
        resolve_again([](const Selector&) { return true; });
    } else if (effect.names) {
        resolve_again(
            [&](const Selector& selector) { return mentions(selector, resource) || (before && mentions(selector, *before)); });
    }
}

void Snapshot::remove_resource(const ResourceId& id, Faults& faults) {
    const NodeIndex index = tree.find(id);
    if (index == no_node) return;
    if (tree.has_children(index)) {
        faults.push_back({"/id", "conflict", fmt::format("The resource {} has others below it.", id.text())});
        return;
    }
    const Resource gone = tree.node(index).resource;
    tree.remove(id);
    resolve_again([&](const Selector& selector) { return mentions(selector, gone); });
}

void Snapshot::resolve_again(const auto& concerned) {
    std::vector<std::shared_ptr<const CompiledPermission>> stale;
    permissions.for_each([&](const auto& row) {
        if (row->compiled->resolves() && concerned(row->compiled->selector)) stale.push_back(row->compiled);
    });
    for (const auto& compiled : stale) {
        policy_bytes_ -= bytes_of(*permissions.get(compiled->id));
        auto row = resolve(compiled, tree, names);
        policy_bytes_ += bytes_of(*row);
        permissions.put(std::move(row), false);
    }
    if (!stale.empty()) renew_merge_generation();
}

/// Parents first, whatever the order of the list. What is left over hangs on a cycle or on a parent that does not exist.
void Snapshot::load_resources(const TenantPolicy& policy, Faults& faults) {
    std::unordered_map<ResourceId, std::vector<std::size_t>> children;
    std::vector<std::size_t> ready;
    std::set<ResourceId> seen;
    for (std::size_t index = 0; index < policy.resources.size(); ++index) {
        const Resource& resource = policy.resources[index];
        if (!seen.insert(resource.id).second) {
            faults.push_back({pointer_to("/resources", index) + "/id", "duplicate",
                              fmt::format("The id {} is used twice.", resource.id.text())});
        } else if (resource.parent) {
            children[*resource.parent].push_back(index);
        } else {
            ready.push_back(index);
        }
    }
    std::size_t placed = 0;
    while (!ready.empty()) {
        const std::size_t index = ready.back();
        ready.pop_back();
        ++placed;
        const Resource& resource = policy.resources[index];
        Faults own;
        put_resource(resource, own, true);
        for (Fault& fault : own)
            faults.push_back({pointer_to("/resources", index) + fault.pointer, std::move(fault.code), std::move(fault.message)});
        if (const auto below = children.find(resource.id); below != children.end() && own.empty()) {
            ready.insert(ready.end(), below->second.begin(), below->second.end());
            children.erase(below);
        }
    }
    if (!faults.empty() || placed == policy.resources.size()) return;
    for (const auto& [parent, indexes] : children) {
        for (const std::size_t index : indexes) {
            faults.push_back({pointer_to("/resources", index) + "/parent", "reference",
                              fmt::format("The parent {} is not registered, or lies below this resource.", parent.text())});
        }
    }
    std::ranges::sort(faults, {}, &Fault::pointer);
}

// ---- permissions, roles, groups ------------------------------------------------------------------------------------

void Snapshot::put_permission(const Permission& permission, bool foreign, Faults& faults, bool in_place) {
    auto compiled = compile(permission, foreign);
    if (!compiled) {
        faults.insert(faults.end(), compiled.error().begin(), compiled.error().end());
        return;
    }
    const auto intern = [&](const std::string& text) { names.acquire(text, in_place); };
    for (const std::string& action : permission.actions) intern(action);
    if (!(*compiled)->selector.type.empty()) intern((*compiled)->selector.type);
    if (const ResolvedPermission* before = permissions.get(permission.id)) policy_bytes_ -= bytes_of(*before);
    auto row = resolve(std::move(*compiled), tree, names);
    policy_bytes_ += bytes_of(*row);
    permissions.put(std::move(row), in_place);
}

void Snapshot::put_role(const Role& role, OwnerNumber owner, Faults& faults, bool in_place) {
    if (role.priority < 0 || role.priority > max_priority) {
        faults.push_back({"/priority", "range", fmt::format("A priority is 0 to {}, not {}.", max_priority, role.priority)});
        return;
    }
    remove_role(role.id);
    auto row = std::make_shared<const RoleRow>(RoleRow{role.id, role, owner});
    policy_bytes_ += bytes_of(row->role);
    roles.put(std::move(row), in_place);
    if (role.everyone && owner == 0) everyone.push_back(role.id);
}

void Snapshot::remove_role(const RoleId& id) {
    const RoleRow* row = roles.get(id);
    if (row == nullptr) return;
    policy_bytes_ -= bytes_of(row->role);
    roles.erase(id);
    std::erase(everyone, id);
}

void Snapshot::put_group(const Group& group, bool in_place) {
    remove_group(group.id);
    auto row = std::make_shared<const GroupRow>(GroupRow{group.id, group});
    policy_bytes_ += bytes_of(row->group);
    groups.put(std::move(row), in_place);
}

void Snapshot::remove_group(const GroupId& id) {
    const GroupRow* row = groups.get(id);
    if (row == nullptr) return;
    policy_bytes_ -= bytes_of(row->group);
    groups.erase(id);
}

// ---- grants --------------------------------------------------------------------------------------------------------

void Snapshot::put_grant(const Grant& grant, Faults& faults) {
    auto selector = parse_selector(grant.resource_type, grant.resource_id, grant.resource_path);
    if (!selector) {
        faults.push_back(selector.error());
        return;
    }
    remove_grant(grant.id);
    auto row = std::make_shared<const GrantRow>(GrantRow{grant.id, grant, std::move(*selector)});
    for (const std::string& action : grant.actions) names.acquire(action, false);
    if (!row->selector.type.empty()) names.acquire(row->selector.type, false);
    policy_bytes_ += bytes_of(*row);
    grants_.put(row, false);

    GrantsOfSubject all{.subject = grant.subject.text};
    if (const GrantsOfSubject* before = grants_of(grant.subject.text)) all = *before;
    all.grants.push_back(std::move(row));
    grants_by_subject_.insert(
        std::make_shared<const GrantsOfSubject>(std::move(all)), hash_bytes(grant.subject.text),
        [&](const auto& other) { return other->subject == grant.subject.text; },
        [](const auto& other) { return hash_bytes(other->subject); });
}

void Snapshot::remove_grant(const GrantId& id) {
    const GrantRow* row = grants_.get(id);
    if (row == nullptr) return;
    policy_bytes_ -= bytes_of(*row);
    const std::string subject = row->grant.subject.text;
    grants_.erase(id);
    GrantsOfSubject left = *grants_of(subject);
    std::erase_if(left.grants, [&](const auto& grant) { return grant->id == id; });
    const auto match = [&](const auto& other) { return other->subject == subject; };
    if (left.grants.empty()) {
        grants_by_subject_.erase(hash_bytes(subject), match);
    } else {
        grants_by_subject_.insert(std::make_shared<const GrantsOfSubject>(std::move(left)), hash_bytes(subject), match,
                                  [](const auto& other) { return hash_bytes(other->subject); });
    }
}

// ---- the whole -------------------------------------------------------------------------------------------------------

void Snapshot::put_field(const FieldDefinition& field, OwnerNumber owner) {
    if (owner > 0 && !field.platform && field.tier != Tier::core) return;  // ancestors lend core rows alone (08 rule 2)
    fields.put({field.id, field, field.platform ? platform_layer : owner, owner > 0});
}

void Snapshot::remove_field(const FieldId& id) {
    const FieldRow* row = fields.row(id);
    if (row != nullptr && !row->foreign) fields.remove(id);  // an ancestor's rows are not ours to change
}

/// An ancestor's rows count while `inherit_permissions` is on in an unbroken chain; platform-wide fields always.
void Snapshot::load_ancestors(const TenantPolicy& policy, Faults& faults) {
    bool unbroken = policy.inherit_permissions;
    for (std::size_t index = 0; index < policy.ancestors.size(); ++index) {
        const AncestorTenant& ancestor = policy.ancestors[index];
        const std::string pointer = pointer_to("/ancestors", index);
        const auto owner = static_cast<OwnerNumber>(index + 1);
        owners.push_back(ancestor.id);
        for (const FieldDefinition& field : ancestor.fields) {
            if (unbroken || field.platform) put_field(field, owner);
        }
        if (unbroken) {
            load_rows(ancestor.permissions, pointer + "/permissions", faults,
                      [&](const Permission& permission, Faults& own) { put_permission(permission, true, own, true); });
            load_rows(ancestor.roles, pointer + "/roles", faults,
                      [&](const Role& role, Faults& own) { put_role(role, owner, own, true); });
        }
        unbroken = unbroken && ancestor.inherit_permissions;
    }
}

Faults Snapshot::load(const TenantPolicy& policy) {
    Faults faults;
    tenant = policy.id;
    revision = policy.revision;
    tenant_active = policy.active;
    owners.push_back(policy.id);
    load_resources(policy, faults);
    for (const FieldDefinition& field : policy.fields) put_field(field, 0);
    load_rows(policy.permissions, "/permissions", faults,
              [&](const Permission& permission, Faults& own) { put_permission(permission, false, own, true); });
    load_rows(policy.roles, "/roles", faults, [&](const Role& role, Faults& own) { put_role(role, 0, own, true); });
    load_ancestors(policy, faults);
    for (const Group& group : policy.groups) put_group(group, true);
    for (const Subject& subject : policy.subjects) subjects.put(subject, true);
    load_rows(policy.grants, "/grants", faults, [&](const Grant& grant, Faults& own) { put_grant(grant, own); });
    renew_merge_generation();
    return faults;
}

Faults Snapshot::change(const Change& change) {
    Faults faults;
    const auto remerge = [&](const auto& step) {
        step();
        renew_merge_generation();
    };
    std::visit(Overloaded{
                   [&](const PutResource& put) { put_resource(put.value, faults, false); },
                   [&](const RemoveResource& remove) { remove_resource(remove.id, faults); },
                   [&](const PutField& put) { put_field(put.value, 0); },
                   [&](const RemoveField& remove) { remove_field(remove.id); },
                   [&](const PutPermission& put) { remerge([&] { put_permission(put.value, false, faults, false); }); },
                   [&](const RemovePermission& remove) {
                       remerge([&] {
                           const ResolvedPermission* row = permissions.get(remove.id);
                           if (row == nullptr || row->compiled->foreign) return;  // an ancestor's rows are not ours to change
                           policy_bytes_ -= bytes_of(*row);
                           permissions.erase(remove.id);
                       });
                   },
                   [&](const PutRole& put) { remerge([&] { put_role(put.value, 0, faults, false); }); },
                   [&](const RemoveRole& remove) {
                       const RoleRow* row = roles.get(remove.id);
                       if (row != nullptr && row->owner == 0) remerge([&] { remove_role(remove.id); });
                   },
                   [&](const PutGroup& put) { remerge([&] { put_group(put.value, false); }); },
                   [&](const RemoveGroup& remove) { remerge([&] { remove_group(remove.id); }); },
                   [&](const PutSubject& put) { subjects.put(put.value, false); },
                   [&](const RemoveSubject& remove) { subjects.remove(remove.id.text); },
                   [&](const PutGrant& put) { put_grant(put.value, faults); },
                   [&](const RemoveGrant& remove) { remove_grant(remove.id); },
                   [&](const SetTenantActive& set) { tenant_active = set.active; },
               },
               change);
    ++revision;
    return faults;
}

std::vector<std::string> Snapshot::action_names() const {
    std::set<std::string> actions;
    permissions.for_each(
        [&](const auto& row) { actions.insert(row->compiled->source.actions.begin(), row->compiled->source.actions.end()); });
    grants_by_subject_.for_each([&](const auto& of_subject) {
        for (const auto& row : of_subject->grants) actions.insert(row->grant.actions.begin(), row->grant.actions.end());
    });
    actions.erase(std::string(wildcard));
    return {actions.begin(), actions.end()};
}

std::expected<SnapshotPointer, Faults> build(const TenantPolicy& policy) {
    auto snapshot = std::make_shared<Snapshot>();
    Faults faults = snapshot->load(policy);
    if (!faults.empty()) return std::unexpected(std::move(faults));
    return snapshot;
}

std::expected<SnapshotPointer, Faults> apply(const SnapshotPointer& snapshot, std::span<const Change> changes) {
    auto next = std::make_shared<Snapshot>(*snapshot);
    for (std::size_t index = 0; index < changes.size(); ++index) {
        Faults faults = next->change(changes[index]);
        if (faults.empty()) continue;
        for (Fault& fault : faults) fault.pointer = pointer_to("", index) + fault.pointer;
        return std::unexpected(std::move(faults));
    }
    return next;
}

std::uint64_t revision_of(const Snapshot& snapshot) noexcept { return snapshot.revision; }
std::size_t bytes_of(const Snapshot& snapshot) noexcept { return snapshot.bytes(); }
std::size_t role_sets_of(const Snapshot& snapshot) noexcept { return snapshot.subjects.role_sets(); }

}  // namespace sentinel::engine
