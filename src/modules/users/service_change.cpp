#include <utility>

#include "modules/auth/login_throttle.hpp"
#include "modules/users/passwords.hpp"
#include "modules/users/repository.hpp"
#include "modules/users/users.hpp"
#include "platform/http/endpoint.hpp"
#include "platform/service/error.hpp"

namespace sentinel::users {

using boost::asio::awaitable;
using platform::Rule;
using platform::Scope;

namespace {

constexpr std::int64_t default_lock_minutes = 30;
/// An indefinite lock.
constexpr core::Instant end_of_time{.seconds = 253'402'214'400, .nanoseconds = 0};  // 9999-12-31T00:00:00Z

/// A service account needs the same level of its own family (spec 03 rule 1).
void require_also(const platform::Actor& actor, const Subject& subject, Scope of_accounts) {
    if (subject.is_service_account) require_scope(actor, of_accounts);
}

std::optional<std::string> lowered(const std::optional<std::string>& username) {
    if (!username) return std::nullopt;
    return lower_ascii(*username);
}

void check_keeps_username(const Subject& subject) {
    if (subject.is_service_account && !subject.username) {
        throw platform::validation_failed("/username", Rule::required, "A service account needs a username.");
    }
}

/// The row with what the body says.
Subject merged(const Subject& before, const UpdateUser& body) {
    Subject after = before;
    body.email.apply_to(after.email);
    if (body.username) after.username = lowered(body.username.value());
    http::merge_document(after.attributes, body.attributes);
    http::merge_document(after.preferences, body.preferences);
    body.is_active.apply_to(after.is_active);
    body.must_change_password.apply_to(after.must_change_password);
    return after;
}

core::Instant lock_end(const LockUser& body, const LockQuery& query, core::Instant now) {
    if (query.duration_minutes && (body.duration_minutes || body.indefinite)) {
        throw platform::validation_failed(
            {{platform::InputPlace::query, "/duration_minutes", Rule::exclusive, "The body says how long already."}});
    }
    if (body.indefinite) return end_of_time;
    const std::int64_t minutes = body.duration_minutes.value_or(query.duration_minutes.value_or(default_lock_minutes));
    return now.plus_seconds(minutes * 60);
}

}  // namespace

awaitable<UserDetail> UserService::update(platform::RequestContext& context, core::UserId user, const UpdateUser& body) {
    co_return co_await subjects_.write_policy<UserDetail>(context, [&](writes::WriteTransaction& write) -> awaitable<UserDetail> {
        const Subject before = co_await subjects_.require(write.sql(), user);
        require_also(context.actor, before, Scope::service_account_write);
        http::check_version(context, before.version);
        const Subject after = merged(before, body);
        check_keeps_username(after);
        if (after.is_service_account && after.must_change_password) {
            throw platform::validation_failed("/must_change_password", Rule::forbidden, "A service account has no password.");
        }
        if (before.email != after.email && !after.is_service_account) {
            const CredentialRules rules = co_await read_credential_rules(write.sql(), subjects_.options());
            check_email_domain(rules, after.email);
        }
        const bool has_changed = co_await subjects_.change(write, before, after);
        if (!has_changed) co_return co_await subjects_.detail(write.sql(), before);
        const Subject stored = co_await subjects_.require(write.sql(), user);
        UserDetail detail = co_await subjects_.detail(write.sql(), stored);
        co_return detail;
    });
}

awaitable<UserDetail> UserService::update_self(platform::RequestContext& context, const UpdateOwnProfile& body) {
    if (context.actor.acts_elsewhere()) throw platform::not_found("user");
    co_return co_await subjects_.write_policy<UserDetail>(context, [&](writes::WriteTransaction& write) -> awaitable<UserDetail> {
        const Subject before = co_await subjects_.require(write.sql(), context.actor.user);
        require_also(context.actor, before, Scope::service_account_write);
        http::check_version(context, before.version);
        Subject after = before;
        if (body.username) after.username = lowered(body.username.value());
        http::merge_document(after.preferences, body.preferences);
        check_keeps_username(after);
        co_await subjects_.change(write, before, after);
        const Subject stored = co_await subjects_.require(write.sql(), before.id);
        UserDetail detail = co_await subjects_.detail(write.sql(), stored);
        if (!context.actor.scopes.has(Scope::user_read)) {
            detail.failed_login_count.reset();
            detail.locked_until.reset();
            detail.lock_kind.reset();
        }
        co_return detail;
    });
}

awaitable<void> UserService::remove(platform::RequestContext& context, core::UserId user) {
    co_await subjects_.write_policy<void>(context, [&](writes::WriteTransaction& write) -> awaitable<void> {
        const Subject subject = co_await subjects_.require(write.sql(), user);
        require_also(context.actor, subject, Scope::service_account_admin);
        http::check_version(context, subject.version);
        co_await subjects_.remove(write, subject);
    });
}

awaitable<void> UserService::lock(platform::RequestContext& context, core::UserId user, const LockUser& body,
                                  const LockQuery& query) {
    const core::Instant until = lock_end(body, query, subjects_.now());
    co_await subjects_.write_policy<void>(context, [&](writes::WriteTransaction& write) -> awaitable<void> {
        const Subject subject = co_await subjects_.require(write.sql(), user);
        require_also(context.actor, subject, Scope::service_account_admin);
        co_await subjects_.lock(write, subject, until, body.reason);
    });
}

awaitable<void> UserService::unlock(platform::RequestContext& context, core::UserId user) {
    std::string email;
    co_await subjects_.write_policy<void>(context, [&](writes::WriteTransaction& write) -> awaitable<void> {
        const Subject subject = co_await subjects_.require(write.sql(), user);
        require_also(context.actor, subject, Scope::service_account_admin);
        email = subject.email;
        co_await subjects_.unlock(write, subject);
    });
    // In a transaction of its own: a login takes its counters before any other row, and nobody may wait in a ring.
    const UserParts& parts = subjects_.parts();
    const std::string identifier = auth::login_identifier(parts.tenant_keys->server(), context.actor.tenant.text(), email);
    co_await parts.database->write(context.actor.tenant, [&](postgres::Transaction& transaction) {
        return auth::throttle::forget(transaction, identifier);
    });
}

}  // namespace sentinel::users
