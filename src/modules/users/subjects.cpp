#include "modules/users/subjects.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "modules/tenants/repository.hpp"
#include "modules/users/repository.hpp"
#include "platform/crypto/api_key.hpp"
#include "platform/service/error.hpp"

namespace sentinel::users {

namespace json = core::json;
using boost::asio::awaitable;
using platform::ErrorCode;
using platform::Rule;

namespace {

constexpr std::int64_t most_direct_roles = 200;
constexpr std::string_view disabled = "disabled";

bool has_left(const Subject& before, const Subject& after) { return before.is_active && !after.is_active; }

/// Members whose values differ.
std::vector<std::string> changed_members(const json::Object& before, const json::Object& after) {
    std::vector<std::string> names;
    for (const auto& [name, value] : before) {
        const json::Value* now = after.find(name);
        if (now == nullptr || !(*now == value)) names.push_back(name);
    }
    for (const auto& [name, value] : after) {
        if (!before.contains(name)) names.push_back(name);
    }
    return names;
}

json::Value text_or_null(const std::optional<std::string>& text) { return text ? json::Value(*text) : json::Value(); }

/// Names everything and shows no personal data.
json::Object changes_between(const Subject& before, const Subject& after) {
    json::Object changes;
    if (before.email != after.email) changes.set("email", writes::changed());
    if (before.username != after.username) {
        changes.set("username", writes::change_of(text_or_null(before.username), text_or_null(after.username)));
    }
    for (const std::string& name : changed_members(before.attributes, after.attributes)) {
        changes.set("attributes." + name, writes::changed());
    }
    for (const std::string& name : changed_members(before.preferences, after.preferences)) {
        changes.set("preferences." + name, writes::changed());
    }
    if (before.must_change_password != after.must_change_password) {
        changes.set("must_change_password", writes::change_of(before.must_change_password, after.must_change_password));
    }
    if (before.description != after.description) {
        changes.set("description", writes::change_of(text_or_null(before.description), text_or_null(after.description)));
    }
    if (before.owner != after.owner) {
        const auto text = [](const std::optional<core::UserId>& id) { return id ? json::Value(id->text()) : json::Value(); };
        changes.set("owner_id", writes::change_of(text(before.owner), text(after.owner)));
    }
    if (before.networks != after.networks) {
        const auto list = [](const std::vector<core::IpNetwork>& networks) {
            json::Array texts;
            for (const core::IpNetwork& network : networks) texts.emplace_back(network.text());
            return json::Value(std::move(texts));
        };
        changes.set("allowed_ips", writes::change_of(list(before.networks), list(after.networks)));
    }
    return changes;
}

/// What only somebody may change who covers all that the subject holds.
bool is_acting_on(const Subject& before, const Subject& after) {
    return before.email != after.email || before.attributes != after.attributes || before.is_active != after.is_active ||
           before.must_change_password != after.must_change_password || before.networks != after.networks ||
           before.owner != after.owner;
}

/// What the tenant set, else what the server allows; nullopt = no limit.
std::optional<std::int64_t> limit_of(const json::Object& settings, std::string_view quota, std::int64_t of_server) {
    const json::Value* own = settings.find(quota);
    if (own != nullptr && own->number() != nullptr) return static_cast<std::int64_t>(*own->number());
    return of_server > 0 ? std::optional(of_server) : std::nullopt;
}

bool names(const RoleRow& role, const std::string& text) {
    const auto id = core::RoleId::parse(text);
    return id ? *id == role.id : text == role.name;
}

}  // namespace

bool is_self(const platform::Actor& actor, const Subject& subject) {
    return actor.kind != platform::ActorKind::system && actor.home_tenant == subject.tenant && actor.user == subject.id;
}

std::optional<core::UserId> actor_in(const platform::Actor& actor, core::TenantId tenant) {
    if (actor.kind == platform::ActorKind::system || actor.home_tenant != tenant) return std::nullopt;
    return actor.user;
}

void require_scope(const platform::Actor& actor, platform::Scope scope) {
    if (actor.kind == platform::ActorKind::system || actor.scopes.has(scope)) return;
    throw platform::permission_denied(text_of(scope));
}

writes::AuditEvent event_of(const Subject& subject, writes::AuditAction of_person, writes::AuditAction of_account) {
    writes::AuditEvent event{.action = subject.is_service_account ? of_account : of_person,
                             .resource_type = subject.is_service_account ? "service_account" : "user",
                             .resource_id = subject.id.text()};
    if (subject.username) event.resource_details.set("username", *subject.username);
    event.metadata.set("source", "api");
    return event;
}

void Subjects::throw_duplicate(const postgres::UniqueViolation& violation, std::string_view username_pointer) {
    if (violation.constraint() == "users_email_index_key") {
        throw platform::conflict("duplicate", "This e-mail address is taken.", "/email");
    }
    if (violation.constraint() == "users_username_key") {
        throw platform::conflict("duplicate", "This name is taken.", username_pointer);
    }
}

void Subjects::tell_refusal(const platform::RequestContext& context, const platform::ServiceError& error) const {
    if (parts_.audit == nullptr || error.code() != ErrorCode::escalation) return;
    parts_.audit->add(context, context.actor.home_tenant,
                      {.action = "denied.escalation",
                       .result = writes::AuditResult::denied,
                       .error_details = error.message(),
                       .metadata = json::Object{{"tenant_id", context.actor.tenant.text()}}});
}

void Subjects::tell_foreign_tenant(const platform::RequestContext& context, core::TenantId named) const {
    if (parts_.audit == nullptr) return;
    parts_.audit->add(context, context.actor.home_tenant,
                      {.action = "denied.cross_tenant",
                       .result = writes::AuditResult::denied,
                       .metadata = json::Object{{"tenant_id", named.text()}}});
}

awaitable<Subject> Subjects::require(postgres::Transaction& transaction, core::UserId id,
                                     std::optional<bool> is_service_account) {
    const writes::KeyRingPointer keys = co_await parts_.tenant_keys->of(transaction);
    auto subject = co_await repository::find(transaction, *keys, id);
    const bool is_account = is_service_account.value_or(false);
    if (!subject || (is_service_account && subject->is_service_account != is_account)) {
        throw platform::not_found(is_account ? "service_account" : "user");
    }
    co_return std::move(*subject);
}

awaitable<UserDetail> Subjects::detail(postgres::Transaction& transaction, const Subject& subject) {
    UserDetail detail;
    detail.user = user_of(subject);
    for (const repository::EffectiveRole& role : co_await repository::effective_roles(transaction, subject.id, false)) {
        const RoleAssignment& held = role.assignment;
        detail.roles.push_back({.id = held.id,
                                .name = held.name,
                                .display_name = held.display_name,
                                .type = role.type,
                                .priority = held.priority,
                                .held_as = held.held_as,
                                .expires_at = held.expires_at});
    }
    detail.groups = co_await repository::groups(transaction, subject.id);
    detail.failed_login_count = subject.failed_login_count;
    detail.locked_until = subject.locked_until;
    detail.lock_kind = subject.lock_kind;
    detail.must_change_password = subject.must_change_password;
    detail.external_id = subject.external_id;
    co_return detail;
}

awaitable<void> Subjects::check_quota(writes::WriteTransaction& write, bool is_service_account) {
    const auto place = co_await tenants::repository::find_place(write.sql(), write.tenant());
    if (!place || place->is_deleted) throw platform::not_found("tenant");
    const std::string_view quota = is_service_account ? "max_service_accounts" : "max_users";
    const std::int64_t of_server = is_service_account ? options_.defaults.max_service_accounts : options_.defaults.max_users;
    const auto limit = limit_of(place->settings, quota, of_server);
    const SubjectCounts counts = co_await repository::counts(write.sql());
    const std::int64_t used = is_service_account ? counts.service_accounts : counts.users;
    if (limit && used >= *limit) throw platform::quota_exceeded(quota, *limit, used);
}

awaitable<void> Subjects::create(writes::WriteTransaction& write, const Subject& subject, const RolesWanted& roles) {
    co_await check_quota(write, subject.is_service_account);
    const writes::KeyRingPointer keys = co_await write.keys();
    co_await repository::insert(write.sql(), *keys, subject);
    const SubjectCounts one{.users = subject.is_service_account ? 0 : 1, .service_accounts = subject.is_service_account ? 1 : 0};
    co_await repository::add_to_counts(write.sql(), one);
    writes::AuditEvent event = event_of(subject, "user.create", "service_account.create");
    // Nobody asked for it by HTTP: it is what an installation begins with.
    if (write.context().actor.kind == platform::ActorKind::system) {
        event.metadata = json::Object{{"source", "job"}, {"cause", "bootstrap"}};
    }
    write.audit(std::move(event));
    if (!roles.names.empty()) co_await assign(write, subject, roles, std::nullopt, std::nullopt);
}

awaitable<bool> Subjects::change(writes::WriteTransaction& write, const Subject& before, const Subject& wanted) {
    Subject after = wanted;
    const bool has_other_username = before.username != after.username;
    if (!is_acting_on(before, after) && !has_other_username && before.preferences == after.preferences &&
        before.description == after.description) {
        co_return false;
    }
    co_await check_changes(write, before, after);
    const writes::KeyRingPointer keys = co_await write.keys();
    if (before.email != after.email) after.sealed_email = seal_email(*keys, after.id, after.email);
    if (before.attributes != after.attributes) after.sealed_attributes = seal_attributes(*keys, after.id, after.attributes);
    co_await repository::update(write.sql(), *keys, after);
    if (before.email != after.email || has_other_username) {
        co_await repository::write_search_tokens(write.sql(), *keys, after);
    }
    co_await follow_changes(write, before, after);
    co_return true;
}

awaitable<void> Subjects::check_changes(writes::WriteTransaction& write, const Subject& before, const Subject& after) {
    if (is_self(write.context().actor, before)) {
        if (before.attributes != after.attributes || before.is_active != after.is_active) {
            throw platform::escalation("Nobody changes the own attributes or state.");
        }
    } else if (is_acting_on(before, after)) {
        co_await check_covers(write, before.id);
    }
    if (has_left(before, after)) {
        co_await check_last_administrator(write, before.id, [](access::SubjectRow& row) { row.is_active = false; });
    }
}

awaitable<void> Subjects::follow_changes(writes::WriteTransaction& write, const Subject& before, const Subject& after) {
    if (before.email != after.email) {
        co_await repository::void_open_tokens(write.sql(), after.id);
        if (!after.is_service_account) {
            co_await write.send_mail({.to = before.email, .template_name = "email_changed", .data = {}});
        }
    }
    if (before.networks != after.networks) {
        co_await write.revoke({.kind = access::RevocationKind::account,
                               .reference = after.id.text(),
                               .networks = after.networks,
                               .expires_at = now().plus_seconds(options_.longest_token_life.count())});
    }
    json::Object changes = changes_between(before, after);
    if (!changes.empty()) {
        writes::AuditEvent event = event_of(after, "user.update", "service_account.update");
        event.changes = std::move(changes);
        write.audit(std::move(event));
    }
    if (before.is_active == after.is_active) co_return;
    if (after.is_active) {
        write.audit(event_of(after, "user.activate", "service_account.activate"));
        co_return;
    }
    co_await end_access(write, after.id, disabled);
    write.audit(event_of(after, "user.deactivate", "service_account.deactivate"));
}

awaitable<void> Subjects::remove(writes::WriteTransaction& write, const Subject& subject) {
    if (!is_self(write.context().actor, subject)) co_await check_covers(write, subject.id);
    co_await check_last_administrator(write, subject.id, [](access::SubjectRow& row) { row.is_active = false; });
    co_await repository::soft_delete(write.sql(), subject.id);
    const SubjectCounts gone{.users = subject.is_service_account ? 0 : -1,
                             .service_accounts = subject.is_service_account ? -1 : 0};
    co_await repository::add_to_counts(write.sql(), gone);
    co_await repository::void_open_tokens(write.sql(), subject.id);
    co_await end_access(write, subject.id, disabled);
    write.audit(event_of(subject, "user.delete", "service_account.delete"));
    for (const core::UserId account : co_await repository::switch_off_owned(write.sql(), subject.id)) {
        co_await end_access(write, account, disabled);
        write.audit({.action = "service_account.deactivate",
                     .resource_type = "service_account",
                     .resource_id = account.text(),
                     .metadata = json::Object{{"source", "api"}, {"reason", "owner_deleted"}}});
    }
}

awaitable<void> Subjects::lock(writes::WriteTransaction& write, const Subject& subject, core::Instant until,
                               const std::optional<std::string>& reason) {
    if (is_self(write.context().actor, subject)) throw platform::escalation("Nobody locks oneself out.");
    co_await check_covers(write, subject.id);
    co_await check_last_administrator(write, subject.id, [&](access::SubjectRow& row) { row.locked_until = until; });
    co_await repository::lock(write.sql(), subject.id, until, reason);
    co_await end_access(write, subject.id, disabled);
    writes::AuditEvent event = event_of(subject, "user.lock", "user.lock");
    event.metadata.set("locked_until", until.text());
    event.metadata.set("reason", text_or_null(reason));
    write.audit(std::move(event));
}

awaitable<void> Subjects::unlock(writes::WriteTransaction& write, const Subject& subject) {
    if (is_self(write.context().actor, subject)) throw platform::escalation("Nobody lifts the own lock.");
    co_await check_covers(write, subject.id);
    const bool was_locked = co_await repository::unlock(write.sql(), subject.id);
    if (was_locked) write.audit(event_of(subject, "user.unlock", "user.unlock"));
}

awaitable<IssuedKey> Subjects::issue_key(writes::WriteTransaction& write, core::UserId account, core::Instant expires_at) {
    const crypto::ApiKey made = crypto::make_api_key(options_.key_length);
    const writes::KeyRingPointer keys = co_await write.keys();
    const crypto::Digest hash = keys->hash("svc_", made.text.reveal());
    co_await repository::insert_key(write.sql(), {.id = write.new_id(),
                                                  .account = account,
                                                  .key_id = made.key_id,
                                                  .hash = hash.view(),
                                                  .expires_at = expires_at,
                                                  .created_by = actor_in(write.context().actor, write.tenant())});
    co_return IssuedKey{.key_id = made.key_id, .text = made.text, .expires_at = expires_at};
}

awaitable<void> Subjects::end_access(writes::WriteTransaction& write, core::UserId subject, std::string_view reason) {
    co_await repository::end_sessions(write.sql(), subject, reason);
    const std::int64_t epoch = co_await repository::raise_epoch(write.sql(), subject);
    co_await write.revoke({.kind = access::RevocationKind::user_epoch,
                           .reference = subject.text(),
                           .epoch = epoch,
                           .expires_at = now().plus_seconds(options_.longest_token_life.count())});
}

awaitable<void> Subjects::assign(writes::WriteTransaction& write, const Subject& subject, const RolesWanted& wanted,
                                 std::optional<core::Instant> expires_at, const std::optional<std::string>& reason) {
    if (expires_at && *expires_at <= now()) {
        throw platform::validation_failed("/expires_at", Rule::minimum, "expires_at must be in the future.");
    }
    const std::vector<RoleRow> found = co_await repository::find_roles(write.sql(), wanted.names);
    std::vector<std::pair<RoleRow, std::string>> roles;
    std::vector<platform::InputFault> unknown;
    for (std::size_t index = 0; index < wanted.names.size(); ++index) {
        const std::string& text = wanted.names[index];
        std::string pointer = wanted.is_list ? fmt::format("{}/{}", wanted.pointer, index) : std::string(wanted.pointer);
        const auto role = std::ranges::find_if(found, [&](const RoleRow& row) { return names(row, text); });
        if (role != found.end()) {
            roles.emplace_back(*role, std::move(pointer));
        } else if (wanted.unknown_is_a_fault) {
            unknown.push_back({platform::InputPlace::body, std::move(pointer), Rule::reference, "There is no such role."});
        } else {
            throw platform::not_found("role", pointer);
        }
    }
    if (!unknown.empty()) throw platform::validation_failed(std::move(unknown));
    std::vector<core::RoleId> ids;
    for (const auto& [role, pointer] : roles) {
        if (!role.is_assignable) {
            throw platform::conflict("not_assignable", fmt::format("The role {} cannot be assigned.", role.name), pointer);
        }
        ids.push_back(role.id);
    }
    co_await check_may_give(write, ids, expires_at);
    for (const auto& [role, pointer] : roles) {
        const NewAssignment assignment{.user = subject.id,
                                       .role = role.id,
                                       .granted_by = actor_in(write.context().actor, write.tenant()),
                                       .granted_at = now(),
                                       .expires_at = expires_at,
                                       .reason = reason};
        co_await assign_one(write, assignment, role, pointer);
    }
}

awaitable<void> Subjects::assign_one(writes::WriteTransaction& write, const NewAssignment& assignment, const RoleRow& role,
                                     const std::string& pointer) {
    const auto present = co_await repository::find_assignment(write.sql(), assignment.user, assignment.role);
    if (present) {
        const bool holds = present->is_active && (!present->expires_at || *present->expires_at > now());
        if (holds) throw platform::conflict("duplicate", fmt::format("The role {} is assigned already.", role.name), pointer);
        co_await repository::renew_assignment(write.sql(), present->id, assignment);
    } else {
        const std::int64_t held = co_await repository::count_assignments(write.sql(), assignment.user);
        if (held >= most_direct_roles) throw platform::quota_exceeded("roles_per_user", most_direct_roles, held);
        co_await repository::insert_assignment(write.sql(), write.new_id(), assignment);
    }
    json::Object metadata{{"source", "api"}, {"role_id", role.id.text()}, {"role", role.name}};
    if (assignment.expires_at) metadata.set("expires_at", assignment.expires_at->text());
    if (assignment.reason) metadata.set("reason", *assignment.reason);
    write.audit({.action = "role.assign",
                 .resource_type = "user",
                 .resource_id = assignment.user.text(),
                 .metadata = std::move(metadata)});
}

}  // namespace sentinel::users
