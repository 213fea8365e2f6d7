#pragma once
/// Reads access states from the database.

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "platform/access/access_state.hpp"
#include "platform/postgres/transaction.hpp"

namespace sentinel::access {

/// What was read of a resident tenant.
struct Refreshed {
    AccessStatePointer state;  ///< null = the tenant is gone
    bool went_back = false;    ///< its revision is lower than the one known: the database is another or an older one
};

/// The whole tenant; null when there is none. REQUIRES: the transaction's statements see one snapshot, or the transaction holds the tenant's
/// row of tenant_state. Leaves the transaction's tenant as it was.
boost::asio::awaitable<AccessStatePointer> load_state(postgres::Transaction& transaction, core::TenantId tenant);

/// What changed since `base`: its row and chain, and the rows that policy_changes names. REQUIRES: as load_state.
boost::asio::awaitable<Refreshed> refresh_state(postgres::Transaction& transaction, AccessStatePointer base);

}  // namespace sentinel::access
