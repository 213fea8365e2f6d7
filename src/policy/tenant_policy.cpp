#include "policy/tenant_policy.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "policy/conversion.hpp"

namespace sentinel::policy {

namespace {

/// Namespace of all ids of documents; must never change.
constexpr core::Uuid document_namespace{
    {0x5e, 0x97, 0x1e, 0x11, 0x0d, 0x0c, 0x4b, 0x5a, 0x9d, 0x35, 0x6b, 0x1f, 0x2c, 0x0e, 0x7a, 0x48}};

template <class Row>
std::optional<Row> optional_id(const IdMaker& ids, std::string_view kind, const std::optional<std::string>& key) {
    return key ? std::optional(ids.make<Row>(kind, *key)) : std::nullopt;
}

/// Everything one tenant's rows need of others: its own ids, and where roles of ancestors are looked up.
class Converter {
public:
    explicit Converter(const Document& document) : document_(&document), ids_(document.tenant) {}

    const IdMaker& ids() const noexcept { return ids_; }

    engine::Resource resource(const std::string& key, const ResourceRow& row) const {
        const std::size_t slash = key.find('/');
        return {.id = ids_.make<engine::ResourceId>("resource", key),
                .type = key.substr(0, slash),
                .code = key.substr(slash + 1),
                .parent = optional_id<engine::ResourceId>(ids_, "resource", row.parent),
                .attributes = row.attributes,
                .workflow_state = row.workflow_state,
                .active = row.is_active};
    }

    engine::FieldDefinition field(const std::string& key, const FieldRow& row) const {
        const std::size_t slash = key.find('/');
        return {.id = ids_.make<engine::FieldId>("field", key),
                .entity_type = key.substr(0, slash),
                .name = key.substr(slash + 1),
                .tier = row.tier,
                .default_visibility = row.default_visibility,
                .authoritative = row.is_authoritative,
                .active = row.is_active,
                .platform = row.platform};
    }

    engine::Permission permission(const std::string& key, const PermissionRow& row) const {
        engine::Permission permission =
            engine_permission(row, optional_id<engine::ResourceId>(ids_, "resource", row.target.resource));
        permission.id = ids_.make<engine::PermissionId>("permission", key);
        permission.key = key;
        return permission;
    }

    engine::Permission tenant_admin_permission() const {
        PermissionRow row;
        row.target = {.resource_type = "*", .resource = {}, .resource_path = "**"};
        row.actions = {"*"};
        for (auto& tier : row.fields) tier["*"] = engine::field_write;
        engine::Permission permission_of_role = permission(std::string(tenant_admin_permission_key), row);
        permission_of_role.key.clear();  // as on the server: it has no key that a document could use
        return permission_of_role;
    }

    engine::Role role(const std::string& name, const RoleRow& row) const {
        engine::Role role{.id = ids_.make<engine::RoleId>("role", name),
                          .name = name,
                          .priority = row.priority,
                          .parent = optional_id<engine::RoleId>(ids_, "role", row.parent),
                          .permissions = {},
                          .active = row.is_active,
                          .everyone = name == "everyone"};
        for (const std::string& key : row.permissions)
            role.permissions.push_back(ids_.make<engine::PermissionId>("permission", key));
        return role;
    }

    std::vector<engine::Role> roles() const {
        std::vector<engine::Role> roles;
        for (const auto& [name, priority] : built_in_roles()) {
            const auto written = document_->roles.find(name);
            RoleRow row = written == document_->roles.end() ? RoleRow{} : written->second;
            row.priority = priority;
            if (name == "tenant_admin") row.permissions.emplace_back(tenant_admin_permission_key);
            roles.push_back(role(std::string(name), row));
        }
        for (const auto& [name, row] : document_->roles) {
            if (!is_built_in_role(name)) roles.push_back(role(name, row));
        }
        return roles;
    }

    std::vector<engine::Permission> permissions() const {
        std::vector<engine::Permission> permissions{tenant_admin_permission()};
        for (const auto& [key, row] : document_->permissions) permissions.push_back(permission(key, row));
        return permissions;
    }

    std::vector<engine::FieldDefinition> fields() const {
        std::vector<engine::FieldDefinition> fields;
        for (const auto& [key, row] : document_->fields) fields.push_back(field(key, row));
        return fields;
    }

    /// The tenant's own role of that name, else the nearest ancestor's.
    engine::RoleId role_id(const std::string& name) const {
        if (!is_built_in_role(name) && !document_->roles.contains(name)) {
            const auto owner = std::ranges::find_if(document_->ancestors,
                                                    [&](const Document& ancestor) { return ancestor.roles.contains(name); });
            if (owner != document_->ancestors.end()) return IdMaker(owner->tenant).make<engine::RoleId>("role", name);
        }
        return ids_.make<engine::RoleId>("role", name);
    }

    std::vector<engine::RoleAssignment> role_assignments(const std::vector<Assignment>& assignments) const {
        std::vector<engine::RoleAssignment> roles;
        for (const Assignment& assignment : assignments)
            roles.push_back({.role = role_id(assignment.name), .validity = assignment.validity});
        return roles;
    }

    std::vector<engine::GroupMembership> memberships(const std::vector<Assignment>& assignments) const {
        std::vector<engine::GroupMembership> groups;
        for (const Assignment& assignment : assignments) {
            groups.push_back({.group = ids_.make<engine::GroupId>("group", assignment.name), .validity = assignment.validity});
        }
        return groups;
    }

    engine::Group group(const std::string& name, const GroupRow& row) const {
        return {.id = ids_.make<engine::GroupId>("group", name),
                .name = name,
                .parent = optional_id<engine::GroupId>(ids_, "group", row.parent),
                .roles = role_assignments(row.roles),
                .active = row.is_active};
    }

    engine::Subject subject(const std::string& id, const UserRow& row) const {
        return {.id = {id},
                .active = row.status == UserStatus::active,
                .is_service_account = row.is_service_account,
                .email_domain = row.email_domain,
                .attributes = row.attributes,
                .roles = role_assignments(row.roles),
                .groups = memberships(row.groups)};
    }

    engine::Grant grant(const std::string& key, const GrantRow& row) const {
        return {.id = ids_.make<engine::GrantId>("grant", key),
                .request = row.request,
                .subject = {row.user},
                .resource_type = row.target.resource_type,
                .resource_id = optional_id<engine::ResourceId>(ids_, "resource", row.target.resource),
                .resource_path = row.target.resource_path.value_or(""),
                .actions = row.actions,
                .validity = row.validity,
                .applies_to_descendants = row.applies_to_descendants};
    }

private:
    const Document* document_;
    IdMaker ids_;
};

engine::AncestorTenant ancestor_tenant(const Document& document) {
    const Converter converter(document);
    return {.id = converter.ids().tenant(),
            .inherit_permissions = document.inherit_permissions,
            .roles = converter.roles(),
            .permissions = converter.permissions(),
            .fields = converter.fields()};
}

void note_roles_and_permissions(Names& names, const std::vector<engine::Role>& roles,
                                const std::vector<engine::Permission>& permissions) {
    for (const engine::Role& role : roles) names.roles[role.id] = role.name;
    for (const engine::Permission& permission : permissions) {
        names.permissions[permission.id] = permission.key.empty() ? std::string(tenant_admin_permission_key) : permission.key;
    }
}

Names names_of(const engine::TenantPolicy& policy, const Document& document, const IdMaker& ids) {
    Names names;
    names.tenant = policy.id;
    note_roles_and_permissions(names, policy.roles, policy.permissions);
    for (const engine::AncestorTenant& ancestor : policy.ancestors)
        note_roles_and_permissions(names, ancestor.roles, ancestor.permissions);
    for (const engine::Resource& resource : policy.resources)
        names.resources[resource.id] = fmt::format("{}/{}", resource.type, resource.code);
    for (const auto& [key, row] : document.grants) names.grants[ids.make<engine::GrantId>("grant", key)] = key;
    return names;
}

}  // namespace

// ---- conversion.hpp ----------------------------------------------------------------------------------------------

IdMaker::IdMaker(std::string_view tenant) : tenant_(core::Uuid::v5(document_namespace, tenant)) {}

core::Uuid IdMaker::name_based(std::string_view kind, std::string_view key) const {
    return core::Uuid::v5(tenant_, fmt::format("{}\n{}", kind, key));
}

engine::Permission engine_permission(const PermissionRow& row, std::optional<engine::ResourceId> resource) {
    engine::Permission permission;
    permission.resource_type = row.target.resource_type;
    permission.resource_path = row.target.resource ? "" : row.target.resource_path.value_or("");
    if (permission.resource_path.empty() && (row.target.resource || !row.target.resource_path))
        permission.resource_id = resource.value_or(engine::ResourceId{});
    permission.actions = row.actions;
    permission.conditions = row.conditions;
    permission.fields = row.fields;
    permission.effect = row.effect;
    permission.enforced = row.enforced;
    permission.applies_to_descendants = row.applies_to_descendants;
    permission.active = row.is_active;
    return permission;
}

std::string document_pointer(std::string_view engine_pointer) {
    static constexpr std::pair<std::string_view, std::string_view> renamed[] = {{"/resource_id", "/resource"},
                                                                                {"/field_permissions", "/fields"}};
    for (const auto& [from, to] : renamed) {
        if (engine_pointer.starts_with(from)) return fmt::format("{}{}", to, engine_pointer.substr(from.size()));
    }
    return std::string(engine_pointer);
}

core::json::Value rights_value(const engine::FieldRights& rights) {
    core::json::Array array;
    if (rights.hidden) array.emplace_back("hidden");
    if (rights.read) array.emplace_back("read");
    if (rights.write) array.emplace_back("write");
    return array;
}

// ---- tenant_policy.hpp -------------------------------------------------------------------------------------------

NamedPolicy to_tenant_policy(const Document& document) {
    const Converter converter(document);
    engine::TenantPolicy policy;
    policy.id = converter.ids().tenant();
    policy.active = document.status == TenantStatus::active;
    policy.inherit_permissions = document.inherit_permissions;
    for (const auto& [key, row] : document.resources) policy.resources.push_back(converter.resource(key, row));
    policy.fields = converter.fields();
    policy.permissions = converter.permissions();
    policy.roles = converter.roles();
    for (const auto& [name, row] : document.groups) policy.groups.push_back(converter.group(name, row));
    for (const auto& [id, row] : document.users) policy.subjects.push_back(converter.subject(id, row));
    for (const auto& [key, row] : document.grants) policy.grants.push_back(converter.grant(key, row));
    for (const Document& ancestor : document.ancestors) policy.ancestors.push_back(ancestor_tenant(ancestor));
    Names names = names_of(policy, document, converter.ids());
    return {.policy = std::move(policy), .names = std::move(names)};
}

engine::Subject imagined_subject(const Document& document, const ImaginedSubject& imagined) {
    std::string id = "(imagined)";
    while (document.users.contains(id)) id += '*';
    UserRow row;
    row.attributes = imagined.attributes;
    row.roles = imagined.roles;
    row.groups = imagined.groups;
    return Converter(document).subject(id, row);
}

}  // namespace sentinel::policy
