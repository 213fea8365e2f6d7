#include <utility>

#include "modules/auth/auth.hpp"
#include "modules/auth/subject.hpp"

namespace sentinel::auth {

using access::RevocationKind;
using boost::asio::awaitable;
using platform::ErrorCode;
using platform::RequestContext;
using platform::Scope;
using platform::ServiceError;

namespace {

/// The caller at home, wherever the request acts.
RequestContext at_home(const RequestContext& context) {
    platform::Actor actor = context.actor;
    actor.tenant = actor.home_tenant;
    return acting_as(context, std::move(actor));
}

bool is_proved(const platform::Actor& actor) { return actor.user != core::UserId{}; }

}  // namespace

awaitable<LoggedOut> AuthService::logout(RequestContext& context, const LogoutRequest& body) {
    RequestContext own = at_home(context);
    const platform::Actor& actor = own.actor;
    co_return co_await parts_.writer->write<LoggedOut>(own, [&](writes::WriteTransaction& write) -> awaitable<LoggedOut> {
        LoggedOut result;
        if (body.revoke_all_devices) {
            co_await end_with_epoch(write, actor.user);
            const auto ended = co_await repository::end_sessions_of(write.sql(), actor.user, "logout_all");
            result.sessions_ended = static_cast<std::int64_t>(ended.size());
        } else if (actor.session) {
            result.sessions_ended = co_await repository::end_session(write.sql(), *actor.session, "logout") ? 1 : 0;
            co_await write.revoke(
                {.kind = RevocationKind::session, .reference = actor.session->text(), .expires_at = last_token_end()});
        }
        co_await revoke_jti(write, actor.token.value().id, actor.user, end_of(actor.token->expires_at));
        write.audit({.action = "auth.logout",
                     .resource_type = actor.session ? "session" : "user",
                     .resource_id = actor.session ? actor.session->text() : actor.user.text(),
                     .metadata = {{"all", body.revoke_all_devices}, {"sessions_ended", result.sessions_ended}}});
        co_return result;
    });
}

awaitable<void> AuthService::end_with_epoch(writes::WriteTransaction& write, core::UserId user) {
    const std::int64_t epoch = co_await repository::raise_epoch(write.sql(), user);
    co_await write.revoke({.kind = RevocationKind::user_epoch,
                           .reference = user.text(),
                           .epoch = epoch,
                           .networks = {},
                           .expires_at = last_token_end()});
}

awaitable<void> AuthService::revoke_jti(writes::WriteTransaction& write, core::TokenId jti, std::optional<core::UserId> user,
                                        core::Instant until) {
    const writes::KeyRingPointer keys = co_await write.keys();
    const crypto::Digest hash = keys->hash("token_blacklist.jti_hash", jti.text());
    const platform::Actor& actor = write.context().actor;
    const auto by = is_proved(actor) ? std::optional(actor.user) : std::nullopt;
    const bool is_new = co_await repository::blacklist(write.sql(), write.new_id(), hash.view(), user, until, by);
    if (is_new) co_await write.revoke({.kind = RevocationKind::jti, .reference = jti.text(), .expires_at = until});
}

awaitable<TokenRevoked> AuthService::revoke(RequestContext& context, const RevokeRequest& body) {
    take_endpoint(context, Endpoint::revoke);
    if (body.jti) {
        co_await end_jti(context, *body.jti);
    } else if (body.token_type == RevokedTokenType::refresh_token) {
        co_await end_by_refresh_token(context, body.token->reveal());
    } else {
        co_await end_access_token(context, body.token->reveal());
    }
    co_return TokenRevoked{};
}

awaitable<void> AuthService::end_jti(const RequestContext& context, core::TokenId jti) {
    const std::optional<platform::PresentedToken>& presented = context.actor.token;
    if (!presented) { throw ServiceError(ErrorCode::authentication_required, "Naming a jti needs a bearer token."); }
    // Nothing tells whose token a foreign jti is of, so that it is another's.
    const bool is_own = presented->id == jti;
    if (!is_own && !context.actor.scopes.has(Scope::user_admin)) throw platform::permission_denied(text_of(Scope::user_admin));
    RequestContext own = at_home(context);
    const core::Instant until = is_own ? end_of(presented->expires_at) : last_token_end();
    co_await parts_.writer->write<void>(own, [&](writes::WriteTransaction& write) -> awaitable<void> {
        co_await revoke_jti(write, jti, is_own ? std::optional(own.actor.user) : std::nullopt, until);
        write.audit({.action = "token.revoke", .resource_type = "token", .resource_id = jti.text()});
    });
}

awaitable<void> AuthService::end_access_token(const RequestContext& context, std::string_view text) {
    const auto claims = crypto::verify_access_token(keys(), options_.token_rules, text, now());
    // What is no token of ours, or over, needs no end; the answer is the same.
    if (!claims) co_return;
    const access::AccessStatePointer state = co_await parts_.access->require(claims->tenant);
    if (!state || state->tenant().is_deleted) co_return;
    platform::Actor holder = user_in(claims->tenant, claims->subject, claims->session);
    if (claims->is_service_account) holder.kind = platform::ActorKind::service_account;
    holder.key_id = claims->key_id;
    RequestContext own = acting_as(context, std::move(holder));
    const core::Instant until = end_of({.seconds = claims->expires_at});
    co_await parts_.writer->write<void>(own, [&](writes::WriteTransaction& write) -> awaitable<void> {
        co_await revoke_jti(write, claims->token_id, claims->subject, until);
        write.audit({.action = "token.revoke", .resource_type = "token", .resource_id = claims->token_id.text()});
    });
}

awaitable<void> AuthService::end_by_refresh_token(const RequestContext& context, std::string_view text) {
    constexpr crypto::OpaqueTokenKind kind = crypto::OpaqueTokenKind::refresh;
    const auto token = crypto::parse_opaque_token(kind, text);
    if (!token) co_return;
    const access::AccessStatePointer state = co_await parts_.access->require(token->tenant);
    if (!state || state->tenant().is_deleted) co_return;
    RequestContext nobody = acting_as(context, nobody_in(token->tenant));
    co_await parts_.writer->write<void>(nobody, [&](writes::WriteTransaction& write) -> awaitable<void> {
        const writes::KeyRingPointer keys = co_await write.keys();
        const auto shown = co_await repository::find_refresh_token(write.sql(), token->row);
        if (!shown || !keys->matches(crypto::prefix_of(kind), token->text.reveal(), shown->token_hash)) co_return;
        const auto session = co_await repository::lock_session(write.sql(), shown->session);
        if (!session) co_return;
        const bool was_open = co_await repository::end_session(write.sql(), session->id, "revoked");
        if (!was_open) co_return;
        write.context().actor = user_in(write.tenant(), session->user, session->id);
        co_await write.revoke({.kind = RevocationKind::session, .reference = session->id.text(), .expires_at = last_token_end()});
        write.audit({.action = "token.revoke", .resource_type = "session", .resource_id = session->id.text()});
    });
}

}  // namespace sentinel::auth
