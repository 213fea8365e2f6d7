#include <algorithm>
#include <utility>

#include "modules/users/repository_roles.hpp"
#include "modules/users/users.hpp"
#include "platform/postgres/errors.hpp"
#include "platform/service/error.hpp"

namespace sentinel::users {

namespace json = core::json;
using access::Grant;
using access::GrantKind;
using boost::asio::awaitable;
using platform::Rule;
using platform::Scope;

namespace {

platform::ServiceError not_in_the_future() {
    return platform::validation_failed("/expires_at", Rule::minimum, "expires_at must be in the future.");
}

bool gives(const AssignmentRow& row, core::Instant now) { return row.is_active && (!row.expires_at || *row.expires_at > now); }

/// Longer than before, or at all.
bool gives_more(const AssignmentRow& before, const AssignmentRow& after, core::Instant now) {
    if (!gives(after, now)) return false;
    if (!gives(before, now)) return true;
    if (!before.expires_at) return false;
    return !after.expires_at || *after.expires_at > *before.expires_at;
}

json::Object assignment_metadata(const RoleAssignment& role) {
    json::Object metadata{{"source", "api"}, {"role_id", role.id.text()}, {"role", role.name}};
    metadata.set("is_active", role.is_active);
    if (role.expires_at) metadata.set("expires_at", role.expires_at->text());
    return metadata;
}

/// The subject as it would be without the direct assignment, or with another end of it.
void replace_grant(access::SubjectRow& subject, core::RoleId role, const std::optional<access::Period>& period) {
    // Rows that an access request brought look alike here; to forget them too can only refuse too much.
    std::erase_if(subject.grants,
                  [&](const Grant& grant) { return grant.kind == GrantKind::role && grant.target == role.value; });
    if (period) subject.grants.push_back({.target = role.value, .kind = GrantKind::role, .period = *period});
}

}  // namespace

awaitable<RoleAssignments> UserService::assign(platform::RequestContext& context, core::UserId user, const AssignRoles& body) {
    RolesWanted wanted{.unknown_is_a_fault = false};
    if (body.role_id) {
        wanted = {.names = {body.role_id->text()}, .pointer = "/role_id", .is_list = false, .unknown_is_a_fault = false};
    } else {
        wanted.names = *body.roles;
    }
    try {
        co_return co_await subjects_.write_policy<RoleAssignments>(
            context, [&](writes::WriteTransaction& write) -> awaitable<RoleAssignments> {
                const Subject subject = co_await subjects_.require(write.sql(), user);
                if (subject.is_service_account) require_scope(context.actor, Scope::service_account_admin);
                co_await subjects_.assign(write, subject, wanted, body.expires_at, body.reason);
                RoleAssignments answer;
                answer.roles = co_await repository::assignments(write.sql(), user);
                co_return answer;
            });
    } catch (const postgres::CheckViolation& violation) {
        // Between the check here and the row a moment passes.
        if (violation.constraint() == "user_roles_expiry") throw not_in_the_future();
        throw;
    }
}

awaitable<RoleAssignment> UserService::update_assignment(platform::RequestContext& context, const AssignmentPath& path,
                                                         const UpdateAssignment& body) {
    try {
        co_return co_await subjects_.write_policy<RoleAssignment>(
            context, [&](writes::WriteTransaction& write) -> awaitable<RoleAssignment> {
                const core::Instant now = subjects_.now();
                const Subject subject = co_await subjects_.require(write.sql(), path.user_id);
                if (subject.is_service_account) require_scope(context.actor, Scope::service_account_admin);
                const auto before = co_await repository::find_assignment(write.sql(), path.user_id, path.role_id);
                if (!before) throw platform::not_found("role");
                AssignmentRow after = *before;
                const bool has_other_end = body.expires_at.apply_to(after.expires_at);
                if (has_other_end && after.expires_at && *after.expires_at <= now) throw not_in_the_future();
                const bool has_other_state = body.is_active.apply_to(after.is_active);
                const bool has_other_reason = body.reason.apply_to(after.reason);
                const bool has_changed = has_other_end || has_other_state || has_other_reason;
                if (has_changed) {
                    if (gives_more(*before, after, now)) {
                        co_await subjects_.check_may_give(write, {path.role_id}, after.expires_at);
                    } else {
                        co_await subjects_.check_may_take(write, path.role_id);
                    }
                    co_await subjects_.check_last_administrator(write, path.user_id, [&](access::SubjectRow& row) {
                        std::optional<access::Period> period;
                        if (after.is_active) period = access::Period::of(std::nullopt, after.expires_at);
                        replace_grant(row, path.role_id, period);
                    });
                    co_await repository::update_assignment(write.sql(), after);
                }
                std::vector<RoleAssignment> all = co_await repository::assignments(write.sql(), path.user_id);
                const auto changed =
                    std::ranges::find_if(all, [&](const RoleAssignment& row) { return row.id == path.role_id && !row.grant_id; });
                if (changed == all.end()) throw platform::not_found("role");
                if (has_changed) {
                    write.audit({.action = "role.assign",
                                 .resource_type = "user",
                                 .resource_id = path.user_id.text(),
                                 .metadata = assignment_metadata(*changed)});
                }
                co_return std::move(*changed);
            });
    } catch (const postgres::CheckViolation& violation) {
        if (violation.constraint() == "user_roles_expiry") throw not_in_the_future();
        throw;
    }
}

awaitable<void> UserService::unassign(platform::RequestContext& context, const AssignmentPath& path) {
    co_await subjects_.write_policy<void>(context, [&](writes::WriteTransaction& write) -> awaitable<void> {
        const Subject subject = co_await subjects_.require(write.sql(), path.user_id);
        if (subject.is_service_account) require_scope(context.actor, Scope::service_account_admin);
        const auto row = co_await repository::find_assignment(write.sql(), path.user_id, path.role_id);
        if (!row) throw platform::not_found("role");
        co_await subjects_.check_may_take(write, path.role_id);
        co_await subjects_.check_last_administrator(
            write, path.user_id, [&](access::SubjectRow& holder) { replace_grant(holder, path.role_id, std::nullopt); });
        const std::vector<RoleRow> role = co_await repository::find_roles(write.sql(), {path.role_id.text()});
        co_await repository::delete_assignment(write.sql(), row->id);
        json::Object metadata{{"source", "api"}, {"role_id", path.role_id.text()}};
        if (!role.empty()) metadata.set("role", role.front().name);
        write.audit({.action = "role.unassign",
                     .resource_type = "user",
                     .resource_id = path.user_id.text(),
                     .metadata = std::move(metadata)});
    });
}

}  // namespace sentinel::users
