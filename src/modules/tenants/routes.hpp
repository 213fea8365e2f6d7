#pragma once
/// The endpoints of tenants.

#include "modules/tenants/tenants.hpp"
#include "platform/http/route.hpp"

namespace sentinel::tenants {

/// The service must outlive the table.
void add_tenant_routes(http::Routes& routes, TenantService& service);

}  // namespace sentinel::tenants
