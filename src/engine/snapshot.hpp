#pragma once
/// The compiled policy of one tenant at one revision. Immutable once published; its parts are persistent containers, so that the
/// next revision shares all that did not change.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.hpp"
#include "engine/fields.hpp"
#include "engine/permission.hpp"
#include "engine/subjects.hpp"
#include "engine/tree.hpp"

namespace sentinel::engine {

/// 0 = the tenant itself, n = its n-th nearest ancestor.
using OwnerNumber = std::uint32_t;

struct RoleRow {
    RoleId id;
    Role role;
    OwnerNumber owner = 0;
};
struct GroupRow {
    GroupId id;
    Group group;
};
/// A grant, parsed; its literals are looked up when it is asked about.
struct GrantRow {
    GrantId id;
    Grant grant;
    Selector selector;
};
/// All grants of one subject.
struct GrantsOfSubject {
    std::string subject;
    std::vector<std::shared_ptr<const GrantRow>> grants;
};

class Snapshot {
public:
    TenantId tenant;
    std::uint64_t revision = 1;
    bool tenant_active = true;
    std::vector<TenantId> owners;  ///< by OwnerNumber

    NamePool names;  ///< of types and actions, interned
    Tree tree;
    FieldCatalog fields;
    RowTable<ResolvedPermission> permissions;
    RowTable<RoleRow> roles;
    RowTable<GroupRow> groups;
    std::vector<RoleId> everyone;  ///< the tenant's own built-in roles that all hold
    Subjects subjects;
    /// Changes whenever anything that a merged table is made of does. Compared by address.
    std::shared_ptr<const char> merge_generation;

    bool has_grants() const noexcept { return grants_by_subject_.size() > 0; }
    const GrantsOfSubject* grants_of(std::string_view subject) const noexcept;
    /// The number of a known name, no_name otherwise (a name that nothing in the policy bears).
    NameId name(std::string_view text) const noexcept;
    /// Bytes of the snapshot, structure shared with other revisions included.
    std::size_t bytes() const noexcept;

    core::Faults load(const TenantPolicy& policy);
    core::Faults change(const Change& change);
    /// Every action named by a permission or grant, sorted.
    std::vector<std::string> action_names() const;

private:
    void put_resource(const Resource& resource, core::Faults& faults, bool in_place);
    void remove_resource(const ResourceId& id, core::Faults& faults);
    void put_permission(const Permission& permission, bool foreign, core::Faults& faults, bool in_place);
    void put_role(const Role& role, OwnerNumber owner, core::Faults& faults, bool in_place);
    void remove_role(const RoleId& id);
    void put_group(const Group& group, bool in_place);
    void remove_group(const GroupId& id);
    void remove_field(const FieldId& id);
    void put_grant(const Grant& grant, core::Faults& faults);
    void remove_grant(const GrantId& id);
    void load_resources(const TenantPolicy& policy, core::Faults& faults);
    void load_ancestors(const TenantPolicy& policy, core::Faults& faults);
    void put_field(const FieldDefinition& field, OwnerNumber owner);
    void resolve_again(const auto& concerned);
    void renew_merge_generation();

    RowTable<GrantRow> grants_;
    HashTrie<std::shared_ptr<const GrantsOfSubject>> grants_by_subject_;
    std::size_t policy_bytes_ = 0;
};

}  // namespace sentinel::engine
