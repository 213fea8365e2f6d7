#pragma once
/// The SQL of roles that somebody has. Every function works as the transaction's tenant.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/vocabulary.hpp"
#include "modules/users/schemas.hpp"
#include "platform/postgres/statement.hpp"
#include "platform/postgres/transaction.hpp"

namespace sentinel::users {

struct RoleRow {
    core::RoleId id;
    std::string name;
    bool is_assignable = true;
    std::int64_t priority = 0;
};

/// A row of user_roles that no grant brought.
struct AssignmentRow {
    core::Uuid id;
    core::RoleId role;
    bool is_active = true;
    std::optional<core::Instant> expires_at;
    std::optional<std::string> reason;
};

/// What roles carry: their permissions, and whether one of them allows everything without a condition.
struct CarriedPermissions {
    std::vector<core::PermissionId> ids;  ///< sorted
    bool allows_everything = false;
};

struct NewAssignment {
    core::UserId user;
    core::RoleId role;
    std::optional<core::UserId> granted_by;
    core::Instant granted_at;
    std::optional<core::Instant> expires_at;
    std::optional<std::string> reason;
};

namespace repository {

/// Texts in the form of an id are ids, others names.
boost::asio::awaitable<std::vector<RoleRow>> find_roles(postgres::Transaction& transaction,
                                                        const std::vector<std::string>& names);
boost::asio::awaitable<std::vector<core::GroupId>> find_groups(postgres::Transaction& transaction,
                                                               const std::vector<std::string>& names);
/// Highest priority among these; 0 for none.
boost::asio::awaitable<std::int64_t> highest_priority(postgres::Transaction& transaction, const std::vector<core::RoleId>& roles);
boost::asio::awaitable<CarriedPermissions> carried_permissions(postgres::Transaction& transaction,
                                                               const std::vector<core::RoleId>& roles);

/// Every assignment, those without effect too, in order of name.
boost::asio::awaitable<std::vector<RoleAssignment>> assignments(postgres::Transaction& transaction, core::UserId user);
/// What is in force, however it is held; the highest priority first.
struct EffectiveRole {
    RoleAssignment assignment;
    std::string type;
};
boost::asio::awaitable<std::vector<EffectiveRole>> effective_roles(postgres::Transaction& transaction, core::UserId user,
                                                                   bool with_everyone);
boost::asio::awaitable<std::vector<GroupSummary>> groups(postgres::Transaction& transaction, core::UserId user);

boost::asio::awaitable<std::optional<AssignmentRow>> find_assignment(postgres::Transaction& transaction, core::UserId user,
                                                                     core::RoleId role);
boost::asio::awaitable<std::int64_t> count_assignments(postgres::Transaction& transaction, core::UserId user);
boost::asio::awaitable<void> insert_assignment(postgres::Transaction& transaction, core::Uuid id,
                                               const NewAssignment& assignment);
/// As if it were assigned anew.
boost::asio::awaitable<void> renew_assignment(postgres::Transaction& transaction, core::Uuid id, const NewAssignment& assignment);
boost::asio::awaitable<void> update_assignment(postgres::Transaction& transaction, const AssignmentRow& row);
boost::asio::awaitable<void> delete_assignment(postgres::Transaction& transaction, core::Uuid id);
/// A person who is not deleted holds the role directly.
boost::asio::awaitable<bool> is_held_by_a_person(postgres::Transaction& transaction, core::RoleId role);

}  // namespace repository

postgres::StatementList role_statements() noexcept;

}  // namespace sentinel::users
