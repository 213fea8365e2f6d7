#include <algorithm>
#include <utility>

#include "core/text.hpp"
#include "modules/auth/auth.hpp"
#include "modules/auth/client_credentials.hpp"
#include "modules/auth/subject.hpp"
#include "platform/crypto/api_key.hpp"

namespace sentinel::auth {

using boost::asio::awaitable;
using platform::ErrorCode;
using platform::RequestContext;
using platform::ServiceError;

namespace {

constexpr std::string_view api_key_domain = "svc_";

ServiceError service_account_invalid() { return {ErrorCode::service_account_invalid, "The service account is not valid."}; }

bool is_within(const std::vector<std::string>& networks, const core::IpAddress& address) {
    if (networks.empty()) return true;
    return std::ranges::any_of(networks, [&](const std::string& text) {
        const auto network = core::IpNetwork::parse(text);
        return network && network->contains(address);
    });
}

bool is_usable(const ApiKeyRow& key, const access::AccessState& state, const core::IpAddress& address) {
    const LoginUser& account = key.account;
    return key.is_usable && account.is_service_account && account.is_active && !account.admin_lock_seconds &&
           is_within(key.networks, address) && state.tenant().is_active && state.tenant().allows(address);
}

/// Of the scopes named, those that are held: asking for `tenant:write` where `tenant:read` is held gives neither (spec 02 rule 3).
platform::ScopeSet held_of(std::string_view text, platform::ScopeSet held) {
    platform::ScopeSet scopes;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const auto scope = platform::parse_scope(text.substr(0, end));
        if (scope && held.has(*scope)) scopes.add(*scope);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return scopes;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        if (!text.empty()) text += ' ';
        text += word;
    }
    return text;
}

}  // namespace

awaitable<ServiceToken> AuthService::service_account_token(RequestContext& context, const ServiceTokenRequest& body) {
    take_endpoint(context, Endpoint::service_token);
    TenantPlace place = co_await find_place(body.tenant);
    const ServiceCredentials credentials{.api_key = body.api_key, .username = std::nullopt, .scope = body.scope};
    co_return co_await issue_service_token(context, std::move(place), credentials);
}

awaitable<ServiceToken> AuthService::token(RequestContext& context, std::string_view authorization, const TokenRequest& body) {
    if (!body.grant_type) {
        const ServiceTokenRequest request{.api_key = *body.api_key,
                                          .tenant = {.tenant_id = body.tenant_id, .tenant_code = body.tenant_code},
                                          .scope = body.scope};
        co_return co_await service_account_token(context, request);
    }
    take_endpoint(context, Endpoint::service_token);
    const auto client = client_of(authorization, body);
    if (!client) throw service_account_invalid();
    TenantPlace place = co_await find_place({.tenant_id = std::nullopt, .tenant_code = client->tenant_code});
    const ServiceCredentials credentials{.api_key = client->secret, .username = client->username, .scope = body.scope};
    co_return co_await issue_service_token(context, std::move(place), credentials);
}

awaitable<std::optional<ApiKeyRow>> AuthService::find_key(const RequestContext& context, const TenantPlace& place,
                                                          const ServiceCredentials& credentials) {
    const auto presented = crypto::parse_api_key(credentials.api_key.reveal());
    if (!presented || !place.exists) co_return std::nullopt;
    auto found = co_await parts_.database->read(
        place.tenant, [&](postgres::Transaction& transaction) -> awaitable<std::optional<ApiKeyRow>> {
            const writes::KeyRingPointer keys = co_await parts_.tenant_keys->of(transaction);
            auto key = co_await repository::find_api_key(transaction, presented->key_id);
            if (!key || !keys->matches(api_key_domain, presented->text.reveal(), key->key_hash)) co_return std::nullopt;
            if (!is_usable(*key, *place.state, address_of(context))) co_return std::nullopt;
            if (credentials.username && credentials.username != key->account.username) co_return std::nullopt;
            key->email = open_email(*keys, key->account.id, key->account.email_encrypted);
            co_return key;
        });
    if (!found) co_return std::nullopt;
    RequestContext own = acting_as(context, user_in(place.tenant, found->account.id));
    const bool is_due = co_await parts_.database->read(
        place.tenant, [&](postgres::Transaction& transaction) { return repository::is_use_due(transaction, found->id); });
    if (!is_due) co_return found;
    co_await parts_.writer->write<void>(own, [&](writes::WriteTransaction& write) -> awaitable<void> {
        const writes::KeyRingPointer keys = co_await write.keys();
        const std::string address =
            keys->seal({"service_account_keys", "last_used_ip_encrypted", found->id}, address_of(context).text());
        co_await repository::note_use(write.sql(), found->id, found->account.id, address);
    });
    co_return found;
}

awaitable<ServiceToken> AuthService::issue_service_token(const RequestContext& context, TenantPlace place,
                                                         const ServiceCredentials& credentials) {
    if (!parts_.audit->is_writable()) throw platform::unavailable();
    const crypto::KeySet& signing = keys();
    const auto key = co_await find_key(context, place, credentials);
    const core::Instant issued = now();
    const access::AccessState& state = *place.state;
    platform::ScopeSet scopes;
    if (key) scopes = state.scopes_of(key->account.id, issued);
    if (credentials.scope) scopes = held_of(*credentials.scope, scopes);
    if (!key || (credentials.scope && scopes.empty())) {
        parts_.audit->add(acting_as(context, nobody_in(place.tenant)), place.tenant,
                          {.action = "auth.login_failed",
                           .resource_type = key ? "user" : "",
                           .resource_id = key ? key->account.id.text() : "",
                           .result = writes::AuditResult::failure,
                           .metadata = {{"method", "api_key"}, {"reason", key ? "no_scope" : "key_refused"}}});
        throw service_account_invalid();
    }
    const auto presented = crypto::parse_api_key(credentials.api_key.reveal());
    crypto::AccessClaims claims;
    claims.subject = key->account.id;
    claims.token_id = core::TokenId{parts_.ids->next()};
    claims.tenant = place.tenant;
    claims.tenant_code = state.tenant().code;
    claims.issued_at = issued.seconds;
    claims.not_before = issued.seconds;
    claims.expires_at =
        std::min(issued.seconds + std::chrono::seconds(options_.service_token_life).count(), key->expires_at.seconds);
    claims.is_service_account = true;
    claims.key_id = presented->key_id;
    claims.epoch = key->account.token_epoch + state.tenant().token_epoch;
    claims.auth_time = issued.seconds;
    std::vector<std::string> roles = state.effective_role_names(key->account.id, issued);
    if (roles.size() <= 8) claims.roles = std::move(roles);
    const std::string scope = joined(scopes.texts());
    if (credentials.scope) claims.scope = scope;
    ServiceToken token;
    token.access_token = platform::Secret(crypto::sign_access_token(signing, options_.token_rules, claims));
    token.expires_in = claims.expires_at - claims.issued_at;
    token.scope = scope;
    token.service_account = {.id = key->account.id, .email = key->email, .is_service_account = true, .tenant_id = place.tenant};
    platform::Actor actor = user_in(place.tenant, key->account.id);
    actor.kind = platform::ActorKind::service_account;
    actor.key_id = claims.key_id;
    parts_.audit->add(acting_as(context, std::move(actor)), place.tenant,
                      {.action = "token.issue", .resource_type = "token", .resource_id = claims.token_id.text()});
    co_return token;
}

}  // namespace sentinel::auth
