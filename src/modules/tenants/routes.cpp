#include "modules/tenants/routes.hpp"

#include "platform/http/endpoint.hpp"

namespace sentinel::tenants {

using http::get;
using http::post;
using platform::ErrorCode;
using platform::Scope;

void add_tenant_routes(http::Routes& routes, TenantService& service) {
    routes.add(post("/tenants")
                   .scope(Scope::tenant_admin)
                   .tag("Tenants")
                   .summary("Create a tenant")
                   .description("A root tenant also needs platform:admin.")
                   .errors({ErrorCode::conflict, ErrorCode::quota_exceeded, ErrorCode::cycle, ErrorCode::feature_disabled,
                            ErrorCode::escalation})
                   .body<CreateTenant>()
                   .creates<Tenant>("/tenants/{id}")
                   .handler([&service](auto& call) { return service.create(call.context, call.body); }));
    routes.add(get("/tenants")
                   .scope(Scope::tenant_read)
                   .tag("Tenants")
                   .summary("List the tenants that the caller may see")
                   .query<ListTenants>()
                   .answers_page<Tenant>("tenants")
                   .handler([&service](auto& call) { return service.list(call.context, call.query); }));
    routes.add(get("/tenants/{tenant_id}")
                   .scope(Scope::tenant_read)
                   .serves_inactive_tenants()
                   .tag("Tenants")
                   .summary("A tenant with what is in force there")
                   .path_id<core::TenantId>()
                   .answers<TenantDetail>()
                   .handler([&service](auto& call) { return service.get(call.context, call.path); }));
    routes.add(post("/tenants/{parent_tenant_id}/sub-tenants")
                   .scope(Scope::tenant_admin)
                   .tag("Tenants")
                   .summary("Create a tenant below this one")
                   .errors({ErrorCode::conflict, ErrorCode::quota_exceeded, ErrorCode::cycle, ErrorCode::feature_disabled,
                            ErrorCode::escalation})
                   .path_id<core::TenantId>()
                   .body<CreateSubTenant>()
                   .creates<Tenant>("/tenants/{id}")
                   .handler([&service](auto& call) { return service.create_below(call.context, call.path, call.body); }));
    routes.add(post("/tenants/{tenant_id}/deactivate")
                   .scope(Scope::tenant_admin)
                   .tag("Tenants")
                   .summary("Suspend a tenant")
                   .description("Its sessions and tokens end at once; every decision there is a deny.")
                   .errors({ErrorCode::conflict, ErrorCode::system_object})
                   .path_id<core::TenantId>()
                   .optional_body<SuspendTenant>()
                   .answers<SuspendedTenant>()
                   .handler([&service](auto& call) { return service.suspend(call.context, call.path, call.body); }));
    routes.add(post("/tenants/{tenant_id}/activate")
                   .scope(Scope::tenant_admin)
                   .serves_inactive_tenants()
                   .tag("Tenants")
                   .summary("Let a suspended tenant work again")
                   .errors({ErrorCode::conflict})
                   .path_id<core::TenantId>()
                   .answers<Tenant>()
                   .handler([&service](auto& call) { return service.activate(call.context, call.path); }));
}

}  // namespace sentinel::tenants
