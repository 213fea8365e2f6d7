#pragma once
/// What requests about people hold and what answers show (spec 03).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ip.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "core/vocabulary.hpp"
#include "platform/http/change.hpp"
#include "platform/http/pagination.hpp"
#include "platform/http/schema.hpp"
#include "platform/service/secret.hpp"

namespace sentinel::users {

/// In the order in which the first that holds is told.
enum class UserStatus : std::uint8_t { deleted, inactive, locked, invited, active };
http::EnumSchema describe(http::Of<UserStatus>);
std::string_view text_of(UserStatus status) noexcept;

enum class LockKind : std::uint8_t { automatic, administrator };
http::EnumSchema describe(http::Of<LockKind>);

/// How somebody has a role.
enum class HeldAs : std::uint8_t { direct, group, inherited, everyone };
http::EnumSchema describe(http::Of<HeldAs>);

/// One subject as lists show it.
struct User {
    core::UserId id;
    core::TenantId tenant_id;
    std::string email;
    std::optional<std::string> username;
    bool is_service_account = false;
    UserStatus status = UserStatus::active;
    bool is_active = true;
    core::json::Object attributes;
    core::json::Object preferences;
    bool mfa_enabled = false;
    std::optional<core::Instant> last_login;
    std::int64_t login_count = 0;
    std::optional<std::string> avatar_url;
    std::int64_t version = 1;
    core::Instant created_at;
    core::Instant updated_at;
};
http::ObjectSchema describe(http::Of<User>);

/// A role that somebody holds.
struct RoleSummary {
    core::RoleId id;
    std::string name;
    std::optional<std::string> display_name;
    std::string type;
    std::int64_t priority = 0;
    HeldAs held_as = HeldAs::direct;
    std::optional<core::Instant> expires_at;
};
http::ObjectSchema describe(http::Of<RoleSummary>);

struct GroupSummary {
    core::GroupId id;
    std::string name;
    std::optional<std::string> display_name;
};
http::ObjectSchema describe(http::Of<GroupSummary>);

struct UserDetail {
    User user;
    std::vector<RoleSummary> roles;
    std::vector<GroupSummary> groups;
    std::optional<std::int64_t> failed_login_count;  ///< null to those who may not see it, and so the next two
    std::optional<core::Instant> locked_until;
    std::optional<LockKind> lock_kind;
    bool must_change_password = false;
    std::optional<core::Instant> invitation_expires_at;
    std::optional<std::string> external_id;
};
http::ObjectSchema describe(http::Of<UserDetail>);

/// Somebody who was just made. The key is a service account's and shown this once.
struct CreatedUser {
    UserDetail detail;
    std::optional<platform::Secret> service_account_key;
    std::optional<core::Instant> key_expires_at;
};
http::ObjectSchema describe(http::Of<CreatedUser>);

struct CreateUser {
    std::string email;
    std::optional<std::string> username;
    std::optional<platform::Secret> password;
    core::json::Object attributes;
    core::json::Object preferences;
    bool is_active = true;
    std::vector<std::string> roles;  ///< ids or names
    bool must_change_password = false;
    bool is_service_account = false;
    std::optional<platform::Secret> service_account_key;  ///< only null: keys are made here
};
http::ObjectSchema describe(http::Of<CreateUser>);

struct UpdateUser {
    http::Change<std::string> email;
    http::Change<std::optional<std::string>> username;
    http::Change<core::json::Object> attributes;
    http::Change<core::json::Object> preferences;
    http::Change<bool> is_active;
    http::Change<bool> must_change_password;
};
http::ObjectSchema describe(http::Of<UpdateUser>);

/// What everybody may change of the own profile.
struct UpdateOwnProfile {
    http::Change<std::optional<std::string>> username;
    http::Change<core::json::Object> preferences;
};
http::ObjectSchema describe(http::Of<UpdateOwnProfile>);

struct ListUsers {
    http::PageRequest page;
    std::optional<core::TenantId> tenant_id;
    std::optional<bool> is_service_account;
    std::vector<std::string> role;
    std::vector<std::string> group;
    std::optional<bool> is_active;
    std::vector<UserStatus> status;
    std::optional<bool> mfa_enabled;
    std::optional<core::Instant> from_last_login;
    std::optional<core::Instant> to_last_login;
    std::optional<core::Instant> from_created_at;
    std::optional<core::Instant> to_created_at;
    std::optional<std::string> search;
    bool include_deleted = false;
};
http::ObjectSchema describe(http::Of<ListUsers>);

struct ChangePassword {
    platform::Secret current_password;
    platform::Secret new_password;
};
http::ObjectSchema describe(http::Of<ChangePassword>);

struct LockUser {
    std::optional<std::int64_t> duration_minutes;
    bool indefinite = false;
    std::optional<std::string> reason;
};
http::ObjectSchema describe(http::Of<LockUser>);

struct LockQuery {
    std::optional<std::int64_t> duration_minutes;
};
http::ObjectSchema describe(http::Of<LockQuery>);

/// A role as it is assigned.
struct RoleAssignment {
    core::RoleId id;
    std::string name;
    std::optional<std::string> display_name;
    std::int64_t priority = 0;
    HeldAs held_as = HeldAs::direct;
    std::optional<core::UserId> granted_by;
    std::optional<core::Instant> granted_at;
    std::optional<core::Instant> expires_at;
    bool is_active = true;
    std::optional<std::string> reason;
    std::optional<core::Uuid> grant_id;
};
http::ObjectSchema describe(http::Of<RoleAssignment>);

struct RoleAssignments {
    std::vector<RoleAssignment> roles;
};
http::ObjectSchema describe(http::Of<RoleAssignments>);

struct ListRoles {
    bool effective = false;
};
http::ObjectSchema describe(http::Of<ListRoles>);

struct AssignRoles {
    std::optional<core::RoleId> role_id;
    std::optional<std::vector<std::string>> roles;  ///< ids or names
    std::optional<core::Instant> expires_at;
    std::optional<std::string> reason;
};
http::ObjectSchema describe(http::Of<AssignRoles>);

struct UpdateAssignment {
    http::Change<std::optional<core::Instant>> expires_at;
    http::Change<bool> is_active;
    http::Change<std::optional<std::string>> reason;
};
http::ObjectSchema describe(http::Of<UpdateAssignment>);

struct AssignmentPath {
    core::UserId user_id;
    core::RoleId role_id;
};
http::ObjectSchema describe(http::Of<AssignmentPath>);

}  // namespace sentinel::users
