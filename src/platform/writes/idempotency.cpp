#include "platform/writes/idempotency.hpp"

#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/json.hpp"
#include "platform/service/error.hpp"
#include "platform/writes/statements.hpp"

namespace sentinel::writes {

namespace json = core::json;
using postgres::as_bytes;

namespace {

// Only tried, never waited for: no connection is parked behind another's request.
constexpr postgres::Statement try_key{"writes.try_idempotency_key", "SELECT pg_try_advisory_xact_lock($1::bigint)"};
constexpr postgres::Statement find_answer{
    "writes.find_answer",
    "SELECT id, request_hash, status, headers, body_encrypted FROM sentinel.idempotency_keys "
    "WHERE tenant_id = $1 AND principal_id = $2 AND route = $3 AND key_hash = $4 AND expires_at > now()"};
constexpr postgres::Statement keep_answer_statement{
    "writes.keep_answer",
    "INSERT INTO sentinel.idempotency_keys "
    "(tenant_id, id, principal_id, route, key_hash, request_hash, status, headers, body_encrypted, expires_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + interval '24 hours') "
    "ON CONFLICT (tenant_id, principal_id, route, key_hash) DO UPDATE SET id = excluded.id, request_hash = "
    "excluded.request_hash, "
    "status = excluded.status, headers = excluded.headers, body_encrypted = excluded.body_encrypted, expires_at = "
    "excluded.expires_at"};

crypto::FieldPlace body_place(const core::Uuid& row) { return {"idempotency_keys", "body_encrypted", row}; }

crypto::Digest key_hash_of(const crypto::KeyRing& ring, const platform::IdempotentRequest& request) {
    return ring.hash("idempotency_keys.key_hash", request.key);
}

// A collision of two keys' locks only makes one of them wait its turn with a 409.
std::int64_t lock_of(core::TenantId tenant, core::UserId principal, const platform::IdempotentRequest& request) {
    crypto::Fields fields;
    fields.add(tenant.text()).add(principal.text()).add(request.route).add(request.key);
    const crypto::Digest digest = crypto::sha256(fields.bytes());
    std::int64_t lock = 0;
    std::memcpy(&lock, digest.bytes.data(), sizeof lock);
    return lock;
}

json::Object headers_of(const platform::StoredAnswer& answer) {
    json::Object headers;
    if (!answer.location.empty()) headers.set("location", answer.location);
    if (!answer.etag.empty()) headers.set("etag", answer.etag);
    if (answer.policy_revision) headers.set("policy_revision", *answer.policy_revision);
    if (!answer.policy_incarnation.empty()) headers.set("policy_incarnation", answer.policy_incarnation);
    return headers;
}

std::string text_member(const json::Object& headers, std::string_view name) {
    const json::Value* value = headers.find(name);
    const std::string* text = value == nullptr ? nullptr : value->text();
    return text == nullptr ? std::string() : *text;
}

platform::StoredAnswer answer_of(const postgres::Row& row, const crypto::KeyRing& ring) {
    platform::StoredAnswer answer;
    answer.status = row.get<std::int32_t>(2);
    const auto headers = row.get<json::Object>(3);
    answer.location = text_member(headers, "location");
    answer.etag = text_member(headers, "etag");
    answer.policy_incarnation = text_member(headers, "policy_incarnation");
    if (const json::Value* revision = headers.find("policy_revision"); revision != nullptr && revision->number() != nullptr) {
        answer.policy_revision = static_cast<std::uint64_t>(*revision->number());
    }
    if (const auto sealed = row.get<std::optional<std::string>>(4)) {
        auto body = ring.open(body_place(row.get<core::Uuid>(0)), *sealed);
        if (!body) throw std::runtime_error("a stored answer does not open");
        answer.body = std::move(*body);
    }
    return answer;
}

}  // namespace

postgres::StatementList idempotency_statements() noexcept {
    static constexpr const postgres::Statement* statements[] = {&try_key, &find_answer, &keep_answer_statement};
    return statements;
}

boost::asio::awaitable<void> claim_idempotency_key(WriteTransaction& transaction, const platform::IdempotentRequest& request) {
    const core::TenantId tenant = transaction.tenant();
    const core::UserId principal = transaction.context().actor.user;
    const KeyRingPointer ring = co_await transaction.keys();
    const crypto::Digest key_hash = key_hash_of(*ring, request);
    const postgres::Result tried = co_await transaction.execute(try_key, lock_of(tenant, principal, request));
    if (!tried.one().get<bool>(0)) {
        throw platform::ServiceError(platform::ErrorCode::idempotency_in_progress, "The first request with this key still runs.")
            .with_retry_after(std::chrono::seconds(1));
    }
    const postgres::Result found =
        co_await transaction.execute(find_answer, tenant, principal, request.route, as_bytes(key_hash.view()));
    const auto row = found.maybe_one();
    if (!row) co_return;
    if (!crypto::same(row->get<std::string>(1), request.request_hash)) {
        throw platform::ServiceError(platform::ErrorCode::idempotency_key_reused,
                                     "This Idempotency-Key was used with another request.");
    }
    throw platform::Replay(answer_of(*row, *ring));
}

boost::asio::awaitable<void> keep_answer(WriteTransaction& transaction, const platform::IdempotentRequest& request,
                                         const platform::StoredAnswer& answer) {
    const KeyRingPointer ring = co_await transaction.keys();
    const core::Uuid row = transaction.new_id();
    std::optional<postgres::Bytes> body;
    if (!answer.body.empty()) body = postgres::to_bytes(ring->seal(body_place(row), answer.body));
    const crypto::Digest key_hash = key_hash_of(*ring, request);
    co_await transaction.execute(keep_answer_statement, transaction.tenant(), row, transaction.context().actor.user,
                                 request.route, as_bytes(key_hash.view()), as_bytes(request.request_hash), answer.status,
                                 headers_of(answer), body);
}

}  // namespace sentinel::writes
