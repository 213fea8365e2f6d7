#include <algorithm>
#include <set>
#include <utility>

#include "modules/users/repository.hpp"
#include "modules/users/repository_list.hpp"
#include "modules/users/search.hpp"
#include "modules/users/users.hpp"
#include "platform/service/error.hpp"

namespace sentinel::users {

using access::AccessState;
using boost::asio::awaitable;
using platform::Scope;

namespace {

/// Does the way up from `id`, as far as it is active, satisfy the predicate?
template <class Row, class Id, class Find, class Matches>
bool reaches(Id id, Find find, Matches matches) {
    std::set<Id> seen;
    for (const Row* row = find(id); row != nullptr && row->is_active && seen.insert(row->id).second;) {
        if (matches(*row)) return true;
        if (!row->parent) return false;
        row = find(*row->parent);
    }
    return false;
}

bool brings(const AccessState& state, core::RoleId role, const std::set<core::RoleId>& wanted) {
    return reaches<access::RoleRow>(
        role, [&](core::RoleId id) { return state.role(id); },
        [&](const access::RoleRow& row) { return wanted.contains(row.id); });
}

/// Roles of which each holder effectively has one of the wanted.
std::vector<core::RoleId> roles_that_bring(const AccessState& state, const std::set<core::RoleId>& wanted) {
    std::vector<core::RoleId> roles;
    state.for_each_role([&](const access::RoleRow& row) {
        if (brings(state, row.id, wanted)) roles.push_back(row.id);
    });
    return roles;
}

/// What the query asks, with names made ids and hierarchies resolved.
class ListQuestion {
public:
    ListQuestion(const UserParts& parts, const ListUsers& query) : parts_(&parts), query_(&query) {}

    awaitable<SubjectFilter> resolve(postgres::Transaction& transaction, const crypto::KeyRing& keys) {
        SubjectFilter filter{.is_service_account = query_->is_service_account,
                             .is_active = query_->is_active,
                             .mfa_enabled = query_->mfa_enabled,
                             .from_last_login = query_->from_last_login,
                             .to_last_login = query_->to_last_login,
                             .from_created_at = query_->from_created_at,
                             .to_created_at = query_->to_created_at,
                             .with_deleted = query_->include_deleted};
        if (!query_->status.empty()) {
            filter.status.emplace();
            for (const UserStatus status : query_->status) filter.status->emplace_back(text_of(status));
        }
        if (!query_->role.empty() || !query_->group.empty()) {
            state_ = co_await parts_->access->require(transaction.tenant());
            if (!state_) throw platform::not_found("tenant");
        }
        if (!query_->role.empty()) co_await resolve_roles(transaction, filter);
        if (!query_->group.empty()) co_await resolve_groups(transaction, filter);
        if (query_->search) filter.among = co_await search(transaction, keys, *query_->search, query_->include_deleted);
        co_return filter;
    }

private:
    awaitable<void> resolve_roles(postgres::Transaction& transaction, SubjectFilter& filter) {
        std::set<core::RoleId> wanted;
        bool means_everyone = false;
        for (const RoleRow& row : co_await repository::find_roles(transaction, query_->role)) {
            wanted.insert(row.id);
            means_everyone = means_everyone || row.name == "everyone";
        }
        if (means_everyone) {
            // Whoever is active holds it, and nobody else.
            if (!filter.is_active.value_or(true)) filter.status.emplace();  // none is both
            filter.is_active = true;
            co_return;
        }
        filter.roles = roles_that_bring(*state_, wanted);
        const std::set<core::RoleId> bringing(filter.roles->begin(), filter.roles->end());
        filter.role_groups = groups_where([&](const access::GroupRow& row) {
            return std::ranges::any_of(row.roles, [&](core::RoleId role) { return bringing.contains(role); });
        });
    }

    awaitable<void> resolve_groups(postgres::Transaction& transaction, SubjectFilter& filter) {
        const std::vector<core::GroupId> named = co_await repository::find_groups(transaction, query_->group);
        filter.groups =
            groups_where([&](const access::GroupRow& row) { return std::ranges::find(named, row.id) != named.end(); });
    }

    /// Groups whose way up has one that matches.
    template <class Matches>
    std::vector<core::GroupId> groups_where(Matches matches) const {
        std::vector<core::GroupId> groups;
        state_->for_each_group([&](const access::GroupRow& row) {
            const auto find = [&](core::GroupId id) { return state_->group(id); };
            if (reaches<access::GroupRow>(row.id, find, matches)) groups.push_back(row.id);
        });
        return groups;
    }

    const UserParts* parts_;
    const ListUsers* query_;
    access::AccessStatePointer state_;
};

}  // namespace

awaitable<http::Page<User>> UserService::list(const platform::RequestContext& context, const ListUsers& query) {
    if (query.include_deleted) require_scope(context.actor, Scope::user_admin);
    if (query.tenant_id && *query.tenant_id != context.actor.tenant) {
        subjects_.tell_foreign_tenant(context, *query.tenant_id);
        throw platform::ServiceError(platform::ErrorCode::permission_denied, "This is not the tenant acted in.");
    }
    const UserParts& parts = subjects_.parts();
    co_return co_await parts.database->read(
        context.actor.tenant, [&](postgres::Transaction& transaction) -> awaitable<http::Page<User>> {
            const writes::KeyRingPointer keys = co_await parts.tenant_keys->of(transaction);
            ListQuestion question(parts, query);
            const SubjectFilter filter = co_await question.resolve(transaction, *keys);
            http::Page<Subject> found = co_await repository::list(transaction, *keys, filter, query.page);
            http::Page<User> page;
            page.total = found.total;
            page.next = std::move(found.next);
            for (const Subject& subject : found.items) page.items.push_back(user_of(subject));
            co_return page;
        });
}

awaitable<UserDetail> UserService::get(const platform::RequestContext& context, core::UserId user) {
    const UserParts& parts = subjects_.parts();
    co_return co_await parts.database->read(context.actor.tenant,
                                            [&](postgres::Transaction& transaction) -> awaitable<UserDetail> {
                                                const Subject subject = co_await subjects_.require(transaction, user);
                                                UserDetail detail = co_await subjects_.detail(transaction, subject);
                                                if (!context.actor.scopes.has(Scope::user_read)) {
                                                    detail.failed_login_count.reset();
                                                    detail.locked_until.reset();
                                                    detail.lock_kind.reset();
                                                }
                                                co_return detail;
                                            });
}

awaitable<UserDetail> UserService::get_self(const platform::RequestContext& context) {
    // One's row is at home, wherever one acts.
    if (context.actor.acts_elsewhere()) throw platform::not_found("user");
    return get(context, context.actor.user);
}

awaitable<RoleAssignments> UserService::roles(const platform::RequestContext& context, core::UserId user,
                                              const ListRoles& query) {
    const UserParts& parts = subjects_.parts();
    co_return co_await parts.database->read(
        context.actor.tenant, [&](postgres::Transaction& transaction) -> awaitable<RoleAssignments> {
            const Subject subject = co_await subjects_.require(transaction, user);
            RoleAssignments answer;
            if (!query.effective) {
                answer.roles = co_await repository::assignments(transaction, user);
                co_return answer;
            }
            // Whoever is inactive or locked by an administrator holds nothing (rule 11).
            const bool is_locked = subject.lock_kind == LockKind::administrator && subject.locked_until > subjects_.now();
            if (!subject.is_active || is_locked) co_return answer;
            for (repository::EffectiveRole& role : co_await repository::effective_roles(transaction, user, true)) {
                answer.roles.push_back(std::move(role.assignment));
            }
            co_return answer;
        });
}

}  // namespace sentinel::users
