#include "policy/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/engine.hpp"
#include "policy/conversion.hpp"
#include "policy/reading.hpp"

namespace sentinel::policy {

namespace {

constexpr std::size_t max_actions = 32;  ///< of a permission (06), kept here so that validate is not given more

/// Splits `type/code` at its first slash.
std::pair<std::string_view, std::string_view> split_key(std::string_view key) {
    const std::size_t slash = key.find('/');
    return slash == std::string_view::npos ? std::pair(key, std::string_view())
                                           : std::pair(key.substr(0, slash), key.substr(slash + 1));
}

void check_form(Reading& reading, const Node::Member& member, const Place& place, bool legal, std::string_view what) {
    if (!legal) reading.fault(place, member.line, "format", fmt::format("{} is no {}", quoted(member.name), what));
}

// ---- rows --------------------------------------------------------------------------------------------------------

ResourceRow read_resource(Reading& reading, const Node::Member& member, const Place& place) {
    const auto [type, code] = split_key(member.name);
    check_form(reading, member, place, is_type_name(type) && is_resource_code(code), "type/code of a resource");
    Members members(reading, member.value, place);
    ResourceRow row;
    row.parent = members.text("parent");
    row.attributes = members.object("attributes");
    row.workflow_state = members.text("workflow_state");
    row.is_active = members.flag("is_active", true);
    return row;
}

FieldRow read_field(Reading& reading, const Node::Member& member, const Place& place) {
    const auto [type, name] = split_key(member.name);
    check_form(reading, member, place, is_type_name(type) && is_field_name(name), "entity_type/field_name of a field");
    Members members(reading, member.value, place);
    FieldRow row;
    members.require("tier");
    row.tier = engine::all_tiers[members.word("tier", {"core", "platform_dynamic", "tenant_specific"}, 0)];
    static constexpr std::array visibilities{engine::field_read, engine::field_write, engine::field_hidden};
    row.default_visibility = visibilities[members.word("default_visibility", {"read", "write", "hidden"}, 0)];
    row.is_authoritative = members.flag("is_authoritative", false);
    row.is_active = members.flag("is_active", true);
    members.get_offline("platform");
    row.platform = members.flag("platform", false);
    return row;
}

Target read_target(Members& members) {
    Target target;
    target.resource_type = members.required_text("resource_type");
    target.resource = members.text("resource");
    target.resource_path = members.text("resource_path");
    const bool has_resource = members.get("resource") != nullptr;
    const bool has_path = members.get("resource_path") != nullptr;
    if (members.is_map() && has_resource == has_path) {
        members.fault(has_path ? "resource_path" : "resource", has_path ? "format" : "required",
                      "exactly one of \"resource\" and \"resource_path\" is needed");
    }
    if (target.resource && split_key(*target.resource).first != target.resource_type) {
        members.fault("resource", "format",
                      fmt::format("{} is not of the type {}", quoted(*target.resource), quoted(target.resource_type)));
    }
    return target;
}

engine::FieldMap read_fields(Reading& reading, const Node* node, const Place& place) {
    engine::FieldMap fields;
    if (node == nullptr) return fields;
    Members tiers(reading, *node, place);
    for (const engine::Tier tier : engine::all_tiers) {
        const Node* tier_node = tiers.get(engine::tier_text(tier));
        if (tier_node == nullptr) continue;
        for_each_member(
            reading, *tier_node, Place(place, engine::tier_text(tier)), [&](const Node::Member& field, const Place& field_place) {
                check_form(reading, field, field_place, field.name == "*" || is_field_name(field.name), "name of a field");
                fields[static_cast<std::size_t>(tier)][field.name] = read_rights(reading, field.value, field_place);
            });
    }
    return fields;
}

/// The engine's faults of a permission as faults of the document, but for members that are faulty already.
void check_permission(Members& members, const engine::Permission& permission) {
    if (!members.is_map() || members.reading().problems.full()) return;
    const std::string row = members.place().pointer();
    for (core::Fault& fault : engine::validate(permission)) {
        const std::string pointer = row + document_pointer(fault.pointer);
        if (members.reading().problems.touches(pointer, row)) continue;
        members.reading().problems.add(
            {members.node().line_at(document_pointer(fault.pointer)), pointer, std::move(fault.code), std::move(fault.message)});
    }
}

std::vector<std::string> read_actions(Members& members) {
    members.require("actions");
    std::vector<std::string> actions = members.texts("actions");
    if (actions.size() > max_actions) {
        members.fault("actions", "limit", fmt::format("at most {} actions may be listed, not {}", max_actions, actions.size()));
        actions.resize(max_actions);
    }
    return actions;
}

PermissionRow read_permission(Reading& reading, const Node::Member& member, const Place& place) {
    check_form(reading, member, place, is_permission_key(member.name), "key of a permission");
    Members members(reading, member.value, place);
    PermissionRow row;
    row.target = read_target(members);
    row.actions = read_actions(members);
    row.effect = members.word("effect", {"allow", "deny"}, 0) == 0 ? engine::Effect::allow : engine::Effect::deny;
    row.enforced = members.flag("enforced", false);
    row.applies_to_descendants = members.flag("applies_to_descendants", true);
    row.is_active = members.flag("is_active", true);
    row.conditions = members.object("conditions");
    row.fields = read_fields(reading, members.get("fields"), Place(place, "fields"));
    check_permission(members, engine_permission(row));
    return row;
}

std::vector<std::string> sorted_set(Members& members, std::string_view name) {
    std::vector<std::string> texts = members.texts(name);
    std::ranges::sort(texts);
    const auto repeated = std::ranges::adjacent_find(texts);
    if (repeated != texts.end()) members.fault(name, "duplicate", fmt::format("{} is listed twice", quoted(*repeated)));
    return texts;
}

RoleRow read_role(Reading& reading, const Node::Member& member, const Place& place) {
    Members members(reading, member.value, place);
    RoleRow row;
    row.permissions = sorted_set(members, "permissions");
    if (member.name == "everyone") return row;
    const bool reserved = is_built_in_role(member.name) || member.name == "super_admin" || member.name == "system";
    if (reserved)
        reading.fault(place, member.line, "reserved",
                      fmt::format("the role {} is built in and cannot be written", quoted(member.name)));
    check_form(reading, member, place, is_role_or_group_name(member.name), "name of a role");
    row.priority = members.integer("priority", 0, max_role_priority).value_or(0);
    row.parent = members.text("parent");
    row.scopes = sorted_set(members, "scopes");
    row.is_active = members.flag("is_active", true);
    return row;
}

std::vector<Assignment> assignments(Members& members, std::string_view name) {
    const Node* node = members.get(name);
    return node == nullptr ? std::vector<Assignment>() : read_assignments(members.reading(), *node, Place(members.place(), name));
}

GroupRow read_group(Reading& reading, const Node::Member& member, const Place& place) {
    check_form(reading, member, place, is_role_or_group_name(member.name), "name of a group");
    Members members(reading, member.value, place);
    GroupRow row;
    row.parent = members.text("parent");
    row.roles = assignments(members, "roles");
    row.rule = members.object("rule");
    row.is_active = members.flag("is_active", true);
    return row;
}

UserRow read_user(Reading& reading, const Node::Member& member, const Place& place) {
    check_form(reading, member, place, !member.name.empty() && member.name.size() <= engine::max_subject_bytes,
               "id of a user (1-255 bytes)");
    Members members(reading, member.value, place);
    UserRow row;
    static constexpr std::array statuses{UserStatus::active, UserStatus::inactive, UserStatus::locked};
    row.status = statuses[members.word("status", {"active", "inactive", "locked"}, 0)];
    row.is_service_account = members.flag("is_service_account", false);
    row.email_domain = members.text("email_domain");
    row.attributes = members.object("attributes");
    row.roles = assignments(members, "roles");
    row.groups = assignments(members, "groups");
    return row;
}

std::optional<engine::RequestId> read_request(Members& members) {
    const auto text = members.text("request");
    if (!text) return std::nullopt;
    auto id = engine::RequestId::parse(*text);
    if (!id) members.fault("request", "format", fmt::format("{} is no UUID", quoted(*text)));
    return id;
}

GrantRow read_grant(Reading& reading, const Node::Member& member, const Place& place) {
    check_form(reading, member, place, is_permission_key(member.name), "key of a grant");
    Members members(reading, member.value, place);
    GrantRow row;
    row.user = members.required_text("user");
    row.target = read_target(members);
    row.actions = read_actions(members);
    row.validity.active = members.flag("is_active", true);
    row.validity.starts_at = members.instant("starts_at");
    row.validity.expires_at = members.instant("expires_at");
    row.request = read_request(members);
    row.applies_to_descendants = members.flag("applies_to_descendants", true);
    PermissionRow permission;
    permission.target = row.target;
    permission.actions = row.actions;
    permission.applies_to_descendants = row.applies_to_descendants;
    check_permission(members, engine_permission(permission));
    return row;
}

// ---- document ----------------------------------------------------------------------------------------------------

template <class Row>
ByKey<Row> read_kind(Members& members, std::string_view kind, const Node* node,
                     Row (*read_row)(Reading&, const Node::Member&, const Place&)) {
    ByKey<Row> rows;
    if (node == nullptr) return rows;
    for_each_member(members.reading(), *node, Place(members.place(), kind), [&](const Node::Member& member, const Place& place) {
        rows.emplace_hint(rows.end(), member.name, read_row(members.reading(), member, place));
    });
    return rows;
}

void read_version(Members& members) {
    const Node* node = members.require("version");
    if (node != nullptr && (node->number() == nullptr || *node->number() != 1))
        members.fault("version", "format", "only version 1 is read");
}

enum class Nesting : std::uint8_t { outermost, ancestor };

Document read_document(Reading& reading, const Node& root, const Place& place, Nesting nesting);

void read_ancestors(Members& members, Document& document, Nesting nesting) {
    const Node* node = members.get_offline("ancestors");
    if (node == nullptr) return;
    const Place place(members.place(), "ancestors");
    if (nesting == Nesting::ancestor)
        return members.fault("ancestors", "unknown_member", "all ancestors are listed in the outermost document");
    if (node->list() == nullptr) return members.reading().wrong_type(place, *node, "a list");
    if (node->list()->size() >= max_chain) {
        return members.fault("ancestors", "limit", fmt::format("a hierarchy of tenants has at most {} of them", max_chain));
    }
    for (std::size_t i = 0; i < node->list()->size(); ++i) {
        document.ancestors.push_back(read_document(members.reading(), (*node->list())[i], Place(place, i), Nesting::ancestor));
    }
}

/// Of a scenario file that names its document: everything else is in that one.
void read_policy_path(Members& members, Document& document, Nesting nesting) {
    if (members.get_offline("policy") == nullptr) return;
    if (nesting == Nesting::ancestor)
        return members.fault("policy", "unknown_member", "only a scenario file names another document");
    document.policy = members.text("policy");
    if (document.policy && document.policy->empty()) members.fault("policy", "format", "the path is empty");
    for (const Node::Member& member : *members.node().map()) {
        if (member.name == "version" || member.name == "tenant" || member.name == "policy" || member.name == "tests") continue;
        members.fault(member.name, "conflict",
                      fmt::format("beside \"policy\" only \"tests\" is read, not {}", quoted(member.name)));
    }
}

Document read_document(Reading& reading, const Node& root, const Place& place, Nesting nesting) {
    Members members(reading, root, place);
    Document document;
    read_version(members);
    document.tenant = members.text("tenant").value_or("");
    members.get_offline("inherit_permissions");
    document.inherit_permissions = members.flag("inherit_permissions", false);
    members.get_offline("status");
    document.status = members.word("status", {"active", "suspended"}, 0) == 0 ? TenantStatus::active : TenantStatus::suspended;
    document.resources = read_kind(members, "resources", members.get("resources"), read_resource);
    document.fields = read_kind(members, "fields", members.get("fields"), read_field);
    document.permissions = read_kind(members, "permissions", members.get("permissions"), read_permission);
    document.roles = read_kind(members, "roles", members.get("roles"), read_role);
    document.groups = read_kind(members, "groups", members.get("groups"), read_group);
    document.menu = members.object("menu");
    document.users = read_kind(members, "users", members.get_offline("users"), read_user);
    document.grants = read_kind(members, "grants", members.get_offline("grants"), read_grant);
    read_ancestors(members, document, nesting);
    if (members.is_map()) read_policy_path(members, document, nesting);
    if (const Node* tests = members.get("tests")) document.tests = read_tests(reading, *tests, Place(place, "tests"));
    std::erase_if(document.roles, [](const auto& role) { return role.first == "everyone" && role.second.permissions.empty(); });
    return document;
}

}  // namespace

bool operator==(const TestRow& left, const TestRow& right) {
    const auto members = [](const TestRow& row) {
        const engine::ResourceReference& resource = row.resource;
        return std::tie(row.suite, row.subject, row.action, resource.type, resource.id, resource.path, resource.parent,
                        resource.attributes, row.context, row.now, row.expected);
    };
    return members(left) == members(right);
}

const std::vector<BuiltInRole>& built_in_roles() {
    static const std::vector<BuiltInRole> roles{
        {"security_admin", 950},   {"tenant_admin", 900}, {"application_manager", 850}, {"user_manager", 800},
        {"approval_manager", 750}, {"auditor", 700},      {"security_analyst", 650},    {"enforcement_point", 200},
        {"viewer", 100},           {"everyone", 0},
    };
    return roles;
}

bool is_built_in_role(std::string_view name) {
    return std::ranges::find(built_in_roles(), name, &BuiltInRole::name) != built_in_roles().end();
}

std::expected<Document, std::vector<Problem>> read(std::string_view text, Format format, const ReadOptions& options) {
    auto root = read_node(text, format, options.limits);
    if (!root) return std::unexpected(std::move(root.error()));
    Reading reading{.problems = {}, .offline = options.offline};
    const Place place;
    Document document = read_document(reading, *root, place, Nesting::outermost);
    check_references(reading, *root, document, place);
    if (!reading.problems.empty()) return std::unexpected(reading.problems.take());
    return document;
}

}  // namespace sentinel::policy
