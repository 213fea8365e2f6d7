#pragma once
/// The endpoints of people.

#include "modules/users/users.hpp"
#include "platform/http/route.hpp"

namespace sentinel::users {

/// The service must outlive the table.
void add_user_routes(http::Routes& routes, UserService& service);

}  // namespace sentinel::users
