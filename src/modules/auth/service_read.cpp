#include <algorithm>
#include <utility>

#include "modules/auth/auth.hpp"
#include "modules/auth/subject.hpp"

namespace sentinel::auth {

using boost::asio::awaitable;
using platform::RequestContext;

namespace {

TenantCard card_of(core::TenantId id, TenantRow row) {
    return {.id = id, .name = std::move(row.name), .code = std::move(row.code)};
}

std::vector<MyRole> roles_of(const access::AccessState& state, core::UserId user, core::Instant now) {
    std::vector<MyRole> roles;
    for (const core::RoleId id : state.effective_roles(user, now)) {
        if (const access::RoleRow* role = state.role(id)) roles.push_back({.id = id, .name = role->name});
    }
    std::ranges::sort(roles, {}, &MyRole::name);
    return roles;
}

std::optional<SessionRestriction> parse_restriction(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    return *text == "password_change" ? SessionRestriction::password_change : SessionRestriction::mfa_enrollment;
}

MySession session_of(SessionRow row) {
    return {.id = row.id,
            .amr = std::move(row.amr),
            .auth_time = row.times.auth_time,
            .expires_at = row.times.expires_at,
            .restricted = parse_restriction(row.restricted)};
}

/// The card of the transaction's tenant.
awaitable<TenantCard> read_card(postgres::Transaction& transaction) {
    auto row = co_await repository::find_own_tenant(transaction);
    if (!row) throw invalid_token();
    co_return card_of(transaction.tenant(), std::move(*row));
}

}  // namespace

awaitable<Me> AuthService::me(const RequestContext& context) {
    const platform::Actor& actor = context.actor;
    const access::AccessStatePointer state = co_await parts_.access->require(actor.home_tenant);
    if (!state) throw invalid_token();
    co_return co_await parts_.database->read(actor.home_tenant, [&](postgres::Transaction& transaction) -> awaitable<Me> {
        const writes::KeyRingPointer keys = co_await parts_.tenant_keys->of(transaction);
        auto user = co_await repository::find_user(transaction, actor.user);
        if (!user) throw invalid_token();
        Me me;
        me.user = {.id = user->id,
                   .email = open_email(*keys, user->id, user->email_encrypted),
                   .username = user->username,
                   .is_service_account = user->is_service_account,
                   .mfa_enabled = user->mfa_enabled,
                   .preferences = std::move(user->preferences),
                   .last_login = user->last_login};
        me.roles = roles_of(*state, user->id, now());
        me.scopes = actor.scopes.texts();
        if (actor.session) {
            auto session = co_await repository::find_session(transaction, *actor.session);
            if (session) me.session = session_of(std::move(*session));
        }
        if (actor.impersonator) me.actor = MyActor{.id = *actor.impersonator};
        me.tenant = co_await read_card(transaction);
        me.acting_tenant = me.tenant;
        if (actor.acts_elsewhere()) {
            co_await transaction.switch_tenant(actor.tenant);
            me.acting_tenant = co_await read_card(transaction);
        }
        co_return me;
    });
}

awaitable<TokenValidity> AuthService::validate(const RequestContext& context) {
    const platform::Actor& actor = context.actor;
    co_return TokenValidity{.valid = true,
                            .user_id = actor.user,
                            .tenant_id = actor.home_tenant,
                            .scopes = actor.scopes.texts(),
                            .expires_at = actor.token.value().expires_at,
                            .is_service_account = actor.kind == platform::ActorKind::service_account};
}

}  // namespace sentinel::auth
