#include "modules/auth/login_throttle.hpp"

#include <algorithm>

#include "core/encoding.hpp"
#include "core/text.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/service/error.hpp"

namespace sentinel::auth {

using boost::asio::awaitable;
using postgres::Statement;

namespace {

// attempt_count = failures and tries in flight, leased = tries in flight, tat = until when the identity is locked.
// A row whose time is over counts as new: 30 minutes without a failure, or a lock that has ended.
constexpr Statement begin_try{
    "auth.begin_login_try",
    "INSERT INTO sentinel_private.rate_limits AS counter "
    "(identifier, action_type, attempt_count, window_start, leased, node_id, expires_at) "
    "VALUES ($1, $2, 1, clock_timestamp(), 1, NULL, clock_timestamp() + interval '30 minutes') "
    "ON CONFLICT (identifier, action_type, node_id) DO UPDATE SET "
    "attempt_count = CASE WHEN counter.expires_at <= clock_timestamp() THEN 1 ELSE counter.attempt_count + 1 END, "
    "leased = CASE WHEN counter.expires_at <= clock_timestamp() THEN 1 ELSE counter.leased + 1 END, "
    "tat = CASE WHEN counter.expires_at <= clock_timestamp() THEN NULL ELSE counter.tat END, "
    "window_start = CASE WHEN counter.expires_at <= clock_timestamp() THEN clock_timestamp() ELSE counter.window_start END, "
    "expires_at = CASE WHEN counter.expires_at <= clock_timestamp() THEN clock_timestamp() + interval '30 minutes' "
    "ELSE counter.expires_at END "
    "RETURNING attempt_count, leased, ceil(extract(epoch FROM tat - clock_timestamp()))::bigint, "
    "ceil(extract(epoch FROM expires_at - clock_timestamp()))::bigint"};
// $3 the limit, or null for a counter that never locks; $4 seconds of a lock.
constexpr Statement fail_try{
    "auth.fail_login_try",
    "WITH ended AS (SELECT identifier, action_type, attempt_count, greatest(leased - 1, 0) AS leased, "
    "coalesce($3::bigint <= attempt_count - greatest(leased - 1, 0) AND tat IS NULL, false) AS locks "
    "FROM sentinel_private.rate_limits WHERE identifier = $1 AND action_type = $2 AND node_id IS NULL FOR UPDATE) "
    "UPDATE sentinel_private.rate_limits counter SET leased = ended.leased, "
    "tat = CASE WHEN ended.locks THEN clock_timestamp() + make_interval(secs => $4) ELSE counter.tat END, "
    "expires_at = CASE WHEN ended.locks THEN clock_timestamp() + make_interval(secs => $4) "
    "WHEN counter.tat IS NOT NULL THEN counter.expires_at ELSE clock_timestamp() + interval '30 minutes' END "
    "FROM ended WHERE counter.identifier = ended.identifier AND counter.action_type = ended.action_type "
    "AND counter.node_id IS NULL RETURNING ended.attempt_count - ended.leased, ended.locks"};
constexpr Statement take_try_back{"auth.take_login_try_back",
                                  "UPDATE sentinel_private.rate_limits SET attempt_count = greatest(attempt_count - 1, 0), "
                                  "leased = greatest(leased - 1, 0) "
                                  "WHERE identifier = $1 AND action_type = $2 AND node_id IS NULL"};
constexpr Statement succeed_try{"auth.succeed_login_try",
                                "UPDATE sentinel_private.rate_limits SET attempt_count = greatest(leased - 1, 0), "
                                "leased = greatest(leased - 1, 0), tat = NULL "
                                "WHERE identifier = $1 AND action_type = $2 AND node_id IS NULL"};
constexpr Statement forget_tries{
    "auth.forget_login_tries",
    "DELETE FROM sentinel_private.rate_limits WHERE identifier = $1 AND (action_type = 'login' OR action_type LIKE 'login:%')"};

platform::ServiceError account_locked(std::int64_t seconds) {
    const std::int64_t wait = std::max<std::int64_t>(seconds, 1);
    return platform::ServiceError(platform::ErrorCode::account_locked, "Too many failed logins; try again later.")
        .with_detail("retry_after", wait)
        .with_retry_after(std::chrono::seconds(wait));
}

}  // namespace

postgres::StatementList login_throttle_statements() noexcept {
    static constexpr const Statement* statements[] = {&begin_try, &fail_try, &take_try_back, &succeed_try, &forget_tries};
    return statements;
}

std::string network_of(const core::IpAddress& address) {
    if (!address.is_v6) return address.text();
    core::IpAddress network = address;
    std::fill(network.bytes.begin() + 8, network.bytes.end(), std::uint8_t{0});
    return core::IpNetwork{network, 64}.text();
}

std::string login_identifier(const crypto::ServerKeys& keys, std::string_view tenant, std::string_view email) {
    const crypto::Fields fields = std::move(crypto::Fields().add("login").add(tenant).add(core::compatibility_folded(email)));
    return keys.current(crypto::ServerKeyPurpose::rate).mac(fields.bytes()).text();
}

std::string address_identifier(const crypto::ServerKeys& keys, const core::IpAddress& address) {
    const crypto::Fields fields = std::move(crypto::Fields().add("login.address").add(network_of(address)));
    return keys.current(crypto::ServerKeyPurpose::rate).mac(fields.bytes()).text();
}

LoginCounter identity_counter(std::string identifier, std::string_view known_address_hash) {
    LoginCounter counter{.identifier = std::move(identifier), .action = "login"};
    if (!known_address_hash.empty()) counter.action += ":" + core::to_hex(known_address_hash.substr(0, 16));
    return counter;
}

LoginCounter address_counter(std::string identifier) { return {.identifier = std::move(identifier), .action = "login.address"}; }

namespace throttle {

awaitable<void> begin(postgres::Transaction& transaction, const LoginCounter& counter) {
    const postgres::Result result =
        co_await transaction.execute(begin_try, postgres::as_bytes(counter.identifier), counter.action);
    const postgres::Row row = result.one();
    const auto locked = row.get<std::optional<std::int64_t>>(2);
    if (locked) throw account_locked(*locked);
    if (row.get<std::int32_t>(0) <= counter.limit) co_return;
    // Where others are in flight the answer is known soon; else the window must end.
    const bool waits_for_others = row.get<std::int32_t>(1) > 1;
    const std::int64_t seconds = waits_for_others ? 1 : std::max<std::int64_t>(row.get<std::int64_t>(3), 1);
    throw platform::rate_limited("login", std::chrono::seconds(seconds));
}

awaitable<LoginFailures> fail(postgres::Transaction& transaction, const LoginCounter& counter) {
    const auto limit = counter.lockout ? std::optional(counter.limit) : std::nullopt;
    const double seconds = counter.lockout ? static_cast<double>(counter.lockout->count()) : 0;
    const postgres::Result result =
        co_await transaction.execute(fail_try, postgres::as_bytes(counter.identifier), counter.action, limit, seconds);
    const auto row = result.maybe_one();
    if (!row) co_return LoginFailures{};  // an administrator made it forgotten meanwhile
    co_return LoginFailures{.count = row->get<std::int32_t>(0), .has_locked = row->get<bool>(1)};
}

awaitable<void> take_back(postgres::Transaction& transaction, const LoginCounter& counter) {
    co_await transaction.execute(take_try_back, postgres::as_bytes(counter.identifier), counter.action);
}

awaitable<void> succeed(postgres::Transaction& transaction, const LoginCounter& counter) {
    co_await transaction.execute(succeed_try, postgres::as_bytes(counter.identifier), counter.action);
}

awaitable<void> forget(postgres::Transaction& transaction, std::string_view identifier) {
    co_await transaction.execute(forget_tries, postgres::as_bytes(identifier));
}

}  // namespace throttle

}  // namespace sentinel::auth
