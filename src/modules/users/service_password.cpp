#include <functional>
#include <utility>

#include "modules/auth/login_throttle.hpp"
#include "modules/users/passwords.hpp"
#include "modules/users/repository.hpp"
#include "modules/users/users.hpp"
#include "platform/postgres/errors.hpp"
#include "platform/service/error.hpp"

namespace sentinel::users {

using boost::asio::awaitable;
using platform::ErrorCode;
using platform::ServiceError;

namespace {

constexpr std::string_view of_password = "password";
constexpr std::string_view first_role = "super_admin";

ServiceError auth_failed() { return {ErrorCode::auth_failed, "The current password is not right."}; }

/// What a change of password needs of the database before anything is hashed.
struct PasswordState {
    Subject subject;
    CredentialRules rules;
    std::vector<std::string> former;  ///< the present one first
};

awaitable<PasswordState> read_state(Subjects& subjects, postgres::Transaction& transaction, core::UserId user) {
    PasswordState state;
    state.subject = co_await subjects.require(transaction, user, false);
    const core::TenantId tenant = transaction.tenant();
    state.rules = co_await read_credential_rules(transaction, subjects.options());
    if (transaction.tenant() != tenant) co_await transaction.switch_tenant(tenant);
    const std::int64_t count = state.rules.password_history;
    if (count > 0 && state.subject.password_hash) {
        state.former = co_await repository::password_history(transaction, user, count - 1);
        state.former.insert(state.former.begin(), *state.subject.password_hash);
    }
    co_return state;
}

/// The failures of an identity, counted as logins count them (spec 03 rule 12).
auth::LoginCounter counter_of(const UserParts& parts, const PasswordState& state) {
    const std::string tenant = state.subject.tenant.text();
    auto counter = auth::identity_counter(auth::login_identifier(parts.tenant_keys->server(), tenant, state.subject.email), {});
    counter.limit = state.rules.max_login_attempts;
    counter.lockout = state.rules.lockout;
    return counter;
}

awaitable<void> count_failure(const UserParts& parts, const PasswordState& state, const auth::LoginCounter& counter) {
    co_await parts.database->write(state.subject.tenant, [&](postgres::Transaction& transaction) -> awaitable<void> {
        co_await auth::throttle::fail(transaction, counter);
        co_await repository::count_failed_login(transaction, state.subject.id);
    });
}

awaitable<void> forget_try(const UserParts& parts, const PasswordState& state, const auth::LoginCounter& counter,
                           bool succeeded) {
    co_await parts.database->write(state.subject.tenant, [&](postgres::Transaction& transaction) -> awaitable<void> {
        if (succeeded) {
            co_await auth::throttle::succeed(transaction, counter);
        } else {
            co_await auth::throttle::take_back(transaction, counter);
        }
    });
}

/// Throws AUTH_FAILED, and counts it, for a wrong password.
awaitable<void> prove_current(const UserParts& parts, const PasswordState& state, const platform::Secret& password) {
    const auth::LoginCounter counter = counter_of(parts, state);
    co_await parts.database->write(
        state.subject.tenant, [&](postgres::Transaction& transaction) { return auth::throttle::begin(transaction, counter); });
    bool is_right = false;
    std::exception_ptr trouble;
    try {
        if (state.subject.password_hash) {
            is_right = co_await parts.password_hasher->verify(password, *state.subject.password_hash);
        } else {
            is_right = co_await parts.password_hasher->verify_nobody(password);
        }
    } catch (...) { trouble = std::current_exception(); }
    // A full pool is nobody's failure.
    if (trouble) {
        co_await forget_try(parts, state, counter, false);
        std::rethrow_exception(trouble);
    }
    if (is_right) {
        co_await forget_try(parts, state, counter, true);
        co_return;
    }
    co_await count_failure(parts, state, counter);
    throw auth_failed();
}

awaitable<void> store_password(Subjects& subjects, writes::WriteTransaction& write, const PasswordState& state,
                               std::string_view hash) {
    const core::UserId user = state.subject.id;
    if (state.subject.password_hash && state.rules.password_history > 1) {
        co_await repository::add_to_password_history(write.sql(), write.new_id(), user, *state.subject.password_hash,
                                                     state.rules.password_history - 1);
    }
    co_await repository::set_password(write.sql(), user, hash, false);
    co_await repository::void_open_tokens(write.sql(), user);
    co_await subjects.end_access(write, user, of_password);
}

}  // namespace

awaitable<void> UserService::change_password(platform::RequestContext& context, core::UserId user, const ChangePassword& body) {
    const platform::Actor& actor = context.actor;
    if (actor.user != user || actor.acts_elsewhere() || actor.impersonator) {
        throw ServiceError(ErrorCode::permission_denied, "Everybody changes the own password alone.");
    }
    if (actor.kind == platform::ActorKind::service_account) throw auth_failed();
    const UserParts& parts = subjects_.parts();
    const PasswordState state = co_await parts.database->read(
        actor.tenant, [&](postgres::Transaction& transaction) { return read_state(subjects_, transaction, user); });
    co_await prove_current(parts, state, body.current_password);
    co_await check_password(parts, state.rules, state.subject, body.new_password, state.former, "/new_password");
    const std::string hash = co_await parts.password_hasher->hash(body.new_password);
    co_await parts.writer->write<void>(context, [&](writes::WriteTransaction& write) -> awaitable<void> {
        const Subject now = co_await subjects_.require(write.sql(), user, false);
        // Somebody else changed it meanwhile: what was proved holds no more.
        if (now.password_hash != state.subject.password_hash) throw auth_failed();
        co_await store_password(subjects_, write, state, hash);
        write.audit({.action = "password.change",
                     .resource_type = "user",
                     .resource_id = user.text(),
                     .changes = core::json::Object{{"password", writes::redacted()}}});
    });
}

awaitable<bool> UserService::ensure_first_administrator(platform::RequestContext& context, std::string email,
                                                        std::function<platform::Secret()> make_password) {
    const UserParts& parts = subjects_.parts();
    context.actor.home_tenant = core::platform_tenant;
    context.actor.tenant = core::platform_tenant;
    if (!is_email(email)) throw platform::validation_failed("/email", platform::Rule::format, "This is no e-mail address.");
    const auto first = co_await parts.database->read(
        core::platform_tenant, [&](postgres::Transaction& transaction) -> awaitable<std::optional<CredentialRules>> {
            const std::vector<RoleRow> roles = co_await repository::find_roles(transaction, {std::string(first_role)});
            if (roles.empty()) throw platform::not_found("role");
            const bool is_held = co_await repository::is_held_by_a_person(transaction, roles.front().id);
            if (is_held) co_return std::nullopt;
            co_return co_await read_credential_rules(transaction, subjects_.options());
        });
    if (!first) co_return false;
    const platform::Secret password = make_password();
    Subject subject;
    subject.id = core::UserId{parts.ids->next()};
    subject.tenant = core::platform_tenant;
    subject.email = std::move(email);
    co_await check_password(parts, *first, subject, password, {}, "/password");
    subject.password_hash = co_await parts.password_hasher->hash(password);
    const RolesWanted role{.names = {std::string(first_role)}};
    co_return co_await subjects_.write_policy<bool>(context, [&](writes::WriteTransaction& write) -> awaitable<bool> {
        const std::vector<RoleRow> roles = co_await repository::find_roles(write.sql(), role.names);
        // Another node may have been first.
        const bool is_held = co_await repository::is_held_by_a_person(write.sql(), roles.front().id);
        if (is_held) co_return false;
        const writes::KeyRingPointer keys = co_await write.keys();
        const auto present = co_await repository::find_by_email(write.sql(), *keys, subject.email);
        if (present) {
            const Subject taken = co_await subjects_.require(write.sql(), *present, false);
            co_await subjects_.assign(write, taken, role, std::nullopt, std::nullopt);
        } else {
            co_await subjects_.create(write, subject, role);
        }
        co_return true;
    });
}

awaitable<bool> UserService::has_changed_password(std::string email) {
    const UserParts& parts = subjects_.parts();
    co_return co_await parts.database->read(core::platform_tenant, [&](postgres::Transaction& transaction) -> awaitable<bool> {
        const writes::KeyRingPointer keys = co_await parts.tenant_keys->of(transaction);
        const auto user = co_await repository::find_by_email(transaction, *keys, email);
        if (!user) co_return false;
        co_return co_await repository::has_changed_password(transaction, *user);
    });
}

awaitable<void> UserService::reset_password(platform::RequestContext& context, std::string email_or_id,
                                            platform::Secret password) {
    const UserParts& parts = subjects_.parts();
    const core::TenantId tenant = context.actor.tenant;
    const PasswordState state =
        co_await parts.database->read(tenant, [&](postgres::Transaction& transaction) -> awaitable<PasswordState> {
            auto user = core::UserId::parse(email_or_id);
            if (!user) {
                const writes::KeyRingPointer keys = co_await parts.tenant_keys->of(transaction);
                user = co_await repository::find_by_email(transaction, *keys, email_or_id);
            }
            if (!user) throw platform::not_found("user");
            co_return co_await read_state(subjects_, transaction, *user);
        });
    co_await check_password(parts, state.rules, state.subject, password, state.former, "/password");
    const std::string hash = co_await parts.password_hasher->hash(password);
    co_await subjects_.write_policy<void>(context, [&](writes::WriteTransaction& write) -> awaitable<void> {
        co_await store_password(subjects_, write, state, hash);
        co_await subjects_.unlock(write, state.subject);
        write.audit({.action = "password.reset",
                     .resource_type = "user",
                     .resource_id = state.subject.id.text(),
                     .changes = core::json::Object{{"password", writes::redacted()}}});
    });
    const std::string identifier = counter_of(parts, state).identifier;
    co_await parts.database->write(
        tenant, [&](postgres::Transaction& transaction) { return auth::throttle::forget(transaction, identifier); });
}

}  // namespace sentinel::users
