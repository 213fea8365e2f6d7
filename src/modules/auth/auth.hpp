#pragma once
/// Authentication: proves who calls and keeps sessions (spec 02).

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "modules/auth/schemas.hpp"
#include "platform/access/access_store.hpp"
#include "platform/access/rate_buckets.hpp"
#include "platform/crypto/jwt.hpp"
#include "platform/crypto/opaque_token.hpp"
#include "platform/crypto/password_hasher.hpp"
#include "platform/crypto/password_policy.hpp"
#include "platform/postgres/database.hpp"
#include "platform/service/actor.hpp"
#include "platform/writes/audit_queue.hpp"
#include "platform/writes/tenant_keys.hpp"
#include "platform/writes/writer.hpp"

namespace sentinel::auth {

/// What the service works with; all of it outlives it.
struct AuthParts {
    postgres::Database* database = nullptr;
    writes::Writer* writer = nullptr;
    access::AccessView* access = nullptr;
    writes::AuditQueue* audit = nullptr;
    writes::TenantKeys* tenant_keys = nullptr;
    crypto::PasswordHasher* password_hasher = nullptr;
    const core::Clock* clock = nullptr;
    core::UuidV7Generator* ids = nullptr;
    /// The node's buckets, for the limits per endpoint and address; null = no such limits.
    access::RateBuckets* rate_buckets = nullptr;
};

/// The server's settings; a tenant may make them stricter.
struct AuthOptions {
    crypto::TokenRules token_rules;
    std::chrono::minutes access_token_life{30};
    std::chrono::minutes service_token_life{120};
    std::chrono::days refresh_token_life{7};
    std::chrono::hours session_timeout{168};
    std::int64_t max_login_attempts = 5;
    std::chrono::minutes lockout_duration{30};
    crypto::PasswordRules password_rules;
};

struct ApiKeyRow;
struct LoginRefusal;
struct LoginTry;
struct RefreshedSession;
struct ServiceCredentials;
struct SessionFacts;
struct TenantPlace;
struct TokenSubject;
enum class Endpoint : std::uint8_t;

/// One for each worker, used from its thread.
class AuthService {
public:
    AuthService(AuthParts parts, AuthOptions options) : parts_(parts), options_(std::move(options)) {}

    /// The keys that sign and verify; at start and whenever they change.
    void use_keys(std::shared_ptr<const crypto::KeySet> keys) { keys_ = std::move(keys); }

    boost::asio::awaitable<Tokens> login(platform::RequestContext& context, const LoginRequest& body);
    boost::asio::awaitable<Tokens> refresh(platform::RequestContext& context, const RefreshRequest& body);
    boost::asio::awaitable<LoggedOut> logout(platform::RequestContext& context, const LogoutRequest& body);
    boost::asio::awaitable<TokenRevoked> revoke(platform::RequestContext& context, const RevokeRequest& body);
    boost::asio::awaitable<Me> me(const platform::RequestContext& context);
    boost::asio::awaitable<TokenValidity> validate(const platform::RequestContext& context);
    boost::asio::awaitable<ServiceToken> service_account_token(platform::RequestContext& context,
                                                               const ServiceTokenRequest& body);
    /// `authorization`: that header, for client credentials as Basic; empty = none.
    boost::asio::awaitable<ServiceToken> token(platform::RequestContext& context, std::string_view authorization,
                                               const TokenRequest& body);
    /// Throws UNAVAILABLE before the first use_keys().
    core::json::Object jwks() const;
    PasswordRequirements password_requirements() const;

private:
    const crypto::KeySet& keys() const;
    /// Never behind the database.
    core::Instant now() const;
    /// When the last of the tokens that are out now has ended.
    core::Instant last_token_end() const;
    /// From when on no clock that may differ takes a token any more that says to expire then.
    core::Instant end_of(core::Instant expires_at) const;
    void take_endpoint(const platform::RequestContext& context, Endpoint endpoint) const;
    boost::asio::awaitable<TenantPlace> find_place(const TenantName& name);

    boost::asio::awaitable<LoginTry> begin_try(const platform::RequestContext& context, TenantPlace place,
                                               const LoginRequest& body);
    boost::asio::awaitable<bool> has_right_password(const LoginTry& tried, const platform::Secret& password);
    boost::asio::awaitable<Tokens> prove_and_open(const platform::RequestContext& context, const LoginTry& tried,
                                                  const LoginRequest& body);
    boost::asio::awaitable<SessionFacts> open_session(writes::WriteTransaction& write, const LoginTry& tried,
                                                      const LoginRequest& body, const std::optional<std::string>& new_hash);
    boost::asio::awaitable<void> note_refusal(const platform::RequestContext& context, const LoginTry& tried,
                                              const LoginRefusal& refusal);
    boost::asio::awaitable<void> take_try_back(const LoginTry& tried);
    Tokens tokens_of(const TokenSubject& subject, SessionFacts session) const;

    boost::asio::awaitable<std::optional<RefreshedSession>> rotate(writes::WriteTransaction& write,
                                                                   const access::AccessState& state,
                                                                   const crypto::OpaqueToken& token);
    boost::asio::awaitable<void> end_by_refresh_token(const platform::RequestContext& context, std::string_view text);
    boost::asio::awaitable<void> end_access_token(const platform::RequestContext& context, std::string_view text);
    boost::asio::awaitable<void> end_jti(const platform::RequestContext& context, core::TokenId jti);
    boost::asio::awaitable<void> revoke_jti(writes::WriteTransaction& write, core::TokenId jti, std::optional<core::UserId> user,
                                            core::Instant until);
    boost::asio::awaitable<void> end_with_epoch(writes::WriteTransaction& write, core::UserId user);
    boost::asio::awaitable<ServiceToken> issue_service_token(const platform::RequestContext& context, TenantPlace place,
                                                             const ServiceCredentials& credentials);
    boost::asio::awaitable<std::optional<ApiKeyRow>> find_key(const platform::RequestContext& context, const TenantPlace& place,
                                                              const ServiceCredentials& credentials);

    AuthParts parts_;
    AuthOptions options_;
    std::shared_ptr<const crypto::KeySet> keys_;
};

/// All statements of this module.
postgres::StatementList statements() noexcept;

}  // namespace sentinel::auth
