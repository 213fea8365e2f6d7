#include <utility>

#include "modules/auth/auth.hpp"
#include "modules/auth/subject.hpp"

namespace sentinel::auth {

using boost::asio::awaitable;
using platform::RequestContext;

namespace {

constexpr crypto::OpaqueTokenKind kind = crypto::OpaqueTokenKind::refresh;

/// Every check of a login but the factors (rule 11).
bool may_go_on(const SessionRow& session, const std::optional<LoginUser>& user, const TenantStanding& tenant,
               const TenantRules& rules) {
    if (!session.is_open || session.restricted || !tenant.is_active) return false;
    if (!user || !user->is_active || user->is_service_account || user->admin_lock_seconds) return false;
    return !restriction_of(*user, rules);
}

}  // namespace

awaitable<Tokens> AuthService::refresh(RequestContext& context, const RefreshRequest& body) {
    take_endpoint(context, Endpoint::refresh);
    keys();
    const auto token = crypto::parse_opaque_token(kind, body.refresh_token.reveal());
    if (!token) throw invalid_token();
    const access::AccessStatePointer state = co_await parts_.access->require(token->tenant);
    if (!state || state->tenant().is_deleted) throw invalid_token();
    parts_.access->check_fresh(*state);
    if (!state->tenant().is_active || !state->tenant().allows(address_of(context))) throw invalid_token();
    RequestContext nobody = acting_as(context, nobody_in(token->tenant));
    auto refreshed = co_await parts_.writer->write<std::optional<RefreshedSession>>(
        nobody, [&](writes::WriteTransaction& write) { return rotate(write, *state, *token); });
    if (!refreshed) throw invalid_token();
    RequestContext own = acting_as(context, user_in(token->tenant, refreshed->user.id, refreshed->session.id));
    parts_.audit->add(own, token->tenant,
                      {.action = "token.refresh", .resource_type = "session", .resource_id = refreshed->session.id.text()});
    co_return tokens_of({refreshed->user, refreshed->rules, *state, *refreshed->keys}, std::move(refreshed->session));
}

// Commits what it did also where it refuses: a token shown twice ends its session.
awaitable<std::optional<RefreshedSession>> AuthService::rotate(writes::WriteTransaction& write, const access::AccessState& state,
                                                               const crypto::OpaqueToken& token) {
    postgres::Transaction& transaction = write.sql();
    const writes::KeyRingPointer keys = co_await write.keys();
    const auto shown = co_await repository::find_refresh_token(transaction, token.row);
    if (!shown || !keys->matches(crypto::prefix_of(kind), token.text.reveal(), shown->token_hash)) co_return std::nullopt;
    const TenantStanding tenant = co_await repository::hold_tenant(transaction);
    const auto session = co_await repository::lock_session(transaction, shown->session);
    if (!session) co_return std::nullopt;
    // Whoever held the lock before may have used the token up.
    const auto held = co_await repository::find_refresh_token(transaction, token.row);
    if (!held) co_return std::nullopt;
    write.context().actor = user_in(write.tenant(), session->user, session->id);
    if (held->is_rotated) {
        const bool was_open = co_await repository::end_session(transaction, session->id, "reuse");
        if (!was_open) co_return std::nullopt;
        co_await write.revoke(
            {.kind = access::RevocationKind::session, .reference = session->id.text(), .expires_at = last_token_end()});
        write.audit({.action = "token.reuse_detected",
                     .resource_type = "session",
                     .resource_id = session->id.text(),
                     .result = writes::AuditResult::denied});
        co_return std::nullopt;
    }
    const auto user = co_await repository::find_user(transaction, session->user);
    const TenantRules rules = co_await read_rules(transaction, state, options_);
    if (held->is_expired || !may_go_on(*session, user, tenant, rules)) co_return std::nullopt;
    RefreshedSession refreshed{.user = *user, .rules = rules, .keys = keys};
    const core::Uuid id = write.new_id();
    crypto::OpaqueToken next = crypto::make_opaque_token(kind, write.tenant(), id);
    co_await repository::use_session(transaction, session->id, idle_life(options_, session->remember_me));
    const std::string device =
        keys->seal({"refresh_tokens", "device_info_encrypted", id}, device_info(write.context(), std::nullopt));
    const crypto::Digest hash = keys->hash(crypto::prefix_of(kind), next.text.reveal());
    co_await repository::insert_refresh_token(transaction, {id, user->id, session->id, hash.text(), device});
    co_await repository::rotate_refresh_token(transaction, token.row, id);
    refreshed.session = {.id = session->id,
                         .times = session->times,
                         .amr = session->amr,
                         .restricted = std::nullopt,
                         .epoch = user->token_epoch + tenant.token_epoch,
                         .actor = session->actor,
                         .refresh_token = std::move(next.text)};
    co_return refreshed;
}

}  // namespace sentinel::auth
