#include "small_world.hpp"

#include <algorithm>

namespace sentinel::differential::small {

namespace {

core::Uuid numbered(std::uint8_t kind, std::size_t number) {
    core::Uuid uuid;
    uuid.bytes[0] = kind;
    uuid.bytes[6] = 0x70;
    uuid.bytes[8] = 0x80;
    uuid.bytes[15] = static_cast<std::uint8_t>(number);
    return uuid;
}

struct Written {
    std::string_view type;
    std::string_view path;  ///< empty: r1 by id
    bool descendants;
};

constexpr std::array<Written, selector_count> written{{
    {"*", "**", true},
    {"vessel", "vessel/*", true},
    {"app", "app/*", true},
    {"vessel", "vessel/x", true},
    {"vessel", "vessel/two", true},
    {"app", "", true},
    {"app", "", false},
    {"vessel", "/one/two/", true},
    {"vessel", "/one/t", true},
    {"vessel", "/one/*", true},
    {"*", "/one/**", true},
    {"vessel", "/**/two", false},
    {"*", "/*/*", false},
    {"app", "/*", true},
    {"app", "/**/t", true},
}};

void put_field(engine::FieldMap& map, engine::Tier tier, const char* name, Rights rights) {
    constexpr std::array values{engine::FieldRights{}, engine::field_read, engine::field_write, engine::field_hidden};
    if (rights != Rights::silent) { map[static_cast<std::size_t>(tier)].emplace(name, values[static_cast<std::size_t>(rights)]); }
}

engine::Permission to_permission(const Permission& permission, engine::PermissionId id) {
    const auto& form = written[static_cast<std::size_t>(permission.selector)];
    engine::Permission result{.id = id, .resource_type = std::string(form.type)};
    if (form.path.empty()) {
        result.resource_id = resource_id(1);
    } else {
        result.resource_path = form.path;
    }
    result.actions.emplace_back(permission.actions == Actions::any ? "*" : "read");
    if (permission.terms == Terms::key_is_one) {
        result.conditions.set("context.k", 1);
    } else if (permission.terms == Terms::key_is_not_one) {
        result.conditions.set("$not", core::json::Object{{"context.k", 1}});
    }
    result.effect = permission.effect == Effect::allow ? engine::Effect::allow : engine::Effect::deny;
    result.enforced = permission.effect == Effect::guardrail;
    result.applies_to_descendants = form.descendants;
    put_field(result.fields, engine::Tier::core, "name", permission.fields.core_name);
    put_field(result.fields, engine::Tier::core, "other", permission.fields.core_other);
    put_field(result.fields, engine::Tier::core, "*", permission.fields.core_all);
    put_field(result.fields, engine::Tier::tenant_specific, "name", permission.fields.own_name);
    put_field(result.fields, engine::Tier::tenant_specific, "*", permission.fields.own_all);
    return result;
}

std::vector<engine::FieldDefinition> to_definitions(Definitions definitions) {
    const auto define = [](std::size_t number, const char* name, engine::Tier tier, engine::FieldRights rights, bool active) {
        return engine::FieldDefinition{.id = {numbered(9, number)},
                                       .entity_type = "vessel",
                                       .name = name,
                                       .tier = tier,
                                       .default_visibility = rights,
                                       .active = active};
    };
    switch (definitions) {
        case Definitions::none: return {};
        case Definitions::core_name_read: return {define(0, "name", engine::Tier::core, engine::field_read, true)};
        case Definitions::name_hidden_own_write:
            return {define(0, "other", engine::Tier::core, engine::field_hidden, true),
                    define(1, "name", engine::Tier::tenant_specific, engine::field_write, true)};
        case Definitions::core_name_inactive_other_write:
            return {define(0, "name", engine::Tier::core, engine::field_write, false),
                    define(1, "other", engine::Tier::core, engine::field_write, true)};
    }
    std::unreachable();
}

void hold(engine::TenantPolicy& policy, Way way) {
    auto& subject = policy.subjects.front();
    const auto first = role_id(0);
    const auto in_group = [&](std::optional<engine::GroupId> parent, bool active, engine::Validity membership) {
        const engine::GroupId crew{numbered(5, 0)};
        policy.groups.push_back({.id = crew, .name = "crew", .parent = parent, .active = active});
        if (!parent) { policy.groups.back().roles.push_back({.role = first}); }
        subject.groups.push_back({.group = crew, .validity = membership});
    };
    const auto through_child = [&](bool active) {
        policy.roles.push_back({.id = role_id(2), .name = "child", .priority = 50, .parent = first, .active = active});
        subject.roles.push_back({.role = role_id(2)});
    };
    switch (way) {
        case Way::inherited: return through_child(true);
        case Way::inactive_child_role: return through_child(false);
        case Way::group: return in_group({}, true, {});
        case Way::inactive_group: return in_group({}, false, {});
        case Way::membership_ends_later: return in_group({}, true, {.expires_at = now.plus_seconds(10)});
        case Way::parent_group:
            policy.groups.push_back({.id = {numbered(5, 1)}, .name = "fleet", .roles = {{.role = first}}});
            return in_group(engine::GroupId{numbered(5, 1)}, true, {});
        case Way::everyone: policy.roles.front().everyone = true; return;
        case Way::expired: subject.roles.push_back({.role = first, .validity = {.expires_at = now}}); return;
        case Way::begins_now: subject.roles.push_back({.role = first, .validity = {.starts_at = now}}); return;
        case Way::begins_later: subject.roles.push_back({.role = first, .validity = {.starts_at = now.plus_seconds(10)}}); return;
        case Way::ends_later: subject.roles.push_back({.role = first, .validity = {.expires_at = now.plus_seconds(10)}}); return;
        case Way::inactive_assignment: subject.roles.push_back({.role = first, .validity = {.active = false}}); return;
        case Way::inactive_role: policy.roles.front().active = false; break;
        case Way::r1_inactive: policy.resources.front().active = false; break;
        case Way::r2_inactive: policy.resources.back().active = false; break;
        case Way::subject_inactive: subject.active = false; break;
        case Way::tenant_inactive: policy.active = false; break;
        case Way::direct:
        case Way::ancestor:
        case Way::ancestor_not_lent: break;
    }
    subject.roles.push_back({.role = first});
}

/// Role 0 and what it carries become the parent tenant's.
void lend(engine::TenantPolicy& policy, bool lent) {
    policy.inherit_permissions = lent;
    auto& ancestor = policy.ancestors.emplace_back();
    ancestor.id = {numbered(1, 1)};
    ancestor.roles.push_back(std::move(policy.roles.front()));
    policy.roles.erase(policy.roles.begin());
    for (auto id : ancestor.roles.front().permissions) {
        const auto found = std::ranges::find(policy.permissions, id, &engine::Permission::id);
        ancestor.permissions.push_back(std::move(*found));
        policy.permissions.erase(found);
    }
}

void add_other_subject(engine::TenantPolicy& policy, const World& world) {
    if (world.of_the_other.empty()) { return; }
    engine::Role role{.id = role_id(3), .name = "stranger", .priority = 500};
    for (std::size_t index = 0; index < world.of_the_other.size(); ++index) {
        policy.permissions.push_back(to_permission(world.of_the_other[index], permission_id(100 + index)));
        role.permissions.push_back(permission_id(100 + index));
    }
    policy.groups.push_back({.id = {numbered(5, 9)}, .name = "others", .roles = {{.role = role.id}}});
    policy.roles.push_back(std::move(role));
    policy.subjects.push_back({.id = {"w"}, .roles = {{.role = role_id(3)}}, .groups = {{.group = {numbered(5, 9)}}}});
    policy.grants.push_back(
        {.id = {numbered(8, 0)}, .subject = {"w"}, .resource_type = "*", .resource_path = "**", .actions = {"*"}});
}

}  // namespace

engine::PermissionId permission_id(std::size_t index) { return {numbered(3, index)}; }

engine::ResourceId resource_id(int number) { return {numbered(2, static_cast<std::size_t>(number))}; }

engine::RoleId role_id(std::size_t index) { return {numbered(4, index)}; }

engine::TenantPolicy to_policy(const World& world) {
    engine::TenantPolicy policy{.id = {numbered(1, 0)}, .revision = world.revision};
    policy.resources.push_back({.id = resource_id(1), .type = "app", .code = "one"});
    policy.resources.push_back({.id = resource_id(2), .type = "vessel", .code = "two", .parent = resource_id(1)});
    policy.roles.push_back({.id = role_id(0), .name = "first", .priority = world.priorities[0]});
    policy.roles.push_back({.id = role_id(1), .name = "second", .priority = world.priorities[1]});
    for (std::size_t index = 0; index < world.permissions.size(); ++index) {
        policy.permissions.push_back(to_permission(world.permissions[index], permission_id(index)));
        policy.roles[world.permissions[index].role].permissions.push_back(permission_id(index));
    }
    policy.fields = to_definitions(world.definitions);
    policy.subjects.push_back({.id = {"u"}, .roles = {{.role = role_id(1)}}});
    hold(policy, world.way);
    if (world.way == Way::ancestor || world.way == Way::ancestor_not_lent) { lend(policy, world.way == Way::ancestor); }
    add_other_subject(policy, world);
    if (world.reversed) {
        std::ranges::reverse(policy.permissions);
        std::ranges::reverse(policy.roles);
        std::ranges::reverse(policy.resources);
        std::ranges::reverse(policy.subjects);
    }
    return policy;
}

engine::Question to_question(const Question& question) {
    engine::Question result{.subject = {"u"}, .action = question.update ? "update" : "read"};
    auto& resource = result.resource;
    resource.type = "vessel";
    switch (question.target) {
        case Target::r1:
            resource.type = "app";
            resource.id = resource_id(1).text();
            break;
        case Target::r2_by_code: resource.id = "two"; break;
        case Target::r2_by_path: resource.path = "/one/two"; break;
        case Target::outside: resource.id = "x"; break;
        case Target::outside_below_r1:
            resource.id = "x";
            resource.parent = resource_id(1).text();
            break;
        case Target::outside_below_r2:
            resource.id = "x";
            resource.parent = "two";
            break;
        case Target::type_alone: break;
        case Target::new_below_r1: resource.parent = "one"; break;
        case Target::tail_below_r1: resource.path = "/one/t"; break;
        case Target::tail_below_r2:
            resource.type = "app";
            resource.path = "/one/two/t";
            break;
        case Target::other_type_below_r2:
            resource.type = "app";
            resource.id = "x";
            resource.parent = "two";
            break;
    }
    if (question.key != 0) { result.context.set("k", question.key); }
    return result;
}

}  // namespace sentinel::differential::small
