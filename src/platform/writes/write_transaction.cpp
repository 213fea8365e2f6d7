#include "platform/writes/write_transaction.hpp"

#include "platform/writes/audit_append.hpp"
#include "platform/writes/statements.hpp"

namespace sentinel::writes {

namespace json = core::json;

namespace {

constexpr postgres::Statement insert_revocation{"writes.insert_revocation",
                                                "INSERT INTO sentinel_private.revocations (tenant_id, kind, ref, value, "
                                                "expires_at) VALUES ($1, $2, $3, $4, $5) RETURNING seq"};
// A second open job of the same kind and key is the first one.
constexpr postgres::Statement insert_job{
    "writes.insert_job",
    "INSERT INTO sentinel_private.jobs (id, tenant_id, kind, unique_key, payload, state, run_at, max_attempts, created_by) "
    "VALUES ($1, $2, $3, $4, $5, 'queued', coalesce($6, now()), $7, $8) ON CONFLICT DO NOTHING"};
constexpr postgres::Statement insert_mail{
    "writes.insert_mail",
    "INSERT INTO sentinel.mail_outbox (tenant_id, id, to_encrypted, template, data_encrypted, status, next_attempt_at) "
    "VALUES ($1, $2, $3, $4, $5, 'pending', now())"};

std::optional<core::UserId> user_of(const platform::Actor& actor) {
    if (actor.kind == platform::ActorKind::system) return std::nullopt;
    return actor.user;
}

// As access::Revocation::read reads it.
std::optional<json::Value> value_of(const access::Revocation& revocation) {
    if (revocation.kind == access::RevocationKind::user_epoch) return json::Value(revocation.epoch);
    if (revocation.kind != access::RevocationKind::account) return std::nullopt;
    json::Array networks;
    for (const core::IpNetwork& network : revocation.networks) networks.emplace_back(network.text());
    return json::Value(std::move(networks));
}

}  // namespace

postgres::StatementList outbox_statements() noexcept {
    static constexpr const postgres::Statement* statements[] = {&insert_revocation, &insert_job, &insert_mail};
    return statements;
}

void WriteTransaction::audit_in(core::TenantId tenant, AuditEvent event) { audit_[tenant].push_back(std::move(event)); }

void WriteTransaction::audit_across(core::TenantId tenant, const AuditEvent& event) {
    for (const core::TenantId chain : chains_of(context_->actor, tenant)) audit_in(chain, event);
}

boost::asio::awaitable<void> WriteTransaction::revoke(access::Revocation revocation) {
    revocation.tenant = tenant();
    const postgres::Result inserted = co_await execute(insert_revocation, revocation.tenant, access::text_of(revocation.kind),
                                                       revocation.reference, value_of(revocation), revocation.expires_at);
    revocation.sequence = inserted.one().get<std::int64_t>(0);
    revocations_.push_back(std::move(revocation));
}

boost::asio::awaitable<void> WriteTransaction::enqueue(const NewJob& job) {
    const std::optional<std::string> unique_key = job.unique_key.empty() ? std::nullopt : std::optional(job.unique_key);
    co_await execute(insert_job, new_id(), tenant(), job.kind, unique_key, job.payload, job.run_at, job.max_attempts,
                     user_of(context_->actor));
}

boost::asio::awaitable<void> WriteTransaction::send_mail(const NewMail& mail) {
    const KeyRingPointer ring = co_await keys();
    const core::Uuid id = new_id();
    const std::string to = ring->seal({"mail_outbox", "to_encrypted", id}, mail.to);
    const std::string data = ring->seal({"mail_outbox", "data_encrypted", id}, json::to_text(mail.data));
    co_await execute(insert_mail, tenant(), id, postgres::as_bytes(to), mail.template_name, postgres::as_bytes(data));
    co_await enqueue({.kind = "mail.send", .payload = {{"mail_id", id.text()}}, .run_at = std::nullopt, .unique_key = id.text()});
}

boost::asio::awaitable<void> WriteTransaction::append_audit() {
    // Heads are locked in order of tenant; within a tenant records keep the order in which they were said.
    for (const auto& [tenant, events] : audit_) {
        if (transaction_->tenant() != tenant) co_await transaction_->switch_tenant(tenant);
        for (const AuditEvent& event : events) {
            const AuditRecord record = record_of(*context_, event, tenant, new_id());
            co_await append_record(*transaction_, tools_->keys->server(), record);
        }
    }
}

}  // namespace sentinel::writes
