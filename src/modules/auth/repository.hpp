#pragma once
/// The SQL of authentication: users as logins see them, sessions, refresh tokens, API keys, the blacklist.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/json.hpp"
#include "core/time.hpp"
#include "core/vocabulary.hpp"
#include "platform/postgres/statement.hpp"
#include "platform/postgres/transaction.hpp"

namespace sentinel::auth {

/// A user as a login sees it.
struct LoginUser {
    core::UserId id;
    std::string email_encrypted;
    std::optional<std::string> username;
    std::optional<std::string> password_hash;
    bool must_change_password = false;
    bool is_service_account = false;
    bool is_active = true;
    bool mfa_enabled = false;
    std::int64_t token_epoch = 0;
    std::optional<std::int64_t> admin_lock_seconds;  ///< how long an administrator's lock still holds
    core::json::Object preferences;
    std::optional<core::Instant> last_login;
};

struct TenantRow {
    std::string name;
    std::string code;
    core::json::Object security_settings;
};

struct TenantStanding {
    bool is_active = true;
    std::int64_t token_epoch = 0;
};

struct NewSession {
    core::SessionId id;
    core::UserId user;
    std::vector<std::string> amr;
    std::optional<std::string> restricted;
    bool remember_me = false;
    std::string device_info_encrypted;
    std::string ip_hash;
    std::chrono::seconds idle{};
    std::chrono::seconds life{};
};

struct SessionTimes {
    core::Instant auth_time;
    core::Instant idle_expires_at;
    core::Instant expires_at;
};

struct SessionRow {
    core::SessionId id;
    core::UserId user;
    std::vector<std::string> amr;
    std::optional<std::string> restricted;
    bool remember_me = false;
    std::optional<core::UserId> actor;
    SessionTimes times;
    bool is_open = false;  ///< not ended, and neither of its ends is past
};

struct NewRefreshToken {
    core::Uuid id;
    core::UserId user;
    core::SessionId session;
    std::string token_hash;
    std::string device_info_encrypted;
};

struct RefreshTokenRow {
    core::SessionId session;
    std::string token_hash;
    bool is_rotated = false;
    bool is_expired = false;
};

struct ApiKeyRow {
    core::Uuid id;
    std::string key_hash;
    core::Instant expires_at;
    bool is_usable = false;  ///< neither expired nor revoked
    LoginUser account;
    std::string email;  ///< of the account, opened
    std::vector<std::string> networks;
};

/// REQUIRES everywhere: the transaction's tenant is the rows'.
namespace repository {

boost::asio::awaitable<std::optional<core::TenantId>> find_tenant(postgres::Transaction& transaction, std::string_view code);
/// Of the transaction's tenant.
boost::asio::awaitable<std::optional<TenantRow>> find_own_tenant(postgres::Transaction& transaction);
/// Nobody suspends the tenant or raises its epoch before the transaction ends.
boost::asio::awaitable<TenantStanding> hold_tenant(postgres::Transaction& transaction);

boost::asio::awaitable<std::optional<LoginUser>> find_user(postgres::Transaction& transaction, std::string_view email_index);
boost::asio::awaitable<std::optional<LoginUser>> find_user(postgres::Transaction& transaction, core::UserId user);
boost::asio::awaitable<std::optional<LoginUser>> lock_user(postgres::Transaction& transaction, core::UserId user);
boost::asio::awaitable<bool> is_known_address(postgres::Transaction& transaction, core::UserId user, std::string_view ip_hash);
/// Shows the throttle's figures at the user, unless an administrator's lock stands there.
boost::asio::awaitable<void> note_failure(postgres::Transaction& transaction, core::UserId user, std::int64_t failures,
                                          std::optional<std::chrono::seconds> locked_for);
/// `new_hash`: where the parameters of the hash were raised.
boost::asio::awaitable<void> note_login(postgres::Transaction& transaction, core::UserId user,
                                        const std::optional<std::string>& new_hash);
boost::asio::awaitable<std::int64_t> raise_epoch(postgres::Transaction& transaction, core::UserId user);

boost::asio::awaitable<SessionTimes> insert_session(postgres::Transaction& transaction, const NewSession& session);
boost::asio::awaitable<std::optional<SessionRow>> find_session(postgres::Transaction& transaction, core::SessionId session);
boost::asio::awaitable<std::optional<SessionRow>> lock_session(postgres::Transaction& transaction, core::SessionId session);
/// Moves the idle end on; never past the absolute one.
boost::asio::awaitable<void> use_session(postgres::Transaction& transaction, core::SessionId session, std::chrono::seconds idle);
/// True when it was open.
boost::asio::awaitable<bool> end_session(postgres::Transaction& transaction, core::SessionId session, std::string_view reason);
boost::asio::awaitable<std::vector<core::SessionId>> end_sessions_of(postgres::Transaction& transaction, core::UserId user,
                                                                     std::string_view reason);
/// All but the `kept` ones that were used last.
boost::asio::awaitable<std::vector<core::SessionId>> end_idlest_sessions(postgres::Transaction& transaction, core::UserId user,
                                                                         std::int64_t kept);

/// Expires with the session's idle end.
boost::asio::awaitable<void> insert_refresh_token(postgres::Transaction& transaction, const NewRefreshToken& token);
boost::asio::awaitable<std::optional<RefreshTokenRow>> find_refresh_token(postgres::Transaction& transaction, core::Uuid id);
boost::asio::awaitable<void> rotate_refresh_token(postgres::Transaction& transaction, core::Uuid id, core::Uuid replaced_by);

/// False when it was there already. A `user` or `by` of another tenant is left out.
boost::asio::awaitable<bool> blacklist(postgres::Transaction& transaction, core::Uuid row, std::string_view jti_hash,
                                       std::optional<core::UserId> user, core::Instant expires_at,
                                       std::optional<core::UserId> by);

boost::asio::awaitable<std::optional<ApiKeyRow>> find_api_key(postgres::Transaction& transaction, std::string_view key_id);
/// Counts a use, at most once a minute; true when it was counted.
boost::asio::awaitable<bool> is_use_due(postgres::Transaction& transaction, core::Uuid key);
boost::asio::awaitable<void> note_use(postgres::Transaction& transaction, core::Uuid key, core::UserId account,
                                      std::string_view address_encrypted);

}  // namespace repository

postgres::StatementList repository_statements() noexcept;

}  // namespace sentinel::auth
