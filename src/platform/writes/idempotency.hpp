#pragma once
/// Idempotency keys (spec 00 section 6, design.md 4): tried first in the transaction, the answer kept in it.

#include <boost/asio/awaitable.hpp>

#include "platform/service/answer.hpp"
#include "platform/writes/write_transaction.hpp"

namespace sentinel::writes {

/// Takes the key for this transaction. Throws platform::Replay with the stored answer when the same request was answered before,
/// IDEMPOTENCY_KEY_REUSED when another one was, IDEMPOTENCY_IN_PROGRESS while the first one runs.
boost::asio::awaitable<void> claim_idempotency_key(WriteTransaction& transaction, const platform::IdempotentRequest& request);

/// Keeps the answer for 24 hours; its body is encrypted under the tenant's key.
boost::asio::awaitable<void> keep_answer(WriteTransaction& transaction, const platform::IdempotentRequest& request,
                                         const platform::StoredAnswer& answer);

}  // namespace sentinel::writes
