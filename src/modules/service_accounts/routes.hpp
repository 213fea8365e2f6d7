#pragma once
/// The endpoints of service accounts.

#include "modules/service_accounts/service_accounts.hpp"
#include "platform/http/route.hpp"

namespace sentinel::service_accounts {

/// The service must outlive the table.
void add_service_account_routes(http::Routes& routes, ServiceAccountService& service);

}  // namespace sentinel::service_accounts
