#pragma once
/// The list of tenants: its columns, filters and orders.

#include "modules/tenants/schemas.hpp"
#include "platform/postgres/result.hpp"
#include "platform/postgres/statement.hpp"

namespace sentinel::tenants {

/// The columns of a whole tenant, as tenant_of reads them.
inline constexpr std::string_view tenant_columns =
    "id, name, code, type, parent_tenant_id, ancestors, isolation_mode, settings, features, metadata, security_settings, "
    "is_active, "
    "suspended_at, suspended_by, suspend_reason, deleted_at, purge_after, version, created_at, updated_at";
Tenant tenant_of(const postgres::Row& row);

postgres::StatementList list_statements() noexcept;

}  // namespace sentinel::tenants
