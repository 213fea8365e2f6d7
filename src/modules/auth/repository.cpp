#include "modules/auth/repository.hpp"

#include <utility>

#include "platform/postgres/joined.hpp"

namespace sentinel::auth {

namespace json = core::json;
using boost::asio::awaitable;
using postgres::Statement;

namespace {

constexpr Statement tenant_by_code{"auth.tenant_by_code", "SELECT tenant_id FROM sentinel_private.tenant_state WHERE code = $1"};
constexpr Statement own_tenant{"auth.own_tenant", "SELECT name, code, security_settings FROM sentinel.tenants WHERE id = $1"};
constexpr Statement hold_tenant_state{
    "auth.hold_tenant", "SELECT is_active, token_epoch FROM sentinel_private.tenant_state WHERE tenant_id = $1 FOR SHARE"};

constexpr std::string_view select_user =
    "SELECT id, email_encrypted, username, password_hash, must_change_password, is_service_account, is_active, mfa_enabled, "
    "token_epoch, CASE WHEN lock_kind = 'admin' AND locked_until > clock_timestamp() "
    "THEN ceil(extract(epoch FROM locked_until - clock_timestamp()))::bigint END AS lock_seconds, preferences, last_login "
    "FROM sentinel.users WHERE tenant_id = $1 AND deleted_at IS NULL AND ";
constexpr std::string_view by_index = "email_index = $2";
constexpr std::string_view by_id = "id = $2";
// Weaker than FOR UPDATE: a refresh of one of the user's sessions refers to the user.
constexpr std::string_view by_id_locked = "id = $2 FOR NO KEY UPDATE";
constexpr Statement user_by_index{"auth.user_by_index", postgres::joined<select_user, by_index>};
constexpr Statement user_by_id{"auth.user_by_id", postgres::joined<select_user, by_id>};
constexpr Statement lock_user_by_id{"auth.lock_user", postgres::joined<select_user, by_id_locked>};
constexpr Statement known_address{"auth.known_address",
                                  "SELECT EXISTS (SELECT FROM sentinel.sessions WHERE tenant_id = $1 AND user_id = $2 AND "
                                  "ip_hash = $3 AND restricted IS NULL AND auth_method <> 'impersonation' AND "
                                  "last_used_at > clock_timestamp() - interval '30 days')"};
constexpr Statement note_user_failure{
    "auth.note_failure",
    "UPDATE sentinel.users SET failed_login_count = $3, "
    "locked_until = CASE WHEN $4::double precision IS NULL OR lock_kind = 'admin' THEN locked_until "
    "ELSE clock_timestamp() + make_interval(secs => $4) END, "
    "lock_kind = CASE WHEN $4::double precision IS NULL OR lock_kind = 'admin' THEN lock_kind ELSE 'auto' END "
    "WHERE tenant_id = $1 AND id = $2"};
constexpr Statement note_user_login{
    "auth.note_login",
    "UPDATE sentinel.users SET last_login = now(), login_count = login_count + 1, failed_login_count = 0, "
    "password_hash = coalesce($3, password_hash), "
    "locked_until = CASE WHEN lock_kind = 'admin' THEN locked_until END, "
    "lock_kind = CASE WHEN lock_kind = 'admin' THEN lock_kind END WHERE tenant_id = $1 AND id = $2"};
constexpr Statement raise_user_epoch{
    "auth.raise_epoch",
    "UPDATE sentinel.users SET token_epoch = token_epoch + 1 WHERE tenant_id = $1 AND id = $2 RETURNING token_epoch"};
constexpr Statement known_key{"auth.find_api_key",
                              "SELECT key.id AS key_id, key.key_hash, key.expires_at, "
                              "key.revoked_at IS NULL AND key.expires_at > clock_timestamp() AS is_usable, "
                              "account.id, account.email_encrypted, account.username, account.is_active, account.token_epoch, "
                              "account.is_service_account, CASE WHEN account.lock_kind = 'admin' AND "
                              "account.locked_until > clock_timestamp() THEN 1::bigint END AS lock_seconds, "
                              "account.allowed_cidrs::text[] AS networks "
                              "FROM sentinel.service_account_keys key JOIN sentinel.users account "
                              "ON account.tenant_id = key.tenant_id AND account.id = key.user_id "
                              "WHERE key.tenant_id = $1 AND key.key_prefix = $2 AND account.deleted_at IS NULL"};
constexpr Statement key_use_due{"auth.key_use_due",
                                "SELECT last_used_at IS NULL OR last_used_at < now() - interval '1 minute' "
                                "FROM sentinel.service_account_keys WHERE tenant_id = $1 AND id = $2"};
constexpr Statement use_key{"auth.use_key",
                            "UPDATE sentinel.service_account_keys SET last_used_at = now(), last_used_ip_encrypted = $3 "
                            "WHERE tenant_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 "
                            "minute') RETURNING user_id"};
constexpr Statement count_key_login{
    "auth.count_key_login",
    "UPDATE sentinel.users SET last_login = now(), login_count = login_count + 1 WHERE tenant_id = $1 AND id = $2"};

LoginUser user_of(const postgres::Row& row) {
    LoginUser user;
    user.id = row.get<core::UserId>("id");
    user.email_encrypted = row.get<std::string>("email_encrypted");
    user.username = row.get<std::optional<std::string>>("username");
    user.is_service_account = row.get<bool>("is_service_account");
    user.is_active = row.get<bool>("is_active");
    user.token_epoch = row.get<std::int64_t>("token_epoch");
    user.admin_lock_seconds = row.get<std::optional<std::int64_t>>("lock_seconds");
    return user;
}

std::optional<LoginUser> person_of(const postgres::Result& result) {
    const auto row = result.maybe_one();
    if (!row) return std::nullopt;
    LoginUser user = user_of(*row);
    user.password_hash = row->get<std::optional<std::string>>("password_hash");
    user.must_change_password = row->get<bool>("must_change_password");
    user.mfa_enabled = row->get<bool>("mfa_enabled");
    user.preferences = row->get<json::Object>("preferences");
    user.last_login = row->get<std::optional<core::Instant>>("last_login");
    return user;
}

std::optional<double> seconds_of(std::optional<std::chrono::seconds> duration) {
    if (!duration) return std::nullopt;
    return static_cast<double>(duration->count());
}

}  // namespace

postgres::StatementList repository_statements() noexcept {
    static constexpr const Statement* statements[] = {&tenant_by_code,  &own_tenant,       &hold_tenant_state, &user_by_index,
                                                      &user_by_id,      &lock_user_by_id,  &known_address,     &note_user_failure,
                                                      &note_user_login, &raise_user_epoch, &known_key,         &key_use_due,
                                                      &use_key,         &count_key_login};
    return statements;
}

namespace repository {

awaitable<std::optional<core::TenantId>> find_tenant(postgres::Transaction& transaction, std::string_view code) {
    const postgres::Result result = co_await transaction.execute(tenant_by_code, code);
    const auto row = result.maybe_one();
    if (!row) co_return std::nullopt;
    co_return row->get<core::TenantId>(0);
}

awaitable<std::optional<TenantRow>> find_own_tenant(postgres::Transaction& transaction) {
    const postgres::Result result = co_await transaction.execute(own_tenant, transaction.tenant());
    const auto row = result.maybe_one();
    if (!row) co_return std::nullopt;
    co_return TenantRow{
        .name = row->get<std::string>(0), .code = row->get<std::string>(1), .security_settings = row->get<json::Object>(2)};
}

awaitable<TenantStanding> hold_tenant(postgres::Transaction& transaction) {
    const postgres::Result result = co_await transaction.execute(hold_tenant_state, transaction.tenant());
    const auto row = result.maybe_one();
    if (!row) co_return TenantStanding{.is_active = false};
    co_return TenantStanding{.is_active = row->get<bool>(0), .token_epoch = row->get<std::int64_t>(1)};
}

awaitable<std::optional<LoginUser>> find_user(postgres::Transaction& transaction, std::string_view email_index) {
    const postgres::Result result =
        co_await transaction.execute(user_by_index, transaction.tenant(), postgres::as_bytes(email_index));
    co_return person_of(result);
}

awaitable<std::optional<LoginUser>> find_user(postgres::Transaction& transaction, core::UserId user) {
    const postgres::Result result = co_await transaction.execute(user_by_id, transaction.tenant(), user);
    co_return person_of(result);
}

awaitable<std::optional<LoginUser>> lock_user(postgres::Transaction& transaction, core::UserId user) {
    const postgres::Result result = co_await transaction.execute(lock_user_by_id, transaction.tenant(), user);
    co_return person_of(result);
}

awaitable<bool> is_known_address(postgres::Transaction& transaction, core::UserId user, std::string_view ip_hash) {
    const postgres::Result result =
        co_await transaction.execute(known_address, transaction.tenant(), user, postgres::as_bytes(ip_hash));
    co_return result.one().get<bool>(0);
}

awaitable<void> note_failure(postgres::Transaction& transaction, core::UserId user, std::int64_t failures,
                             std::optional<std::chrono::seconds> locked_for) {
    co_await transaction.execute(note_user_failure, transaction.tenant(), user, failures, seconds_of(locked_for));
}

awaitable<void> note_login(postgres::Transaction& transaction, core::UserId user, const std::optional<std::string>& new_hash) {
    co_await transaction.execute(note_user_login, transaction.tenant(), user, new_hash);
}

awaitable<std::int64_t> raise_epoch(postgres::Transaction& transaction, core::UserId user) {
    const postgres::Result result = co_await transaction.execute(raise_user_epoch, transaction.tenant(), user);
    co_return result.one().get<std::int64_t>(0);
}

awaitable<std::optional<ApiKeyRow>> find_api_key(postgres::Transaction& transaction, std::string_view key_id) {
    const postgres::Result result = co_await transaction.execute(known_key, transaction.tenant(), key_id);
    const auto row = result.maybe_one();
    if (!row) co_return std::nullopt;
    co_return ApiKeyRow{.id = row->get<core::Uuid>("key_id"),
                        .key_hash = row->get<std::string>("key_hash"),
                        .expires_at = row->get<core::Instant>("expires_at"),
                        .is_usable = row->get<bool>("is_usable"),
                        .account = user_of(*row),
                        .email = "",
                        .networks = row->get<std::vector<std::string>>("networks")};
}

awaitable<bool> is_use_due(postgres::Transaction& transaction, core::Uuid key) {
    const postgres::Result result = co_await transaction.execute(key_use_due, transaction.tenant(), key);
    const auto row = result.maybe_one();
    co_return row && row->get<bool>(0);
}

awaitable<void> note_use(postgres::Transaction& transaction, core::Uuid key, core::UserId account,
                         std::string_view address_encrypted) {
    const postgres::Result used =
        co_await transaction.execute(use_key, transaction.tenant(), key, postgres::as_bytes(address_encrypted));
    if (!used.empty()) co_await transaction.execute(count_key_login, transaction.tenant(), account);
}

}  // namespace repository

}  // namespace sentinel::auth
