#include <utility>

#include "modules/auth/repository.hpp"
#include "modules/auth/repository_sessions.hpp"
#include "platform/postgres/joined.hpp"

namespace sentinel::auth {

using boost::asio::awaitable;
using postgres::Statement;

namespace {

// $9 seconds until the idle end, $10 until the absolute one.
constexpr Statement insert_session_statement{
    "auth.insert_session",
    "INSERT INTO sentinel.sessions (tenant_id, id, user_id, auth_method, amr, auth_time, restricted, remember_me, "
    "device_info_encrypted, ip_hash, last_used_at, idle_expires_at, expires_at) "
    "VALUES ($1, $2, $3, 'password', $4, now(), $5, $6, $7, $8, now(), "
    "now() + make_interval(secs => least($9::double precision, $10::double precision)), now() + make_interval(secs => $10)) "
    "RETURNING auth_time, idle_expires_at, expires_at"};
constexpr std::string_view select_session =
    "SELECT id, user_id, amr, restricted, remember_me, actor_id, auth_time, idle_expires_at, expires_at, "
    "ended_at IS NULL AND idle_expires_at > clock_timestamp() AND expires_at > clock_timestamp() AS is_open "
    "FROM sentinel.sessions WHERE tenant_id = $1 AND id = $2";
constexpr std::string_view for_update = " FOR UPDATE";
constexpr Statement session_by_id{"auth.find_session", select_session};
constexpr Statement lock_session_by_id{"auth.lock_session", postgres::joined<select_session, for_update>};
constexpr Statement use_session_statement{
    "auth.use_session",
    "UPDATE sentinel.sessions SET last_used_at = clock_timestamp(), "
    "idle_expires_at = least(clock_timestamp() + make_interval(secs => $3), expires_at) WHERE tenant_id = $1 AND id = $2"};
constexpr Statement end_session_statement{"auth.end_session",
                                          "UPDATE sentinel.sessions SET ended_at = clock_timestamp(), end_reason = $3 "
                                          "WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL RETURNING id"};
constexpr Statement end_sessions_of_user{"auth.end_sessions_of",
                                         "UPDATE sentinel.sessions SET ended_at = clock_timestamp(), end_reason = $3 "
                                         "WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL RETURNING id"};
constexpr Statement end_idlest{
    "auth.end_idlest_sessions",
    "UPDATE sentinel.sessions SET ended_at = clock_timestamp(), end_reason = 'revoked' WHERE tenant_id = $1 AND id IN "
    "(SELECT id FROM sentinel.sessions WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL "
    "ORDER BY last_used_at DESC, id DESC OFFSET $3) AND ended_at IS NULL RETURNING id"};
constexpr Statement insert_refresh{
    "auth.insert_refresh_token",
    "INSERT INTO sentinel.refresh_tokens (tenant_id, id, user_id, session_id, token_hash, device_info_encrypted, expires_at) "
    "SELECT $1, $2, $3, $4, $5, $6, idle_expires_at FROM sentinel.sessions WHERE tenant_id = $1 AND id = $4"};
constexpr Statement refresh_by_id{"auth.find_refresh_token",
                                  "SELECT session_id, token_hash, rotated_at IS NOT NULL, expires_at <= clock_timestamp() "
                                  "FROM sentinel.refresh_tokens WHERE tenant_id = $1 AND id = $2"};
constexpr Statement rotate_refresh{
    "auth.rotate_refresh_token",
    "UPDATE sentinel.refresh_tokens SET rotated_at = clock_timestamp(), last_used_at = clock_timestamp(), replaced_by = $3 "
    "WHERE tenant_id = $1 AND id = $2"};
// A token that just expired by this clock may not have by another.
constexpr Statement blacklist_token{
    "auth.blacklist_token",
    "INSERT INTO sentinel.token_blacklist (tenant_id, id, jti_hash, user_id, token_type, expires_at, revoked_by, reason) "
    "VALUES ($1, $2, $3, (SELECT id FROM sentinel.users WHERE tenant_id = $1 AND id = $4), 'access', "
    "greatest($5, now() + interval '1 minute'), (SELECT id FROM sentinel.users WHERE tenant_id = $1 AND id = $6), 'revoked') "
    "ON CONFLICT (tenant_id, jti_hash) DO NOTHING RETURNING id"};

std::vector<core::SessionId> ids_of(const postgres::Result& result) {
    std::vector<core::SessionId> ids;
    for (const postgres::Row row : result) ids.push_back(row.get<core::SessionId>(0));
    return ids;
}

std::optional<SessionRow> session_of(const postgres::Result& result) {
    const auto row = result.maybe_one();
    if (!row) return std::nullopt;
    return SessionRow{.id = row->get<core::SessionId>(0),
                      .user = row->get<core::UserId>(1),
                      .amr = row->get<std::vector<std::string>>(2),
                      .restricted = row->get<std::optional<std::string>>(3),
                      .remember_me = row->get<bool>(4),
                      .actor = row->get<std::optional<core::UserId>>(5),
                      .times = {.auth_time = row->get<core::Instant>(6),
                                .idle_expires_at = row->get<core::Instant>(7),
                                .expires_at = row->get<core::Instant>(8)},
                      .is_open = row->get<bool>(9)};
}

}  // namespace

postgres::StatementList session_statements() noexcept {
    static constexpr const Statement* statements[] = {
        &insert_session_statement, &session_by_id, &lock_session_by_id, &use_session_statement, &end_session_statement,
        &end_sessions_of_user,     &end_idlest,    &insert_refresh,     &refresh_by_id,         &rotate_refresh,
        &blacklist_token};
    return statements;
}

namespace repository {

awaitable<SessionTimes> insert_session(postgres::Transaction& transaction, const NewSession& session) {
    const postgres::Result result = co_await transaction.execute(
        insert_session_statement, transaction.tenant(), session.id, session.user, session.amr, session.restricted,
        session.remember_me, postgres::as_bytes(session.device_info_encrypted), postgres::as_bytes(session.ip_hash),
        static_cast<double>(session.idle.count()), static_cast<double>(session.life.count()));
    const postgres::Row row = result.one();
    co_return SessionTimes{.auth_time = row.get<core::Instant>(0),
                           .idle_expires_at = row.get<core::Instant>(1),
                           .expires_at = row.get<core::Instant>(2)};
}

awaitable<std::optional<SessionRow>> find_session(postgres::Transaction& transaction, core::SessionId session) {
    const postgres::Result result = co_await transaction.execute(session_by_id, transaction.tenant(), session);
    co_return session_of(result);
}

awaitable<std::optional<SessionRow>> lock_session(postgres::Transaction& transaction, core::SessionId session) {
    const postgres::Result result = co_await transaction.execute(lock_session_by_id, transaction.tenant(), session);
    co_return session_of(result);
}

awaitable<void> use_session(postgres::Transaction& transaction, core::SessionId session, std::chrono::seconds idle) {
    co_await transaction.execute(use_session_statement, transaction.tenant(), session, static_cast<double>(idle.count()));
}

awaitable<bool> end_session(postgres::Transaction& transaction, core::SessionId session, std::string_view reason) {
    const postgres::Result result = co_await transaction.execute(end_session_statement, transaction.tenant(), session, reason);
    co_return !result.empty();
}

awaitable<std::vector<core::SessionId>> end_sessions_of(postgres::Transaction& transaction, core::UserId user,
                                                        std::string_view reason) {
    const postgres::Result result = co_await transaction.execute(end_sessions_of_user, transaction.tenant(), user, reason);
    co_return ids_of(result);
}

awaitable<std::vector<core::SessionId>> end_idlest_sessions(postgres::Transaction& transaction, core::UserId user,
                                                            std::int64_t kept) {
    const postgres::Result result = co_await transaction.execute(end_idlest, transaction.tenant(), user, kept);
    co_return ids_of(result);
}

awaitable<void> insert_refresh_token(postgres::Transaction& transaction, const NewRefreshToken& token) {
    co_await transaction.execute(insert_refresh, transaction.tenant(), token.id, token.user, token.session,
                                 postgres::as_bytes(token.token_hash), postgres::as_bytes(token.device_info_encrypted));
}

awaitable<std::optional<RefreshTokenRow>> find_refresh_token(postgres::Transaction& transaction, core::Uuid id) {
    const postgres::Result result = co_await transaction.execute(refresh_by_id, transaction.tenant(), id);
    const auto row = result.maybe_one();
    if (!row) co_return std::nullopt;
    co_return RefreshTokenRow{.session = row->get<core::SessionId>(0),
                              .token_hash = row->get<std::string>(1),
                              .is_rotated = row->get<bool>(2),
                              .is_expired = row->get<bool>(3)};
}

awaitable<void> rotate_refresh_token(postgres::Transaction& transaction, core::Uuid id, core::Uuid replaced_by) {
    co_await transaction.execute(rotate_refresh, transaction.tenant(), id, replaced_by);
}

awaitable<bool> blacklist(postgres::Transaction& transaction, core::Uuid row, std::string_view jti_hash,
                          std::optional<core::UserId> user, core::Instant expires_at, std::optional<core::UserId> by) {
    const postgres::Result result = co_await transaction.execute(blacklist_token, transaction.tenant(), row,
                                                                 postgres::as_bytes(jti_hash), user, expires_at, by);
    co_return !result.empty();
}

}  // namespace repository

}  // namespace sentinel::auth
