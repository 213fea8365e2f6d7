#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "modules/users/repository_roles.hpp"
#include "modules/users/subjects.hpp"
#include "platform/service/error.hpp"

namespace sentinel::users {

namespace json = core::json;
using access::AccessState;
using access::AccessStatePointer;
using access::Grant;
using access::GrantKind;
using access::SubjectRow;
using boost::asio::awaitable;
using platform::Scope;
using platform::ScopeSet;

namespace {

constexpr std::int64_t top_priority = 1'000;
/// Stands for "without end": the last instant that can be written.
constexpr core::Instant far_future{.seconds = 253'402'300'799, .nanoseconds = 0};

using RoleSet = std::set<core::RoleId>;

/// The role with its parents, as far as active roles pass on.
void add_role(const AccessState& state, core::RoleId role, RoleSet& into) {
    for (const access::RoleRow* row = state.role(role); row != nullptr && row->is_active;) {
        if (!into.insert(row->id).second || !row->parent) return;
        row = state.role(*row->parent);
    }
}

void add_group(const AccessState& state, core::GroupId group, RoleSet& into) {
    std::set<core::GroupId> seen;
    for (const access::GroupRow* row = state.group(group); row != nullptr && row->is_active;) {
        if (!seen.insert(row->id).second) return;
        for (const core::RoleId role : row->roles) add_role(state, role, into);
        if (!row->parent) return;
        row = state.group(*row->parent);
    }
}

/// All roles that the subject has or will have, also while it is switched off.
std::vector<core::RoleId> roles_of(const AccessState& state, const SubjectRow& subject, core::Instant now) {
    RoleSet roles;
    for (const Grant& grant : subject.grants) {
        if (grant.period.until <= access::microseconds_of(now)) continue;
        if (grant.kind == GrantKind::role) {
            add_role(state, core::RoleId{grant.target}, roles);
        } else {
            add_group(state, core::GroupId{grant.target}, roles);
        }
    }
    return {roles.begin(), roles.end()};
}

ScopeSet scopes_of(const AccessState& state, const std::vector<core::RoleId>& roles) {
    ScopeSet scopes;
    for (const core::RoleId role : roles) scopes = scopes.united(state.scopes_of_role(role));
    return scopes;
}

/// The roles held now and still at the end of the time.
std::vector<core::RoleId> lasting_roles(const AccessState& state, core::UserId actor, core::Instant now, core::Instant end) {
    const std::vector<core::RoleId> at_first = state.effective_roles(actor, now);
    const std::vector<core::RoleId> at_last = state.effective_roles(actor, end);
    std::vector<core::RoleId> both;
    std::ranges::set_intersection(at_first, at_last, std::back_inserter(both));
    return both;
}

platform::ServiceError refusal(const platform::Actor& actor, const std::vector<std::string_view>& missing) {
    json::Array uncovered;
    for (const std::string_view part : missing) uncovered.emplace_back(json::Object{{"missing", part}});
    auto error = platform::escalation("This needs more than you hold yourself.");
    if (!actor.scopes.has(Scope::permission_read)) {
        return std::move(error).with_detail("uncovered_count", static_cast<std::int64_t>(uncovered.size()));
    }
    return std::move(error).with_detail("uncovered", std::move(uncovered));
}

/// Holds, without an end, what runs a tenant (spec 04 rule 11).
bool is_administrator(const AccessState& state, const SubjectRow& subject, core::Instant now) {
    if (subject.kind != platform::ActorKind::user || !subject.is_usable(now) || subject.grants.empty()) return false;
    SubjectRow lasting = subject;
    std::erase_if(lasting.grants, [&](const Grant& grant) {
        return !grant.period.contains(now) || grant.period.until != access::Period().until;
    });
    const ScopeSet scopes = state.scopes_of(lasting, now);
    const bool needs_platform = state.tenant().id == core::platform_tenant;
    return scopes.has(Scope::role_admin) && scopes.has(Scope::user_admin) && scopes.has(Scope::permission_admin) &&
           (!needs_platform || scopes.has(Scope::platform_admin));
}

}  // namespace

awaitable<Cover> Subjects::cover_of(writes::WriteTransaction& write, std::optional<core::Instant> until) {
    const platform::Actor& actor = write.context().actor;
    Cover cover;
    if (actor.kind == platform::ActorKind::system) {
        cover.is_unbounded = true;
        co_return cover;
    }
    const core::Instant end =
        until ? core::Instant{.seconds = until->seconds - 1, .nanoseconds = until->nanoseconds} : far_future;
    const AccessStatePointer home = co_await parts_.access->require(actor.home_tenant);
    if (!home) co_return cover;
    const core::Instant last = std::max(end, now());
    cover.scopes = actor.scopes.cut_to(home->scopes_of(actor.user, now())).cut_to(home->scopes_of(actor.user, last));
    if (actor.acts_elsewhere()) {
        // The platform, and whoever administers a tenant above, cover everything here but scopes.
        cover.priority = top_priority;
        cover.permissions.allows_everything = true;
        co_return cover;
    }
    const std::vector<core::RoleId> roles = lasting_roles(*home, actor.user, now(), last);
    cover.permissions = co_await repository::carried_permissions(write.sql(), roles);
    cover.priority = top_priority;
    if (!cover.permissions.allows_everything) cover.priority = co_await repository::highest_priority(write.sql(), roles);
    co_return cover;
}

awaitable<void> Subjects::check_cover(writes::WriteTransaction& write, const Cover& cover, const AccessState& state,
                                      const std::vector<core::RoleId>& roles) {
    if (cover.is_unbounded || roles.empty()) co_return;
    std::vector<std::string_view> missing;
    if (!cover.scopes.includes(scopes_of(state, roles))) missing.emplace_back("scope");
    const std::int64_t priority = co_await repository::highest_priority(write.sql(), roles);
    if (priority > cover.priority) missing.emplace_back("priority");
    // Until permissions are compared by what they allow (spec 06 C5), only the very same ones cover one another.
    const CarriedPermissions carried = co_await repository::carried_permissions(write.sql(), roles);
    const bool has_all = cover.permissions.allows_everything || std::ranges::includes(cover.permissions.ids, carried.ids);
    if (!has_all) missing.emplace_back("action");
    if (!missing.empty()) throw refusal(write.context().actor, missing);
}

awaitable<void> Subjects::check_covers(writes::WriteTransaction& write, core::UserId subject) {
    const Cover cover = co_await cover_of(write, std::nullopt);
    if (cover.is_unbounded) co_return;
    const AccessStatePointer state = co_await parts_.access->require(write.tenant());
    const SubjectRow* row = state ? state->subject(subject) : nullptr;
    if (row == nullptr) throw platform::not_found("user");
    co_await check_cover(write, cover, *state, roles_of(*state, *row, now()));
}

awaitable<void> Subjects::check_may_give(writes::WriteTransaction& write, const std::vector<core::RoleId>& roles,
                                         std::optional<core::Instant> until) {
    const Cover cover = co_await cover_of(write, until);
    if (cover.is_unbounded) co_return;
    const AccessStatePointer state = co_await parts_.access->require(write.tenant());
    if (!state) throw platform::not_found("tenant");
    RoleSet closure;
    for (const core::RoleId role : roles) add_role(*state, role, closure);
    // An inactive role gives nothing yet; its priority counts all the same.
    closure.insert(roles.begin(), roles.end());
    co_await check_cover(write, cover, *state, {closure.begin(), closure.end()});
}

awaitable<void> Subjects::check_may_take(writes::WriteTransaction& write, core::RoleId role) {
    const Cover cover = co_await cover_of(write, std::nullopt);
    if (cover.is_unbounded) co_return;
    const std::vector<core::RoleId> roles{role};
    const std::int64_t priority = co_await repository::highest_priority(write.sql(), roles);
    if (priority <= cover.priority) co_return;
    const std::vector<std::string_view> missing{"priority"};
    throw refusal(write.context().actor, missing);
}

awaitable<void> Subjects::check_last_administrator(writes::WriteTransaction& write, core::UserId subject,
                                                   const std::function<void(SubjectRow&)>& change) {
    const AccessStatePointer state = co_await parts_.access->require(write.tenant());
    const SubjectRow* row = state ? state->subject(subject) : nullptr;
    if (row == nullptr || !is_administrator(*state, *row, now())) co_return;
    SubjectRow changed = *row;
    change(changed);
    if (is_administrator(*state, changed, now())) co_return;
    bool has_other = false;
    state->for_each_subject([&](const SubjectRow& other) {
        has_other = has_other || (other.id != subject && is_administrator(*state, other, now()));
    });
    if (!has_other) throw platform::conflict("last_admin", "The tenant would be left without an administrator.");
}

}  // namespace sentinel::users
