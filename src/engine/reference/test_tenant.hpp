#pragma once
/// A small tenant built by hand, for the tests of the reference.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "engine/reference/reference.hpp"

namespace sentinel::engine::reference {

inline json::Value value(std::string_view text) { return json::parse(text).value(); }
inline json::Object object(std::string_view text) { return *value(text).object(); }
inline Instant at(std::string_view text) { return Instant::parse(text).value(); }
inline const Instant noon = at("2026-01-05T12:00:00Z");  // a Monday

/// Ids rise in the order of making. References that it returns stay valid: the lists are reserved.
class Tenant {
public:
    TenantPolicy policy;
    RoleId viewer;

    Tenant() {
        policy.id = next<TenantId>();
        policy.revision = 7;
        policy.resources.reserve(64);
        policy.permissions.reserve(64);
        policy.roles.reserve(64);
        policy.groups.reserve(64);
        policy.subjects.reserve(64);
        policy.subjects.push_back({.id = {"ann"}, .email_domain = "psl.example", .attributes = {}, .roles = {}, .groups = {}});
        viewer = add_role("viewer", 100).id;
        assign(viewer);
    }

    Subject& ann() { return policy.subjects.front(); }

    void assign(const RoleId& role, Validity validity = {}) { ann().roles.push_back({role, validity}); }

    Resource& add_resource(std::string type, std::string code, const Resource* parent = nullptr) {
        Resource& resource = policy.resources.emplace_back();
        resource.id = next<ResourceId>();
        resource.type = std::move(type);
        resource.code = std::move(code);
        if (parent != nullptr) resource.parent = parent->id;
        return resource;
    }

    Role& add_role(std::string name, int priority) {
        Role& role = policy.roles.emplace_back();
        role.id = next<RoleId>();
        role.name = std::move(name);
        role.priority = priority;
        return role;
    }

    Group& add_group(std::string name) {
        Group& group = policy.groups.emplace_back();
        group.id = next<GroupId>();
        group.name = std::move(name);
        return group;
    }

    Role& role(const RoleId& id) {
        for (Role& role : policy.roles) {
            if (role.id == id) return role;
        }
        return policy.roles.front();
    }

    /// A permission of `role` for `read`; the path as in page 06.
    Permission& permit(const RoleId& role_id, std::string type, std::string path, Effect effect = Effect::allow) {
        Permission& permission = policy.permissions.emplace_back();
        permission.id = next<PermissionId>();
        permission.key = path + (effect == Effect::deny ? "!" : "");
        permission.resource_type = std::move(type);
        permission.resource_path = std::move(path);
        permission.actions = {"read"};
        permission.effect = effect;
        role(role_id).permissions.push_back(permission.id);
        return permission;
    }
    Permission& allow(std::string type, std::string path) { return permit(viewer, std::move(type), std::move(path)); }
    Permission& deny(std::string type, std::string path) {
        return permit(viewer, std::move(type), std::move(path), Effect::deny);
    }

    FieldDefinition& define(std::string type, std::string name, Tier tier = Tier::core) {
        FieldDefinition& field = policy.fields.emplace_back();
        field.id = next<FieldId>();
        field.entity_type = std::move(type);
        field.name = std::move(name);
        field.tier = tier;
        return field;
    }

    /// A live grant of `read` for ann.
    Grant& grant(std::string type, std::string path) {
        Grant& made = policy.grants.emplace_back();
        made.id = next<GrantId>();
        made.subject = {"ann"};
        made.resource_type = std::move(type);
        made.resource_path = std::move(path);
        made.actions = {"read"};
        return made;
    }

    template <class AnyId>
    AnyId next() {
        AnyId id;
        id.value.bytes[14] = static_cast<std::uint8_t>(++count_ >> 8);
        id.value.bytes[15] = static_cast<std::uint8_t>(count_);
        return id;
    }

    std::expected<ExplainedAnswer, QuestionError> ask(const ResourceReference& resource, Instant now = noon) const {
        return check(policy, {{"ann"}, "read", resource, {}}, now);
    }
    bool allowed(const ResourceReference& resource) const { return ask(resource).value().answer.allowed; }

private:
    unsigned count_ = 0;
};

inline ResourceReference by_id(std::string type, std::string id) { return {std::move(type), std::move(id), {}, {}, {}}; }
inline ResourceReference by_path(std::string type, std::string path) { return {std::move(type), {}, std::move(path), {}, {}}; }
inline ResourceReference below(std::string type, std::string id, std::string parent) {
    return {std::move(type), std::move(id), {}, std::move(parent), {}};
}
inline ResourceReference new_below(std::string type, std::string parent) {
    return {std::move(type), {}, {}, std::move(parent), {}};
}
inline ResourceReference of_type(std::string type) { return {std::move(type), {}, {}, {}, {}}; }

/// `kind pointer` of the error, or "answered".
inline std::string error_of(const std::expected<ExplainedAnswer, QuestionError>& result) {
    if (result) return "answered";
    const std::string_view kind = result.error().kind == core::ErrorKind::not_found   ? "not_found"
                                  : result.error().kind == core::ErrorKind::forbidden ? "forbidden"
                                                                                      : "malformed";
    return std::string(kind) + " " + result.error().fault.pointer;
}

/// Keys of the candidates in deciding order, joined by blanks.
inline std::string candidates_of(const ExplainedAnswer& answer) {
    std::string keys;
    for (const CandidateTrace& candidate : answer.explanation.candidates) {
        keys += (keys.empty() ? "" : " ") + (candidate.grant ? "grant" : candidate.permission_key);
    }
    return keys;
}

}  // namespace sentinel::engine::reference
