#include "modules/users/repository_roles.hpp"

#include <algorithm>
#include <utility>

namespace sentinel::users {

using boost::asio::awaitable;
using postgres::Statement;

namespace {

constexpr Statement find_roles_statement{
    "users.find_roles",
    "SELECT id, name, is_assignable, priority FROM sentinel.roles WHERE tenant_id = $1 AND (id = ANY($2::uuid[]) OR "
    "name = ANY($3::text[]))"};
constexpr Statement find_groups_statement{
    "users.find_groups",
    "SELECT id FROM sentinel.groups WHERE tenant_id = $1 AND (id = ANY($2::uuid[]) OR name = ANY($3::text[]))"};
constexpr Statement priority_statement{
    "users.highest_priority",
    "SELECT coalesce(max(priority), 0) FROM sentinel.roles WHERE tenant_id = $1 AND id = ANY($2::uuid[])"};
constexpr Statement permissions_statement{
    "users.carried_permissions",
    "SELECT DISTINCT carried.id, carried.effect = 'allow' AND carried.resource_type = '*' AND carried.resource_path = '**' AND "
    "carried.actions = '{*}' AND carried.conditions = '{}' FROM sentinel.role_permissions link JOIN sentinel.permissions carried "
    "ON carried.tenant_id = link.tenant_id AND carried.id = link.permission_id WHERE link.tenant_id = $1 AND link.role_id = "
    "ANY($2::uuid[]) AND carried.is_active"};
constexpr Statement assignments_statement{
    "users.assignments",
    "SELECT held.role_id, role.name, role.display_name, role.priority, held.granted_by, held.granted_at, held.expires_at, "
    "held.is_active, held.reason, held.grant_id FROM sentinel.user_roles held JOIN sentinel.roles role ON role.tenant_id = "
    "held.tenant_id AND role.id = held.role_id WHERE held.tenant_id = $1 AND held.user_id = $2 ORDER BY role.name, held.id"};
// rank: 0 direct, 1 by a group, 2 a parent of such a role, 3 everyone's.
constexpr Statement effective_statement{
    "users.effective_roles",
    "WITH RECURSIVE member AS ("
    "SELECT joined.id, joined.parent_group_id, held.expires_at FROM sentinel.user_groups held JOIN sentinel.groups joined ON "
    "joined.tenant_id = held.tenant_id AND joined.id = held.group_id WHERE held.tenant_id = $1 AND held.user_id = $2 AND "
    "joined.is_active AND (held.starts_at IS NULL OR held.starts_at <= now()) AND (held.expires_at IS NULL OR held.expires_at > "
    "now()) UNION "
    "SELECT above.id, above.parent_group_id, member.expires_at FROM member JOIN sentinel.groups above ON above.tenant_id = $1 "
    "AND "
    "above.id = member.parent_group_id WHERE above.is_active), "
    "held AS (SELECT role_id, 0 AS rank, expires_at FROM sentinel.user_roles WHERE tenant_id = $1 AND user_id = $2 AND is_active "
    "AND (starts_at IS NULL OR starts_at <= now()) AND (expires_at IS NULL OR expires_at > now()) UNION ALL "
    "SELECT link.role_id, 1, member.expires_at FROM member JOIN sentinel.group_roles link ON link.tenant_id = $1 AND "
    "link.group_id = member.id UNION ALL "
    "SELECT id, 3, NULL FROM sentinel.roles WHERE tenant_id = $1 AND name = 'everyone' AND type = 'system' AND $3), "
    "closure AS (SELECT role.id, role.parent_role_id, held.rank, held.expires_at FROM held JOIN sentinel.roles role ON "
    "role.tenant_id = $1 AND role.id = held.role_id WHERE role.is_active UNION "
    "SELECT above.id, above.parent_role_id, 2, closure.expires_at FROM closure JOIN sentinel.roles above ON above.tenant_id = $1 "
    "AND above.id = closure.parent_role_id WHERE above.is_active) "
    "SELECT role.id AS role_id, role.name, role.display_name, role.priority, role.type, found.rank, found.expires_at, "
    "own.granted_by, own.granted_at, own.reason FROM (SELECT id, min(rank) AS rank, CASE WHEN bool_or(expires_at IS NULL) THEN "
    "NULL ELSE max(expires_at) END AS expires_at FROM closure GROUP BY id) found JOIN sentinel.roles role ON role.tenant_id = $1 "
    "AND role.id = found.id LEFT JOIN sentinel.user_roles own ON own.tenant_id = $1 AND own.user_id = $2 AND own.role_id = "
    "found.id AND own.grant_id IS NULL AND found.rank = 0 ORDER BY role.priority DESC, role.name"};
constexpr Statement groups_statement{
    "users.groups",
    "SELECT joined.id, joined.name, joined.display_name FROM sentinel.user_groups held JOIN sentinel.groups joined ON "
    "joined.tenant_id = held.tenant_id AND joined.id = held.group_id WHERE held.tenant_id = $1 AND held.user_id = $2 AND "
    "(held.starts_at IS NULL OR held.starts_at <= now()) AND (held.expires_at IS NULL OR held.expires_at > now()) "
    "GROUP BY joined.id, joined.name, joined.display_name ORDER BY joined.name"};
constexpr Statement find_assignment_statement{"users.find_assignment",
                                              "SELECT id, is_active, expires_at, reason FROM sentinel.user_roles WHERE tenant_id "
                                              "= $1 AND user_id = $2 AND role_id = $3 AND "
                                              "grant_id IS NULL"};
constexpr Statement count_assignments_statement{
    "users.count_assignments",
    "SELECT count(*) FROM sentinel.user_roles WHERE tenant_id = $1 AND user_id = $2 AND grant_id IS NULL"};
constexpr Statement insert_assignment_statement{
    "users.insert_assignment",
    "INSERT INTO sentinel.user_roles (tenant_id, id, user_id, role_id, granted_by, granted_at, expires_at, reason) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
constexpr Statement renew_assignment_statement{"users.renew_assignment",
                                               "UPDATE sentinel.user_roles SET granted_by = $3, granted_at = $4, expires_at = "
                                               "$5, reason = $6, is_active = true, starts_at = "
                                               "NULL WHERE tenant_id = $1 AND id = $2"};
constexpr Statement update_assignment_statement{
    "users.update_assignment",
    "UPDATE sentinel.user_roles SET expires_at = $3, is_active = $4, reason = $5 WHERE tenant_id = $1 AND id = $2"};
constexpr Statement delete_assignment_statement{"users.delete_assignment",
                                                "DELETE FROM sentinel.user_roles WHERE tenant_id = $1 AND id = $2"};
constexpr Statement held_by_a_person{
    "users.is_held_by_a_person",
    "SELECT EXISTS (SELECT 1 FROM sentinel.user_roles held JOIN sentinel.users person ON person.tenant_id = held.tenant_id AND "
    "person.id = held.user_id WHERE held.tenant_id = $1 AND held.role_id = $2 AND held.is_active AND person.deleted_at IS NULL "
    "AND "
    "NOT person.is_service_account)"};

/// Names as they are asked for: ids and names apart.
struct Named {
    explicit Named(const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
            if (const auto id = core::Uuid::parse(text)) {
                ids.push_back(*id);
            } else {
                names.push_back(text);
            }
        }
    }
    std::vector<core::Uuid> ids;
    std::vector<std::string> names;
};

HeldAs held_as(std::int32_t rank) {
    switch (rank) {
        case 0: return HeldAs::direct;
        case 1: return HeldAs::group;
        case 2: return HeldAs::inherited;
        default: return HeldAs::everyone;
    }
}

RoleAssignment assignment_of(const postgres::Row& row) {
    RoleAssignment assignment;
    assignment.id = row.get<core::RoleId>("role_id");
    assignment.name = row.get<std::string>("name");
    assignment.display_name = row.get<std::optional<std::string>>("display_name");
    assignment.priority = row.get<std::int32_t>("priority");
    assignment.granted_by = row.get<std::optional<core::UserId>>("granted_by");
    assignment.granted_at = row.get<std::optional<core::Instant>>("granted_at");
    assignment.expires_at = row.get<std::optional<core::Instant>>("expires_at");
    assignment.reason = row.get<std::optional<std::string>>("reason");
    return assignment;
}

}  // namespace

namespace repository {

awaitable<std::vector<RoleRow>> find_roles(postgres::Transaction& transaction, const std::vector<std::string>& names) {
    const Named named(names);
    const postgres::Result result =
        co_await transaction.execute(find_roles_statement, transaction.tenant(), named.ids, named.names);
    std::vector<RoleRow> roles;
    for (const postgres::Row row : result) {
        roles.push_back({row.get<core::RoleId>(0), row.get<std::string>(1), row.get<bool>(2), row.get<std::int32_t>(3)});
    }
    co_return roles;
}

awaitable<std::vector<core::GroupId>> find_groups(postgres::Transaction& transaction, const std::vector<std::string>& names) {
    const Named named(names);
    const postgres::Result result =
        co_await transaction.execute(find_groups_statement, transaction.tenant(), named.ids, named.names);
    std::vector<core::GroupId> groups;
    for (const postgres::Row row : result) groups.push_back(row.get<core::GroupId>(0));
    co_return groups;
}

awaitable<std::int64_t> highest_priority(postgres::Transaction& transaction, const std::vector<core::RoleId>& roles) {
    const postgres::Result result = co_await transaction.execute(priority_statement, transaction.tenant(), roles);
    co_return result.one().get<std::int32_t>(0);
}

awaitable<CarriedPermissions> carried_permissions(postgres::Transaction& transaction, const std::vector<core::RoleId>& roles) {
    const postgres::Result result = co_await transaction.execute(permissions_statement, transaction.tenant(), roles);
    CarriedPermissions carried;
    for (const postgres::Row row : result) {
        carried.ids.push_back(row.get<core::PermissionId>(0));
        carried.allows_everything = carried.allows_everything || row.get<bool>(1);
    }
    std::ranges::sort(carried.ids);
    co_return carried;
}

awaitable<std::vector<RoleAssignment>> assignments(postgres::Transaction& transaction, core::UserId user) {
    const postgres::Result result = co_await transaction.execute(assignments_statement, transaction.tenant(), user);
    std::vector<RoleAssignment> list;
    for (const postgres::Row row : result) {
        RoleAssignment assignment = assignment_of(row);
        assignment.is_active = row.get<bool>("is_active");
        assignment.grant_id = row.get<std::optional<core::Uuid>>("grant_id");
        list.push_back(std::move(assignment));
    }
    co_return list;
}

awaitable<std::vector<EffectiveRole>> effective_roles(postgres::Transaction& transaction, core::UserId user, bool with_everyone) {
    const postgres::Result result = co_await transaction.execute(effective_statement, transaction.tenant(), user, with_everyone);
    std::vector<EffectiveRole> list;
    for (const postgres::Row row : result) {
        EffectiveRole role{assignment_of(row), row.get<std::string>("type")};
        role.assignment.held_as = held_as(row.get<std::int32_t>("rank"));
        list.push_back(std::move(role));
    }
    co_return list;
}

awaitable<std::vector<GroupSummary>> groups(postgres::Transaction& transaction, core::UserId user) {
    const postgres::Result result = co_await transaction.execute(groups_statement, transaction.tenant(), user);
    std::vector<GroupSummary> list;
    for (const postgres::Row row : result) {
        list.push_back({row.get<core::GroupId>(0), row.get<std::string>(1), row.get<std::optional<std::string>>(2)});
    }
    co_return list;
}

awaitable<std::optional<AssignmentRow>> find_assignment(postgres::Transaction& transaction, core::UserId user,
                                                        core::RoleId role) {
    const postgres::Result result = co_await transaction.execute(find_assignment_statement, transaction.tenant(), user, role);
    const auto row = result.maybe_one();
    if (!row) co_return std::nullopt;
    co_return AssignmentRow{.id = row->get<core::Uuid>(0),
                            .role = role,
                            .is_active = row->get<bool>(1),
                            .expires_at = row->get<std::optional<core::Instant>>(2),
                            .reason = row->get<std::optional<std::string>>(3)};
}

awaitable<std::int64_t> count_assignments(postgres::Transaction& transaction, core::UserId user) {
    const postgres::Result result = co_await transaction.execute(count_assignments_statement, transaction.tenant(), user);
    co_return result.one().get<std::int64_t>(0);
}

awaitable<void> insert_assignment(postgres::Transaction& transaction, core::Uuid id, const NewAssignment& assignment) {
    co_await transaction.execute(insert_assignment_statement, transaction.tenant(), id, assignment.user, assignment.role,
                                 assignment.granted_by, assignment.granted_at, assignment.expires_at, assignment.reason);
}

awaitable<void> renew_assignment(postgres::Transaction& transaction, core::Uuid id, const NewAssignment& assignment) {
    co_await transaction.execute(renew_assignment_statement, transaction.tenant(), id, assignment.granted_by,
                                 assignment.granted_at, assignment.expires_at, assignment.reason);
}

awaitable<void> update_assignment(postgres::Transaction& transaction, const AssignmentRow& row) {
    co_await transaction.execute(update_assignment_statement, transaction.tenant(), row.id, row.expires_at, row.is_active,
                                 row.reason);
}

awaitable<void> delete_assignment(postgres::Transaction& transaction, core::Uuid id) {
    co_await transaction.execute(delete_assignment_statement, transaction.tenant(), id);
}

awaitable<bool> is_held_by_a_person(postgres::Transaction& transaction, core::RoleId role) {
    const postgres::Result result = co_await transaction.execute(held_by_a_person, transaction.tenant(), role);
    co_return result.one().get<bool>(0);
}

}  // namespace repository

postgres::StatementList role_statements() noexcept {
    static constexpr const Statement* statements[] = {&find_roles_statement,
                                                      &find_groups_statement,
                                                      &priority_statement,
                                                      &permissions_statement,
                                                      &assignments_statement,
                                                      &effective_statement,
                                                      &groups_statement,
                                                      &find_assignment_statement,
                                                      &count_assignments_statement,
                                                      &insert_assignment_statement,
                                                      &renew_assignment_statement,
                                                      &update_assignment_statement,
                                                      &delete_assignment_statement,
                                                      &held_by_a_person};
    return statements;
}

}  // namespace sentinel::users
