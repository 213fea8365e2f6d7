#pragma once
/// The locks and the revision of a policy write (design.md 4, spec 15 section 2 rule 6).

#include <cstdint>
#include <optional>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/vocabulary.hpp"
#include "platform/access/access_state.hpp"
#include "platform/postgres/transaction.hpp"

namespace sentinel::writes {

/// Which rows of tenant_state a policy write locks, before anything else.
struct PolicyLocks {
    /// Whose policy changes; absent = the tenant acted in.
    std::optional<core::TenantId> target;
    /// Its descendants' policy changes with it.
    bool with_descendants = false;
    /// Ancestors of a new or activated tenant, root down: nobody may suspend them meanwhile.
    std::vector<core::TenantId> shared;
    /// The target is made by this very transaction: there is nothing to lock yet, and its revision is 1.
    bool creates_target = false;
};

using access::TenantRevision;

/// Takes the locks in their order and returns each exclusively locked tenant with the revision that it has now: first the target,
/// then its descendants in order of id. Throws platform::not_found("tenant") for a tenant without state.
boost::asio::awaitable<std::vector<TenantRevision>> lock_policy(postgres::Transaction& transaction, const PolicyLocks& locks);

/// Names the next revisions in the setting `sentinel.revision`, which the triggers of policy tables read.
boost::asio::awaitable<void> announce_revisions(postgres::Transaction& transaction, const std::vector<TenantRevision>& next);

/// Raises the revision of those tenants that the transaction wrote changes of; returns these.
boost::asio::awaitable<std::vector<TenantRevision>> raise_revisions(postgres::Transaction& transaction,
                                                                    const std::vector<TenantRevision>& next);

}  // namespace sentinel::writes
