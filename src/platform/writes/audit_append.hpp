#pragma once
/// Appends records to the chain of their tenant.

#include <set>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "platform/crypto/server_keys.hpp"
#include "platform/postgres/transaction.hpp"
#include "platform/writes/audit_record.hpp"

namespace sentinel::writes {

/// Sends the record with its digest and mac to `append_audit`, which locks the head of the chain of the transaction's tenant, and
/// notes the event for delivery. REQUIRES: record.tenant is the transaction's tenant.
boost::asio::awaitable<void> append_record(postgres::Transaction& transaction, const crypto::ServerKeys& keys,
                                           const AuditRecord& record);

/// Those of these records that the chain of the transaction's tenant holds.
boost::asio::awaitable<std::set<core::Uuid>> written_records(postgres::Transaction& transaction,
                                                             const std::vector<core::Uuid>& records);

}  // namespace sentinel::writes
