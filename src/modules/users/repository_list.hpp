#pragma once
/// Lists of subjects (spec 03 rule 24): by index at any number of rows; by what no index serves, or what a search found, in memory.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/time.hpp"
#include "core/vocabulary.hpp"
#include "modules/users/subject.hpp"
#include "platform/http/pagination.hpp"
#include "platform/postgres/statement.hpp"
#include "platform/postgres/transaction.hpp"

namespace sentinel::users {

/// Absent = not asked for.
struct SubjectFilter {
    std::optional<bool> is_service_account;
    std::optional<bool> is_active;
    std::optional<bool> mfa_enabled;
    std::optional<std::vector<std::string>> status;
    std::optional<std::vector<core::RoleId>> roles;         ///< one of them directly
    std::optional<std::vector<core::GroupId>> role_groups;  ///< or in one of these; REQUIRES roles
    std::optional<std::vector<core::GroupId>> groups;       ///< in one of these
    std::optional<core::Instant> from_last_login;
    std::optional<core::Instant> to_last_login;
    std::optional<core::Instant> from_created_at;
    std::optional<core::Instant> to_created_at;
    std::optional<core::UserId> owner;
    std::optional<core::Instant> expiring_before;  ///< a live key ends before
    bool with_deleted = false;
    std::optional<std::vector<core::UserId>> among;  ///< what a search found

    /// Nothing is asked for but a kind: the tenant's counters have the total.
    bool counts_all() const noexcept {
        return !is_active && !mfa_enabled && !status && !roles && !groups && !from_last_login && !to_last_login &&
               !from_created_at && !to_created_at && !owner && !expiring_before && !with_deleted && !among;
    }
};

/// Above it a list is not sorted in memory.
inline constexpr std::int64_t most_sorted_rows = 50'000;

namespace repository {

/// Throws 400 on `/sort` where the order needs more than is sorted in memory.
boost::asio::awaitable<http::Page<Subject>> list(postgres::Transaction& transaction, const crypto::KeyRing& keys,
                                                 const SubjectFilter& filter, const http::PageRequest& page);

}  // namespace repository

postgres::StatementList list_statements() noexcept;

}  // namespace sentinel::users
