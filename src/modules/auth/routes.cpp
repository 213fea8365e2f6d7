#include "modules/auth/routes.hpp"

#include <string_view>

#include "core/text.hpp"
#include "platform/http/endpoint.hpp"

namespace sentinel::auth {

using boost::asio::awaitable;
using http::get;
using http::post;
using platform::ErrorCode;

namespace {

constexpr std::string_view tag = "Authentication";

http::RouteBuilder<> open_post(std::string_view path, std::string_view summary) {
    return post(path).open_to_all().without_idempotency().no_store().tag(std::string(tag)).summary(std::string(summary));
}

awaitable<http::RawAnswer> jwks_page(http::Reply& reply, const AuthService& service) {
    reply.header("Cache-Control", "public, max-age=300");
    co_return http::RawAnswer{200, core::json::to_text(service.jwks())};
}

awaitable<PasswordRequirements> requirements_page(const AuthService& service) { co_return service.password_requirements(); }

void add_public_routes(http::Routes& routes, AuthService& service) {
    routes.add(open_post("/auth/login", "Log in with a password")
                   .errors({ErrorCode::auth_failed, ErrorCode::account_locked})
                   .body<LoginRequest>()
                   .answers<Tokens>()
                   .handler([&service](auto& call) { return service.login(call.context, call.body); }));
    routes.add(open_post("/auth/refresh", "Go on with a session")
                   .errors({ErrorCode::invalid_token})
                   .body<RefreshRequest>()
                   .answers<Tokens>()
                   .handler([&service](auto& call) { return service.refresh(call.context, call.body); }));
    routes.add(open_post("/auth/revoke", "End a token, or the session of a refresh token")
                   .errors({ErrorCode::authentication_required, ErrorCode::permission_denied})
                   .body<RevokeRequest>()
                   .answers<TokenRevoked>()
                   .handler([&service](auto& call) { return service.revoke(call.context, call.body); }));
    routes.add(open_post("/auth/service-account/token", "A token for an API key")
                   .errors({ErrorCode::service_account_invalid})
                   .body<ServiceTokenRequest>()
                   .answers<ServiceToken>()
                   .handler([&service](auto& call) { return service.service_account_token(call.context, call.body); }));
    routes.add(open_post("/auth/token", "A token for an API key or for OAuth client credentials")
                   .errors({ErrorCode::service_account_invalid})
                   .json_or_form<TokenRequest>()
                   .answers<ServiceToken>()
                   .handler([&service](auto& call) {
                       return service.token(call.context, call.request.header("Authorization").value_or(""), call.body);
                   }));
    routes.add(get("/auth/password-requirements")
                   .open_to_all()
                   .no_store()
                   .tag(std::string(tag))
                   .summary("What the server asks of a new password")
                   .answers<PasswordRequirements>()
                   .handler([&service](auto&) { return requirements_page(service); }));
    routes.add(http::outside(http::Method::get, "/.well-known/jwks.json")
                   .open_to_all()
                   .own_cache_control()
                   .tag(std::string(tag))
                   .summary("The public keys that verify access tokens")
                   .operation("get_jwks")
                   .answers_raw("application/json; charset=utf-8")
                   .handler([&service](auto& call) { return jwks_page(call.reply, service); }));
}

void add_token_routes(http::Routes& routes, AuthService& service) {
    routes.add(post("/auth/logout")
                   .any_token()
                   .serves_restricted_sessions()
                   .without_idempotency()
                   .no_store()
                   .tag(std::string(tag))
                   .summary("End the session")
                   .optional_body<LogoutRequest>()
                   .answers<LoggedOut>()
                   .handler([&service](auto& call) { return service.logout(call.context, call.body); }));
    routes.add(get("/auth/me")
                   .any_token()
                   .serves_restricted_sessions()
                   .no_store()
                   .tag(std::string(tag))
                   .summary("Who the caller is")
                   .answers<Me>()
                   .handler([&service](auto& call) { return service.me(call.context); }));
    routes.add(get("/auth/validate")
                   .any_token()
                   .no_store()
                   .tag(std::string(tag))
                   .summary("What the token stands for")
                   .answers<TokenValidity>()
                   .handler([&service](auto& call) { return service.validate(call.context); }));
}

}  // namespace

void add_auth_routes(http::Routes& routes, AuthService& service) {
    add_public_routes(routes, service);
    add_token_routes(routes, service);
}

}  // namespace sentinel::auth
