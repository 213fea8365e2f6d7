#pragma once
/// What requests about authentication hold and what answers show (spec 02).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "core/time.hpp"
#include "core/vocabulary.hpp"
#include "platform/http/schema.hpp"
#include "platform/service/secret.hpp"

namespace sentinel::auth {

/// Which tenant an anonymous caller means: exactly one of the two.
struct TenantName {
    std::optional<core::TenantId> tenant_id;
    std::optional<std::string> tenant_code;
};
http::ObjectSchema describe(http::Of<TenantName>);

struct LoginRequest {
    std::string email;
    platform::Secret password;
    TenantName tenant;
    bool remember_me = false;
    std::optional<std::string> device_name;
};
http::ObjectSchema describe(http::Of<LoginRequest>);

struct RefreshRequest {
    platform::Secret refresh_token;
};
http::ObjectSchema describe(http::Of<RefreshRequest>);

struct LogoutRequest {
    bool revoke_all_devices = false;
};
http::ObjectSchema describe(http::Of<LogoutRequest>);

enum class RevokedTokenType : std::uint8_t { access_token, refresh_token };
http::EnumSchema describe(http::Of<RevokedTokenType>);

struct RevokeRequest {
    std::optional<platform::Secret> token;
    RevokedTokenType token_type = RevokedTokenType::access_token;
    std::optional<core::TokenId> jti;
};
http::ObjectSchema describe(http::Of<RevokeRequest>);

struct ServiceTokenRequest {
    platform::Secret api_key;
    TenantName tenant;
    std::optional<std::string> scope;
};
http::ObjectSchema describe(http::Of<ServiceTokenRequest>);

/// Either as ServiceTokenRequest, or OAuth's client credentials.
struct TokenRequest {
    std::optional<std::string> grant_type;
    std::optional<std::string> client_id;
    std::optional<platform::Secret> client_secret;
    std::optional<platform::Secret> api_key;
    std::optional<core::TenantId> tenant_id;
    std::optional<std::string> tenant_code;
    std::optional<std::string> scope;
};
http::ObjectSchema describe(http::Of<TokenRequest>);

struct TenantCard {
    core::TenantId id;
    std::string name;
    std::string code;
};
http::ObjectSchema describe(http::Of<TenantCard>);

/// Whom a session belongs to.
struct TokenUser {
    core::UserId id;
    std::string email;
    std::optional<std::string> username;
    bool is_service_account = false;
    std::vector<std::string> roles;
    TenantCard tenant;
};
http::ObjectSchema describe(http::Of<TokenUser>);

enum class SessionRestriction : std::uint8_t { password_change, mfa_enrollment };
http::EnumSchema describe(http::Of<SessionRestriction>);

struct Tokens {
    platform::Secret access_token;
    std::optional<platform::Secret> refresh_token;
    std::string token_type = "Bearer";
    std::int64_t expires_in = 0;
    core::SessionId session_id;
    std::optional<SessionRestriction> restricted;
    TokenUser user;
};
http::ObjectSchema describe(http::Of<Tokens>);

struct ServiceAccountCard {
    core::UserId id;
    std::string email;
    bool is_service_account = true;
    core::TenantId tenant_id;
};
http::ObjectSchema describe(http::Of<ServiceAccountCard>);

struct ServiceToken {
    platform::Secret access_token;
    std::string token_type = "Bearer";
    std::int64_t expires_in = 0;
    std::string scope;
    ServiceAccountCard service_account;
};
http::ObjectSchema describe(http::Of<ServiceToken>);

struct LoggedOut {
    std::int64_t sessions_ended = 0;
};
http::ObjectSchema describe(http::Of<LoggedOut>);

struct TokenRevoked {
    bool revoked = true;
};
http::ObjectSchema describe(http::Of<TokenRevoked>);

struct TokenValidity {
    bool valid = true;
    core::UserId user_id;
    core::TenantId tenant_id;
    std::vector<std::string> scopes;
    core::Instant expires_at;
    bool is_service_account = false;
};
http::ObjectSchema describe(http::Of<TokenValidity>);

struct MyUser {
    core::UserId id;
    std::string email;
    std::optional<std::string> username;
    bool is_service_account = false;
    bool mfa_enabled = false;
    core::json::Object preferences;
    std::optional<core::Instant> last_login;
};
http::ObjectSchema describe(http::Of<MyUser>);

struct MyRole {
    core::RoleId id;
    std::string name;
};
http::ObjectSchema describe(http::Of<MyRole>);

struct MySession {
    core::SessionId id;
    std::vector<std::string> amr;
    core::Instant auth_time;
    core::Instant expires_at;
    std::optional<SessionRestriction> restricted;
};
http::ObjectSchema describe(http::Of<MySession>);

/// The real person behind an impersonation.
struct MyActor {
    core::UserId id;
};
http::ObjectSchema describe(http::Of<MyActor>);

struct Me {
    MyUser user;
    TenantCard tenant;
    TenantCard acting_tenant;
    std::vector<MyRole> roles;
    std::vector<std::string> scopes;
    std::optional<MySession> session;
    std::optional<MyActor> actor;
};
http::ObjectSchema describe(http::Of<Me>);

struct PasswordRequirements {
    std::int64_t min_length = 12;
    std::int64_t max_length = 128;
    bool require_uppercase = true;
    bool require_lowercase = true;
    bool require_numbers = true;
    bool require_symbols = true;
    std::int64_t history = 5;
};
http::ObjectSchema describe(http::Of<PasswordRequirements>);

}  // namespace sentinel::auth
