#include "platform/upkeep/upkeep.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <vector>

#include "platform/service/error.hpp"

namespace sentinel::upkeep {

namespace json = core::json;
using boost::asio::awaitable;
using postgres::Statement;

namespace {

constexpr std::int64_t batch = 10'000;

constexpr Statement make_months_statement{
    "upkeep.make_months",
    "SELECT sentinel.make_month_partition('audit_logs', ((now() AT TIME ZONE 'UTC') + make_interval(months => ahead))::date) "
    "FROM generate_series(0, 3) ahead"};
constexpr Statement next_tenants{
    "upkeep.next_tenants",
    "SELECT tenant_id FROM sentinel_private.tenant_state WHERE tenant_id > $1 ORDER BY tenant_id LIMIT 1000"};

// Rows that another node removes at this moment are passed by.
constexpr Statement remove_revocations{
    "upkeep.remove_revocations",
    "DELETE FROM sentinel_private.revocations WHERE seq IN (SELECT seq FROM sentinel_private.revocations "
    "WHERE expires_at < now() - interval '1 hour' ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)"};
constexpr Statement remove_rate_limits{
    "upkeep.remove_rate_limits",
    "DELETE FROM sentinel_private.rate_limits WHERE ctid = ANY (ARRAY(SELECT ctid FROM sentinel_private.rate_limits "
    "WHERE expires_at < now() - interval '1 hour' ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))"};
constexpr Statement remove_jobs{
    "upkeep.remove_jobs",
    "DELETE FROM sentinel_private.jobs WHERE id IN (SELECT id FROM sentinel_private.jobs WHERE state <> 'parked' AND "
    "finished_at < now() - interval '30 days' ORDER BY finished_at LIMIT $1 FOR UPDATE SKIP LOCKED)"};
constexpr std::array shared_tables{&remove_revocations, &remove_rate_limits, &remove_jobs};

// First: nobody opens a session again whose end has passed, whatever a clock says later.
constexpr Statement end_sessions{"upkeep.end_sessions",
                                 "UPDATE sentinel.sessions SET ended_at = idle_expires_at, end_reason = 'expired' WHERE "
                                 "tenant_id = $1 AND ended_at IS NULL AND "
                                 "id IN (SELECT id FROM sentinel.sessions WHERE tenant_id = $1 AND ended_at IS NULL AND "
                                 "idle_expires_at < now() - interval '1 hour' "
                                 "ORDER BY idle_expires_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED)"};
constexpr Statement remove_sessions{
    "upkeep.remove_sessions",
    "DELETE FROM sentinel.sessions WHERE tenant_id = $1 AND id IN (SELECT id FROM sentinel.sessions WHERE tenant_id = $1 AND "
    "ended_at < now() - interval '90 days' ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)"};
constexpr Statement remove_refresh_tokens{
    "upkeep.remove_refresh_tokens",
    "DELETE FROM sentinel.refresh_tokens WHERE tenant_id = $1 AND id IN (SELECT id FROM sentinel.refresh_tokens WHERE tenant_id "
    "= $1 "
    "AND expires_at < now() - interval '1 hour' ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)"};
constexpr Statement remove_blacklisted{
    "upkeep.remove_blacklisted",
    "DELETE FROM sentinel.token_blacklist WHERE tenant_id = $1 AND id IN (SELECT id FROM sentinel.token_blacklist WHERE "
    "tenant_id = $1 "
    "AND expires_at < now() - interval '1 hour' ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)"};
constexpr Statement remove_reset_tokens{
    "upkeep.remove_reset_tokens",
    "DELETE FROM sentinel.password_reset_tokens WHERE tenant_id = $1 AND id IN (SELECT id FROM sentinel.password_reset_tokens "
    "WHERE tenant_id = $1 AND expires_at < now() - interval '1 hour' ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)"};
constexpr Statement remove_challenges{
    "upkeep.remove_challenges",
    "DELETE FROM sentinel.login_challenges WHERE tenant_id = $1 AND id IN (SELECT id FROM sentinel.login_challenges WHERE "
    "tenant_id = "
    "$1 AND expires_at < now() - interval '1 hour' ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)"};
constexpr Statement remove_answers{
    "upkeep.remove_answers",
    "DELETE FROM sentinel.idempotency_keys WHERE tenant_id = $1 AND id IN (SELECT id FROM sentinel.idempotency_keys WHERE "
    "tenant_id = "
    "$1 AND expires_at < now() - interval '1 hour' ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)"};
constexpr Statement remove_mail{
    "upkeep.remove_mail",
    "DELETE FROM sentinel.mail_outbox WHERE tenant_id = $1 AND id IN (SELECT id FROM sentinel.mail_outbox WHERE tenant_id = $1 "
    "AND "
    "status <> 'pending' AND updated_at < now() - interval '30 days' ORDER BY updated_at LIMIT $2 FOR UPDATE SKIP LOCKED)"};
constexpr Statement remove_events{
    "upkeep.remove_events",
    "DELETE FROM sentinel.event_outbox WHERE tenant_id = $1 AND id IN (SELECT id FROM (SELECT id, created_at FROM "
    "sentinel.event_outbox "
    "WHERE tenant_id = $1 ORDER BY sequence LIMIT $2) oldest WHERE created_at < now() - interval '30 days')"};
constexpr std::array tenant_tables{&end_sessions,       &remove_sessions,     &remove_refresh_tokens,
                                   &remove_blacklisted, &remove_reset_tokens, &remove_challenges,
                                   &remove_answers,     &remove_mail,         &remove_events};

// Whole revisions, oldest first: nodes take what follows the first one that is left for complete. Young ones go only beyond 100,000.
constexpr Statement remove_changes{
    "upkeep.remove_changes",
    "DELETE FROM sentinel_private.policy_changes WHERE tenant_id = $1 AND revision < greatest("
    "coalesce((SELECT revision FROM sentinel_private.policy_changes WHERE tenant_id = $1 AND at >= now() - interval '24 hours' "
    "ORDER BY revision, seq LIMIT 1), 9223372036854775807), "
    "(SELECT revision FROM sentinel_private.policy_changes WHERE tenant_id = $1 ORDER BY revision DESC, seq DESC OFFSET 100000 "
    "LIMIT 1))"};

}  // namespace

postgres::StatementList statements() noexcept {
    static const std::vector<const Statement*> all = [] {
        std::vector<const Statement*> list{&make_months_statement, &next_tenants, &remove_changes};
        std::ranges::copy(shared_tables, std::back_inserter(list));
        std::ranges::copy(tenant_tables, std::back_inserter(list));
        return list;
    }();
    return all;
}

awaitable<json::Object> Upkeep::run(const writes::Job&) {
    co_await make_months();
    std::int64_t removed = co_await remove_shared();
    std::optional<core::TenantId> last = core::TenantId{};
    while (last) {
        const postgres::Result tenants =
            co_await database_->read_private([&](postgres::Transaction& transaction) -> awaitable<postgres::Result> {
                co_return co_await transaction.execute(next_tenants, *last);
            });
        last.reset();
        for (const postgres::Row row : tenants) {
            last = row.get<core::TenantId>(0);
            removed += co_await remove_of(*last);
        }
    }
    co_return json::Object{{"removed", removed}};
}

void Upkeep::check_stopping() const {
    if (stopping_) throw platform::unavailable();
}

awaitable<void> Upkeep::make_months() {
    co_await database_->write_private(
        [&](postgres::Transaction& transaction) -> awaitable<void> { co_await transaction.execute(make_months_statement); });
}

awaitable<std::int64_t> Upkeep::remove_shared() {
    std::int64_t removed = 0;
    for (const Statement* statement : shared_tables) {
        std::int64_t rows = batch;
        while (rows == batch) {
            check_stopping();
            rows = co_await database_->write_private([&](postgres::Transaction& transaction) -> awaitable<std::int64_t> {
                const postgres::Result result = co_await transaction.execute(*statement, batch);
                co_return static_cast<std::int64_t>(result.affected_rows());
            });
            removed += rows;
        }
    }
    co_return removed;
}

awaitable<std::int64_t> Upkeep::remove_of(core::TenantId tenant) {
    std::int64_t removed = 0;
    bool is_full = true;
    while (is_full) {
        check_stopping();
        is_full = false;
        co_await database_->write(tenant, [&](postgres::Transaction& transaction) -> awaitable<void> {
            std::vector<postgres::Pending> sent;
            for (const Statement* statement : tenant_tables) sent.push_back(transaction.send(*statement, tenant, batch));
            sent.push_back(transaction.send(remove_changes, tenant));
            for (postgres::Pending& pending : sent) {
                const postgres::Result result = co_await transaction.receive(std::move(pending));
                const auto rows = static_cast<std::int64_t>(result.affected_rows());
                removed += rows;
                is_full = is_full || rows == batch;
            }
        });
    }
    co_return removed;
}

}  // namespace sentinel::upkeep
