#pragma once
/// People (spec 03): their profiles, roles, locks and passwords.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/vocabulary.hpp"
#include "modules/users/schemas.hpp"
#include "modules/users/subjects.hpp"
#include "platform/service/actor.hpp"
#include "platform/service/secret.hpp"

namespace sentinel::users {

/// One for each worker.
class UserService {
public:
    UserService(UserParts parts, UserOptions options) : subjects_(parts, options) {}

    boost::asio::awaitable<CreatedUser> create(platform::RequestContext& context, const CreateUser& body);
    boost::asio::awaitable<http::Page<User>> list(const platform::RequestContext& context, const ListUsers& query);
    boost::asio::awaitable<UserDetail> get(const platform::RequestContext& context, core::UserId user);
    boost::asio::awaitable<UserDetail> get_self(const platform::RequestContext& context);
    boost::asio::awaitable<UserDetail> update(platform::RequestContext& context, core::UserId user, const UpdateUser& body);
    boost::asio::awaitable<UserDetail> update_self(platform::RequestContext& context, const UpdateOwnProfile& body);
    boost::asio::awaitable<void> remove(platform::RequestContext& context, core::UserId user);
    boost::asio::awaitable<void> lock(platform::RequestContext& context, core::UserId user, const LockUser& body,
                                      const LockQuery& query);
    boost::asio::awaitable<void> unlock(platform::RequestContext& context, core::UserId user);
    boost::asio::awaitable<void> change_password(platform::RequestContext& context, core::UserId user,
                                                 const ChangePassword& body);

    boost::asio::awaitable<RoleAssignments> roles(const platform::RequestContext& context, core::UserId user,
                                                  const ListRoles& query);
    boost::asio::awaitable<RoleAssignments> assign(platform::RequestContext& context, core::UserId user, const AssignRoles& body);
    boost::asio::awaitable<RoleAssignment> update_assignment(platform::RequestContext& context, const AssignmentPath& path,
                                                             const UpdateAssignment& body);
    boost::asio::awaitable<void> unassign(platform::RequestContext& context, const AssignmentPath& path);

    /// A person of the platform tenant with the role super_admin, where nobody holds it; true when it was made. For the start of
    /// the program, as `system`. `password` is asked only then. An address that is taken gets the role, and keeps its password.
    boost::asio::awaitable<bool> ensure_first_administrator(platform::RequestContext& context, std::string email,
                                                            std::function<platform::Secret()> password);
    /// Whether that person of the platform tenant is there, with another password than that of the first day.
    boost::asio::awaitable<bool> has_changed_password(std::string email);
    /// Sets the password of a person of the context's tenant, named by address or id; ends all sessions and lifts the lock.
    boost::asio::awaitable<void> reset_password(platform::RequestContext& context, std::string email_or_id,
                                                platform::Secret password);

private:
    Subjects subjects_;
};

}  // namespace sentinel::users
