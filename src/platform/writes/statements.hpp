#pragma once
/// The named statements of this folder, for the test that explains every statement there is.

#include "platform/postgres/statement.hpp"

namespace sentinel::writes {

postgres::StatementList audit_statements() noexcept;
postgres::StatementList idempotency_statements() noexcept;
postgres::StatementList job_statements() noexcept;
postgres::StatementList tenant_key_statements() noexcept;
postgres::StatementList policy_lock_statements() noexcept;
postgres::StatementList outbox_statements() noexcept;

}  // namespace sentinel::writes
