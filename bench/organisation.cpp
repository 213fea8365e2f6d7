#include "organisation.hpp"

#include <fmt/format.h>

#include <array>

namespace sentinel::bench {

using namespace engine;

namespace {

constexpr std::size_t role_combinations = 997;
constexpr std::size_t types = 25;
constexpr std::array actions{"read", "update", "create", "delete"};

template <class IdType>
IdType numbered(std::uint8_t kind, std::uint64_t number) {
    IdType id;
    for (std::size_t byte = 0; byte < 8; ++byte) id.value.bytes[15 - byte] = static_cast<std::uint8_t>(number >> (8 * byte));
    id.value.bytes[0] = kind;
    id.value.bytes[6] = 0x70;
    id.value.bytes[8] = 0x80;
    return id;
}

std::string type_name(std::size_t number) { return fmt::format("type_{}", number % types); }
std::string node_code(std::size_t depth) { return fmt::format("level-{}", depth); }

void add_resources(TenantPolicy& policy, const Size& size) {
    for (std::size_t depth = 0; depth < size.depth; ++depth) {
        Resource resource{.id = numbered<ResourceId>(1, depth), .type = type_name(depth), .code = node_code(depth)};
        if (depth > 0) resource.parent = numbered<ResourceId>(1, depth - 1);
        resource.attributes = {{"status", "open"}, {"region", "apac"}, {"level", static_cast<double>(depth)}};
        policy.resources.push_back(std::move(resource));
    }
}

/// Permission 0 is the plain one, 1 the conditional one; the rest is company.
void add_permissions(TenantPolicy& policy, const Size& size) {
    Permission plain{.id = numbered<PermissionId>(2, 0),
                     .key = "plain",
                     .resource_type = "document",
                     .resource_path = "document/*",
                     .actions = {"read"}};
    Permission conditional{
        .id = numbered<PermissionId>(2, 1), .key = "conditional", .resource_type = type_name(0), .actions = {"update"}};
    conditional.resource_id = numbered<ResourceId>(1, 0);
    conditional.conditions = {{"resource.status", json::Array{"open", "draft"}},
                              {"resource.region", json::Object{{"$ref", "user.region"}}},
                              {"user.clearance", json::Object{{"$gte", 2}}}};
    conditional.conditions.set("resource.region", json::Object{{"$eq", json::Object{{"$ref", "user.region"}}}});
    policy.permissions = {std::move(plain), std::move(conditional)};
    for (std::size_t number = 2; number < size.permissions; ++number) {
        Permission other{.id = numbered<PermissionId>(2, number), .key = fmt::format("permission-{}", number)};
        other.resource_type = type_name(number);
        other.resource_path = number % 3 == 0 ? fmt::format("{}/*", other.resource_type)
                                              : fmt::format("{}/item-{}", other.resource_type, number % 100);
        other.actions = {actions[number % actions.size()]};
        policy.permissions.push_back(std::move(other));
    }
}

std::size_t add_roles(TenantPolicy& policy, const Size& size) {
    const std::size_t roles = std::max<std::size_t>(1, size.permissions / size.permissions_a_role);
    for (std::size_t number = 0; number < roles; ++number) {
        Role role{.id = numbered<RoleId>(3, number),
                  .name = fmt::format("role-{}", number),
                  .priority = static_cast<int>(number % 900)};
        role.permissions = {policy.permissions[0].id, policy.permissions[1].id};
        for (std::size_t at = 0; at < size.permissions_a_role; ++at) {
            const std::size_t permission = 2 + (number * size.permissions_a_role + at) % (size.permissions - 2);
            role.permissions.push_back(policy.permissions[permission].id);
        }
        policy.roles.push_back(std::move(role));
    }
    return roles;
}

void add_users(TenantPolicy& policy, const Size& size, std::size_t roles) {
    policy.subjects.reserve(size.users);
    for (std::size_t number = 0; number < size.users; ++number) {
        Subject subject{.id = user(number), .email_domain = "psl-001.example"};
        subject.attributes = {{"clearance", static_cast<double>(2 + number % 4)},
                              {"region", "apac"},
                              {"department", fmt::format("dep-{}", number % 12)}};
        const std::size_t combination = number % role_combinations;
        for (std::size_t at = 0; at < size.roles_a_user; ++at) {
            subject.roles.push_back({numbered<RoleId>(3, (combination + at * 7) % roles), {}});
        }
        policy.subjects.push_back(std::move(subject));
    }
}

}  // namespace

SubjectId user(std::size_t number) { return {numbered<RoleId>(9, number).text()}; }

TenantPolicy organisation(const Size& size) {
    TenantPolicy policy{.id = numbered<TenantId>(8, 1)};
    add_resources(policy, size);
    add_permissions(policy, size);
    add_users(policy, size, add_roles(policy, size));
    return policy;
}

Question plain_question(std::size_t user_number) {
    return {.subject = user(user_number), .action = "read", .resource = {.type = "document", .id = "document-1"}};
}

Question conditional_question(std::size_t user_number, const Size& size) {
    return {.subject = user(user_number),
            .action = "update",
            .resource = {.type = type_name(size.depth - 1), .id = node_code(size.depth - 1)}};
}

Question denied_question(std::size_t user_number) {
    return {.subject = user(user_number), .action = "archive", .resource = {.type = "document", .id = "document-1"}};
}

Instant noon() noexcept { return {.seconds = 1'767'614'400, .nanoseconds = 0}; }

}  // namespace sentinel::bench
