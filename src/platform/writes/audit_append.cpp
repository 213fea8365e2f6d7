#include "platform/writes/audit_append.hpp"

#include <utility>

#include "platform/writes/statements.hpp"

namespace sentinel::writes {

namespace json = core::json;
using postgres::as_bytes;

namespace {

constexpr postgres::Statement append_audit{
    "writes.append_audit",
    "SELECT seq FROM sentinel.append_audit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"};
constexpr postgres::Statement insert_event{
    "writes.insert_event", "INSERT INTO sentinel.event_outbox (tenant_id, id, event, payload) VALUES ($1, $2, $3, $4)"};
constexpr postgres::Statement select_written{"writes.select_written_records",
                                             "SELECT id FROM sentinel.audit_logs WHERE tenant_id = $1 AND id = ANY ($2::uuid[])"};

// What a receiver needs to know whether it cares; the rest it reads from the record.
json::Object payload_of(const AuditRecord& record) {
    json::Object payload{{"audit_id", record.id.text()}, {"result", record.result}};
    if (record.actor) payload.set("actor_id", record.actor->text());
    if (record.resource_type) payload.set("resource_type", *record.resource_type);
    if (record.resource_id) payload.set("resource_id", *record.resource_id);
    return payload;
}

}  // namespace

postgres::StatementList audit_statements() noexcept {
    static constexpr const postgres::Statement* statements[] = {&append_audit, &insert_event, &select_written};
    return statements;
}

boost::asio::awaitable<void> append_record(postgres::Transaction& transaction, const crypto::ServerKeys& keys,
                                           const AuditRecord& record) {
    const crypto::Digest digest = crypto::sha256(digest_input(record));
    const crypto::Digest mac = keys.current(crypto::ServerKeyPurpose::audit).mac(digest.view());
    auto event = transaction.send(insert_event, record.tenant, record.id, record.action, payload_of(record));
    auto appended = transaction.send(
        append_audit, record.id, record.actor, record.actor_type, record.actor_details, record.action, record.resource_type,
        record.resource_id, record.resource_details, record.changes, record.result, record.error_details, record.security_context,
        record.risk_score, record.request_id, record.metadata, as_bytes(digest.view()), as_bytes(mac.view()));
    co_await transaction.receive(std::move(event));
    co_await transaction.receive(std::move(appended));
}

boost::asio::awaitable<std::set<core::Uuid>> written_records(postgres::Transaction& transaction,
                                                             const std::vector<core::Uuid>& records) {
    const postgres::Result found = co_await transaction.execute(select_written, transaction.tenant(), records);
    std::set<core::Uuid> written;
    for (const postgres::Row row : found) written.insert(row.get<core::Uuid>(0));
    co_return written;
}

}  // namespace sentinel::writes
