#pragma once
/// The endpoints of authentication.

#include "modules/auth/auth.hpp"
#include "platform/http/route.hpp"

namespace sentinel::auth {

/// REQUIRES: the service lives as long as the table.
void add_auth_routes(http::Routes& routes, AuthService& service);

}  // namespace sentinel::auth
