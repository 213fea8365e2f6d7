/// vectors/policies/translated.json: tenants of the AuthZEN, Casbin and Cedar sets in Sentinel's terms, asked of both evaluators.

#include <gtest/gtest.h>

#include <algorithm>

#include "both_evaluators.hpp"
#include "core/vectors_test.hpp"

namespace sentinel::vectors {
namespace {

namespace data = core::vectors;
namespace json = core::json;

constexpr std::string_view set_name = "policies/translated.json";

const json::Value* member(const json::Value& row, std::string_view name) { return row.object()->find(name); }

json::Array optional_rows(const json::Value& row, std::string_view name) {
    return member(row, name) == nullptr ? json::Array{} : data::rows(row, name);
}

json::Object optional_object(const json::Value& row, std::string_view name) {
    const json::Value* value = member(row, name);
    return value == nullptr ? json::Object{} : *value->object();
}

bool flag(const json::Value& row, std::string_view name, bool otherwise) {
    return member(row, name) == nullptr ? otherwise : data::boolean(row, name);
}

std::string resource_key(const json::Value& row) { return data::text(row, "type") + '/' + data::text(row, "id"); }

engine::RoleId role_id(std::string_view name) { return id_of<engine::RoleId>("role", name); }

engine::Resource resource_of(const json::Value& row) {
    engine::Resource resource;
    resource.id = id_of<engine::ResourceId>("resource", resource_key(row));
    resource.type = data::text(row, "type");
    resource.code = data::text(row, "id");
    resource.attributes = optional_object(row, "attributes");
    const auto parents = optional_rows(row, "parents");
    EXPECT_LE(parents.size(), 1U) << resource_key(row);
    if (!parents.empty()) resource.parent = id_of<engine::ResourceId>("resource", resource_key(parents.front()));
    return resource;
}

/// What a permission of the data is about. Its `resource_id` is a code: of a registered resource, else of an outside instance.
void set_target(engine::Permission& permission, const json::Value& row, const engine::TenantPolicy& tenant) {
    permission.resource_type = data::text(row, "resource_type");
    const std::string code = data::text(row, "resource_id");
    const std::string path = data::text(row, "resource_path");
    if (!path.empty()) {
        permission.resource_path = path;
        return;
    }
    if (code.empty()) {
        permission.resource_path = permission.resource_type == "*" ? "**" : permission.resource_type + "/*";
        return;
    }
    const auto found = std::ranges::find_if(tenant.resources, [&](const engine::Resource& resource) {
        return resource.type == permission.resource_type && resource.code == code;
    });
    if (found != tenant.resources.end()) {
        permission.resource_id = found->id;
    } else if (code.starts_with('/')) {
        // `type/code` cannot be written with a slash in the code. These codes are routes, and a route is a path.
        permission.resource_path = code;
        permission.applies_to_descendants = false;
    } else {
        permission.resource_path = permission.resource_type + '/' + code;
    }
}

engine::Permission permission_of(const json::Value& row, const engine::TenantPolicy& tenant) {
    engine::Permission permission;
    permission.key = data::text(row, "id");
    permission.id = id_of<engine::PermissionId>("permission", permission.key);
    permission.applies_to_descendants = flag(row, "applies_to_descendants", true);
    permission.enforced = flag(row, "enforced", false);
    permission.effect = data::text(row, "effect") == "deny" ? engine::Effect::deny : engine::Effect::allow;
    permission.conditions = optional_object(row, "conditions");
    for (const auto& action : data::rows(row, "actions")) permission.actions.push_back(*action.text());
    set_target(permission, row, tenant);
    return permission;
}

engine::Role role_of(const json::Value& row, const json::Array& permissions) {
    engine::Role role = role_named(data::text(row, "name"));
    if (member(row, "parent") != nullptr) role.parent = role_id(data::text(row, "parent"));
    if (member(row, "priority") != nullptr) role.priority = static_cast<int>(data::number(row, "priority"));
    for (const auto& permission : permissions) {
        if (data::text(permission, "role") == role.name)
            role.permissions.push_back(id_of<engine::PermissionId>("permission", data::text(permission, "id")));
    }
    return role;
}

engine::Group group_of(const json::Value& row) {
    engine::Group group;
    group.name = data::text(row, "name");
    group.id = id_of<engine::GroupId>("group", group.name);
    for (const auto& role : optional_rows(row, "roles")) group.roles.push_back({role_id(*role.text()), {}});
    return group;
}

engine::Subject subject_of(const json::Value& row, const json::Array& groups) {
    engine::Subject subject;
    subject.id = {data::text(row, "id")};
    subject.attributes = optional_object(row, "attributes");
    for (const auto& role : optional_rows(row, "roles")) subject.roles.push_back({role_id(*role.text()), {}});
    for (const auto& group : groups) {
        const auto members = data::rows(group, "members");
        const bool is_member = std::ranges::find(members, json::Value(subject.id.text)) != members.end();
        if (is_member) subject.groups.push_back({id_of<engine::GroupId>("group", data::text(group, "name")), {}});
    }
    return subject;
}

engine::TenantPolicy tenant_of(const json::Value& row) {
    engine::TenantPolicy tenant;
    tenant.id = id_of<engine::TenantId>("tenant", data::text(row, "name"));
    const auto permissions = data::rows(row, "permissions");
    const auto groups = optional_rows(row, "groups");
    for (const auto& resource : optional_rows(row, "resources")) tenant.resources.push_back(resource_of(resource));
    for (const auto& permission : permissions) tenant.permissions.push_back(permission_of(permission, tenant));
    for (const auto& role : data::rows(row, "roles")) tenant.roles.push_back(role_of(role, permissions));
    for (const auto& group : groups) tenant.groups.push_back(group_of(group));
    for (const auto& user : data::rows(row, "users")) tenant.subjects.push_back(subject_of(user, groups));
    return tenant;
}

engine::Question question_of(const json::Value& row) {
    const json::Value& resource = *member(row, "resource");
    engine::Question question;
    question.subject = {data::text(row, "user")};
    question.action = data::text(row, "action");
    question.context = optional_object(row, "context");
    question.resource.type = data::text(resource, "type");
    question.resource.attributes = optional_object(resource, "attributes");
    const std::string id = data::text(resource, "id");
    if (id.starts_with('/')) {
        question.resource.path = id;
    } else if (!id.empty()) {
        question.resource.id = id;
    }
    if (member(resource, "path") != nullptr) question.resource.path = data::text(resource, "path");
    return question;
}

/// Asks all questions of a tenant; how many there were.
std::size_t ask_all(const json::Value& row) {
    BothEvaluators evaluators(tenant_of(row));
    const auto questions = data::rows(row, "questions");
    for (std::size_t number = 0; number < questions.size(); ++number) {
        SCOPED_TRACE(data::text(row, "name") + " question " + std::to_string(number) + ": " + json::to_text(questions[number]));
        const auto answer = evaluators.check(question_of(questions[number]));
        EXPECT_TRUE(answer.has_value()) << answer.error().fault.message;
        if (answer) { EXPECT_EQ(answer->allowed, data::boolean(questions[number], "allowed")); }
    }
    return questions.size();
}

TEST(TranslatedPolicies, EveryQuestionIsAnsweredAsExpected) {
    SENTINEL_NEEDS_VECTORS(set_name);
    const auto tenants = data::rows(data::parse(set_name), "tenants");
    EXPECT_EQ(tenants.size(), 29U);
    std::size_t questions = 0;
    for (const auto& tenant : tenants) questions += ask_all(tenant);
    EXPECT_EQ(questions, 611U);
}

}  // namespace
}  // namespace sentinel::vectors
