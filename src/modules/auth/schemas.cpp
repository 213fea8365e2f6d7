#include "modules/auth/schemas.hpp"

namespace sentinel::auth {

using http::member;
using http::object;

namespace {

constexpr std::size_t longest_token = 8192;
constexpr std::size_t longest_api_key = 128;

}  // namespace

http::EnumSchema describe(http::Of<RevokedTokenType>) {
    return http::words_of<RevokedTokenType>(
        {{RevokedTokenType::access_token, "access_token"}, {RevokedTokenType::refresh_token, "refresh_token"}});
}

http::EnumSchema describe(http::Of<SessionRestriction>) {
    return http::words_of<SessionRestriction>(
        {{SessionRestriction::password_change, "password_change"}, {SessionRestriction::mfa_enrollment, "mfa_enrollment"}});
}

http::ObjectSchema describe(http::Of<TenantName>) {
    return object<TenantName>(
        "TenantName", "Which tenant is meant.", member("tenant_id", &TenantName::tenant_id, "The tenant's id."),
        member("tenant_code", &TenantName::tenant_code, http::text(1, 50), "The tenant's code, in place of its id."),
        http::also<TenantName>([](const TenantName& name, http::Reader& reader) {
            if (name.tenant_id && name.tenant_code) {
                reader.fault("/tenant_code", platform::Rule::exclusive, "Give tenant_id or tenant_code, not both.");
            }
            if (!name.tenant_id && !name.tenant_code) {
                reader.fault("/tenant_id", platform::Rule::required, "Give tenant_id or tenant_code.");
            }
        }));
}

http::ObjectSchema describe(http::Of<LoginRequest>) {
    return object<LoginRequest>(
        "LoginRequest", "What a person proves their identity with.",
        member("email", &LoginRequest::email, http::text(1, 254), "The person's address."),
        member("password", &LoginRequest::password, http::secret(1, 128), "The password."), http::inlined(&LoginRequest::tenant),
        member("remember_me", &LoginRequest::remember_me, "A session of 90 days in place of the usual.").defaulted(),
        member("device_name", &LoginRequest::device_name, http::text(1, 100), "What the person calls the device."));
}

http::ObjectSchema describe(http::Of<RefreshRequest>) {
    return object<RefreshRequest>(
        "RefreshRequest", "A refresh token, which is used up.",
        member("refresh_token", &RefreshRequest::refresh_token, http::secret(1, longest_token), "The newest of the session."));
}

http::ObjectSchema describe(http::Of<LogoutRequest>) {
    return object<LogoutRequest>(
        "LogoutRequest", "How far a logout goes.",
        member("revoke_all_devices", &LogoutRequest::revoke_all_devices, "Ends every session of the person.").defaulted());
}

http::ObjectSchema describe(http::Of<RevokeRequest>) {
    return object<RevokeRequest>(
        "RevokeRequest", "What is revoked: a token, or the id of one.",
        member("token", &RevokeRequest::token, http::secret(1, longest_token), "An access or refresh token."),
        member("token_type", &RevokeRequest::token_type, "Which of them.").defaulted(),
        member("jti", &RevokeRequest::jti, "The id of an access token; needs a token of the caller."),
        http::also<RevokeRequest>([](const RevokeRequest& request, http::Reader& reader) {
            if (request.token && request.jti) reader.fault("/jti", platform::Rule::exclusive, "Give token or jti, not both.");
            if (!request.token && !request.jti) reader.fault("/token", platform::Rule::required, "Give token or jti.");
        }));
}

http::ObjectSchema describe(http::Of<ServiceTokenRequest>) {
    return object<ServiceTokenRequest>(
        "ServiceTokenRequest", "What a service account proves its identity with.",
        member("api_key", &ServiceTokenRequest::api_key, http::secret(1, longest_api_key), "The whole API key."),
        http::inlined(&ServiceTokenRequest::tenant),
        member("scope", &ServiceTokenRequest::scope, http::text(1, 2000), "Scopes to narrow the token to, space-separated."));
}

http::ObjectSchema describe(http::Of<TokenRequest>) {
    return object<TokenRequest>(
               "TokenRequest", "An API key with its tenant, or OAuth's client credentials.",
               member("grant_type", &TokenRequest::grant_type, http::text(1, 50), "`client_credentials`."),
               member("client_id", &TokenRequest::client_id, http::text(1, 200), "`<tenant code>.<username>`."),
               member("client_secret", &TokenRequest::client_secret, http::secret(1, longest_api_key), "The API key."),
               member("api_key", &TokenRequest::api_key, http::secret(1, longest_api_key), "The API key, without OAuth."),
               member("tenant_id", &TokenRequest::tenant_id, "The tenant of api_key."),
               member("tenant_code", &TokenRequest::tenant_code, http::text(1, 50), "Its code, in place of its id."),
               member("scope", &TokenRequest::scope, http::text(1, 2000), "Scopes to narrow the token to, space-separated."),
               http::also<TokenRequest>([](const TokenRequest& request, http::Reader& reader) {
                   if (request.grant_type) {
                       if (*request.grant_type != "client_credentials") {
                           reader.fault("/grant_type", platform::Rule::enumeration, "Only client_credentials is possible.");
                       }
                       return;
                   }
                   if (!request.api_key) reader.fault("/api_key", platform::Rule::required, "Give api_key or grant_type.");
                   if (request.tenant_id && request.tenant_code) {
                       reader.fault("/tenant_code", platform::Rule::exclusive, "Give tenant_id or tenant_code, not both.");
                   }
                   if (!request.tenant_id && !request.tenant_code) {
                       reader.fault("/tenant_id", platform::Rule::required, "Give tenant_id or tenant_code.");
                   }
               }))
        .ignoring_unknown();
}

http::ObjectSchema describe(http::Of<TenantCard>) {
    return object<TenantCard>("TenantCard", "A tenant in short.", member("id", &TenantCard::id, "Its id."),
                              member("name", &TenantCard::name, "Its name."), member("code", &TenantCard::code, "Its code."));
}

http::ObjectSchema describe(http::Of<TokenUser>) {
    return object<TokenUser>("TokenUser", "The person who logged in.", member("id", &TokenUser::id, "Their id."),
                             member("email", &TokenUser::email, "As stored."),
                             member("username", &TokenUser::username, "Null where there is none."),
                             member("is_service_account", &TokenUser::is_service_account, "Always false here."),
                             member("roles", &TokenUser::roles, "Names of the effective roles, sorted."),
                             member("tenant", &TokenUser::tenant, "The home tenant."));
}

http::ObjectSchema describe(http::Of<Tokens>) {
    return object<Tokens>("Tokens", "A session's tokens.",
                          member("access_token", &Tokens::access_token, http::secret(1, longest_token).revealed(), "A JWT."),
                          member("refresh_token", &Tokens::refresh_token, http::secret(1, longest_token).revealed(),
                                 "For one use; null while the session is restricted."),
                          member("token_type", &Tokens::token_type, "Always `Bearer`."),
                          member("expires_in", &Tokens::expires_in, "Seconds that the access token lives."),
                          member("session_id", &Tokens::session_id, "The session."),
                          member("restricted", &Tokens::restricted, "What must be done before anything else."),
                          member("user", &Tokens::user, "Whose session it is."));
}

http::ObjectSchema describe(http::Of<ServiceAccountCard>) {
    return object<ServiceAccountCard>("ServiceAccountCard", "A service account in short.",
                                      member("id", &ServiceAccountCard::id, "Its id."),
                                      member("email", &ServiceAccountCard::email, "As stored."),
                                      member("is_service_account", &ServiceAccountCard::is_service_account, "Always true."),
                                      member("tenant_id", &ServiceAccountCard::tenant_id, "Its tenant."));
}

http::ObjectSchema describe(http::Of<ServiceToken>) {
    return object<ServiceToken>(
        "ServiceToken", "An access token of a service account.",
        member("access_token", &ServiceToken::access_token, http::secret(1, longest_token).revealed(), "A JWT."),
        member("token_type", &ServiceToken::token_type, "Always `Bearer`."),
        member("expires_in", &ServiceToken::expires_in, "Seconds that it lives."),
        member("scope", &ServiceToken::scope, "What it holds now, space-separated."),
        member("service_account", &ServiceToken::service_account, "Whose token it is."));
}

http::ObjectSchema describe(http::Of<LoggedOut>) {
    return object<LoggedOut>("LoggedOut", "What a logout ended.",
                             member("sessions_ended", &LoggedOut::sessions_ended, "How many sessions."));
}

http::ObjectSchema describe(http::Of<TokenRevoked>) {
    return object<TokenRevoked>("TokenRevoked", "The same whether or not there was such a token.",
                                member("revoked", &TokenRevoked::revoked, "Always true."));
}

http::ObjectSchema describe(http::Of<TokenValidity>) {
    return object<TokenValidity>(
        "TokenValidity", "What the token of the request stands for.", member("valid", &TokenValidity::valid, "Always true."),
        member("user_id", &TokenValidity::user_id, "Whose token."), member("tenant_id", &TokenValidity::tenant_id, "Home."),
        member("scopes", &TokenValidity::scopes, "Held now."), member("expires_at", &TokenValidity::expires_at, "Its end."),
        member("is_service_account", &TokenValidity::is_service_account, "A person or not."));
}

http::ObjectSchema describe(http::Of<MyUser>) {
    return object<MyUser>(
        "MyUser", "The caller.", member("id", &MyUser::id, "The caller's id."), member("email", &MyUser::email, "As stored."),
        member("username", &MyUser::username, "Null where there is none."),
        member("is_service_account", &MyUser::is_service_account, "A person or not."),
        member("mfa_enabled", &MyUser::mfa_enabled, "Whether a second factor is asked for."),
        member("preferences", &MyUser::preferences, "Free."), member("last_login", &MyUser::last_login, "The latest."));
}

http::ObjectSchema describe(http::Of<MyRole>) {
    return object<MyRole>("MyRole", "A role that the caller holds.", member("id", &MyRole::id, "Its id."),
                          member("name", &MyRole::name, "Its name."));
}

http::ObjectSchema describe(http::Of<MySession>) {
    return object<MySession>("MySession", "The session of the token.", member("id", &MySession::id, "Its id."),
                             member("amr", &MySession::amr, "How identity was proved."),
                             member("auth_time", &MySession::auth_time, "When it was last proved in full."),
                             member("expires_at", &MySession::expires_at, "When it ends whatever is done."),
                             member("restricted", &MySession::restricted, "What must be done before anything else."));
}

http::ObjectSchema describe(http::Of<MyActor>) {
    return object<MyActor>("MyActor", "Who acts in the caller's name.", member("id", &MyActor::id, "Their id."));
}

http::ObjectSchema describe(http::Of<Me>) {
    return object<Me>("Me", "Who the caller is and what the caller may do.", member("user", &Me::user, "The caller."),
                      member("tenant", &Me::tenant, "The home tenant."),
                      member("acting_tenant", &Me::acting_tenant, "The tenant acted in."),
                      member("roles", &Me::roles, "Effective roles, by name."), member("scopes", &Me::scopes, "Held now."),
                      member("session", &Me::session, "Null for service accounts."),
                      member("actor", &Me::actor, "The real person while impersonating."));
}

http::ObjectSchema describe(http::Of<PasswordRequirements>) {
    using Requirements = PasswordRequirements;
    return object<Requirements>("PasswordRequirements", "What the server asks of a new password; a tenant may ask for more.",
                                member("min_length", &Requirements::min_length, "Code points."),
                                member("max_length", &Requirements::max_length, "Code points."),
                                member("require_uppercase", &Requirements::require_uppercase, "A capital letter."),
                                member("require_lowercase", &Requirements::require_lowercase, "A small letter."),
                                member("require_numbers", &Requirements::require_numbers, "A digit."),
                                member("require_symbols", &Requirements::require_symbols, "Any other character."),
                                member("history", &Requirements::history, "How many former passwords are refused."));
}

}  // namespace sentinel::auth
