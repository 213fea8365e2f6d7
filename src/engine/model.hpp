#pragma once
/// The input of the engine: one tenant's policy as plain data, in the terms of docs/decision-semantics.md.
/// Both the engine (snapshot.hpp) and the reference evaluator (reference/) read this and nothing else.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "core/vocabulary.hpp"

namespace sentinel::engine {

using core::Instant;
namespace json = core::json;

using core::GroupId;
using core::PermissionId;
using core::ResourceId;
using core::RoleId;
using core::TenantId;
using GrantId = core::Id<struct GrantTag>;
using RequestId = core::Id<struct RequestTag>;
using FieldId = core::Id<struct FieldTag>;

/// A person or service account: any text of 1-255 bytes (on the server the text of a UUID).
struct SubjectId {
    std::string text;
    friend auto operator<=>(const SubjectId&, const SubjectId&) noexcept = default;
};

enum class Effect : std::uint8_t { allow, deny };

enum class Tier : std::uint8_t { core, platform_dynamic, tenant_specific };
inline constexpr std::array all_tiers{Tier::core, Tier::platform_dynamic, Tier::tenant_specific};
std::string_view tier_text(Tier tier) noexcept;

/// What a permission or a definition says of a field. Normal form: write implies read, hidden stands alone.
struct FieldRights {
    bool read = false;
    bool write = false;
    bool hidden = false;
    friend auto operator<=>(const FieldRights&, const FieldRights&) noexcept = default;
};
inline constexpr FieldRights field_read{.read = true};
inline constexpr FieldRights field_write{.read = true, .write = true};
inline constexpr FieldRights field_hidden{.hidden = true};

/// Per tier: field name (or "*") -> rights. Indexed by Tier.
using FieldMap = std::array<std::map<std::string, FieldRights, std::less<>>, 3>;

/// When a row counts: active, and starts_at <= now < expires_at (absent = unbounded).
struct Validity {
    bool active = true;
    std::optional<Instant> starts_at;
    std::optional<Instant> expires_at;
    bool holds_at(Instant now) const noexcept {
        return active && (!starts_at || *starts_at <= now) && (!expires_at || now < *expires_at);
    }
    friend bool operator==(const Validity&, const Validity&) = default;
};

/// A node of the tenant's resource tree (07).
struct Resource {
    ResourceId id;
    std::string type;
    std::string code;
    std::optional<ResourceId> parent;
    json::Object attributes;
    std::optional<std::string> workflow_state;
    bool active = true;
};

/// A permission (06). Exactly one of resource_id and resource_path is set; the path is one of
/// `**`, `*/*`, `T/*`, `T/x`, or an absolute path whose segments may be `*` and `**`.
struct Permission {
    PermissionId id;
    std::string key;  ///< name used by policy documents; may be empty
    std::string resource_type;
    std::optional<ResourceId> resource_id;
    std::string resource_path;
    std::vector<std::string> actions;
    json::Object conditions;
    FieldMap fields;
    Effect effect = Effect::allow;
    bool enforced = false;
    bool applies_to_descendants = true;
    bool active = true;
};

/// A role (04). `everyone` marks the built-in role that each active subject of this tenant holds.
struct Role {
    RoleId id;
    std::string name;
    int priority = 0;
    std::optional<RoleId> parent;
    std::vector<PermissionId> permissions;
    bool active = true;
    bool everyone = false;
};

/// A role given to a subject or a group. The role is one of the tenant's own or, where inheritance is on, of an ancestor.
struct RoleAssignment {
    RoleId role;
    Validity validity;
    friend bool operator==(const RoleAssignment&, const RoleAssignment&) = default;
};

/// A group (05). Members of a group are members of its active ancestors.
struct Group {
    GroupId id;
    std::string name;
    std::optional<GroupId> parent;
    std::vector<RoleAssignment> roles;
    bool active = true;
};

struct GroupMembership {
    GroupId group;
    Validity validity;
    friend bool operator==(const GroupMembership&, const GroupMembership&) = default;
};

/// A person or service account. `active` is false when inactive or locked by an administrator.
struct Subject {
    SubjectId id;
    bool active = true;
    bool is_service_account = false;
    std::optional<std::string> email_domain;
    json::Object attributes;
    std::vector<RoleAssignment> roles;
    std::vector<GroupMembership> groups;
};

/// A grant of mode `elevate` (10): a user-level allow over [starts_at, expires_at), without fields or conditions.
struct Grant {
    GrantId id;
    std::optional<RequestId> request;
    SubjectId subject;
    std::string resource_type;
    std::optional<ResourceId> resource_id;
    std::string resource_path;
    std::vector<std::string> actions;
    Validity validity;
    bool applies_to_descendants = true;
};

/// What one definition of a field says (08). `platform` marks a platform-wide row (the farthest layer of rule 2).
struct FieldDefinition {
    FieldId id;
    std::string entity_type;
    std::string name;
    Tier tier = Tier::core;
    FieldRights default_visibility = field_read;
    bool authoritative = false;
    bool active = true;
    bool platform = false;
};

/// What an ancestor tenant lends: roles with their permissions, and its field definitions.
struct AncestorTenant {
    TenantId id;
    bool inherit_permissions = false;  ///< towards its own parent
    std::vector<Role> roles;
    std::vector<Permission> permissions;
    std::vector<FieldDefinition> fields;
};

/// One tenant's policy. Lists are in no particular order; ids are unique in the whole document, ancestors included.
struct TenantPolicy {
    TenantId id;
    std::uint64_t revision = 1;
    bool active = true;
    bool inherit_permissions = false;
    std::vector<Resource> resources;
    std::vector<FieldDefinition> fields;
    std::vector<Permission> permissions;
    std::vector<Role> roles;
    std::vector<Group> groups;
    std::vector<Subject> subjects;
    std::vector<Grant> grants;
    std::vector<AncestorTenant> ancestors;  ///< nearest first
};

// ---- changes -----------------------------------------------------------------------------------------------------

/// One change of the policy: `Put` inserts or replaces by id, `Remove` deletes (of something absent: no effect).
// clang-format off
struct PutResource { Resource value; };
struct RemoveResource { ResourceId id; };
struct PutField { FieldDefinition value; };
struct RemoveField { FieldId id; };
struct PutPermission { Permission value; };
struct RemovePermission { PermissionId id; };
struct PutRole { Role value; };
struct RemoveRole { RoleId id; };
struct PutGroup { Group value; };
struct RemoveGroup { GroupId id; };
struct PutSubject { Subject value; };
struct RemoveSubject { SubjectId id; };
struct PutGrant { Grant value; };
struct RemoveGrant { GrantId id; };
struct SetTenantActive { bool active; };
// clang-format on

using Change = std::variant<PutResource, RemoveResource, PutField, RemoveField, PutPermission, RemovePermission, PutRole,
                            RemoveRole, PutGroup, RemoveGroup, PutSubject, RemoveSubject, PutGrant, RemoveGrant, SetTenantActive>;

/// Applies one change to the plain data (own rows only, never an ancestor's) and raises the revision by one. O(n): for tests,
/// tools and the reference; the engine's own way is apply of a snapshot (engine.hpp).
void apply(TenantPolicy& policy, const Change& change);

}  // namespace sentinel::engine
