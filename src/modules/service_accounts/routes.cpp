#include "modules/service_accounts/routes.hpp"

#include "platform/http/endpoint.hpp"

namespace sentinel::service_accounts {

using http::delete_;
using http::get;
using http::patch;
using http::post;
using platform::ErrorCode;
using platform::Scope;

namespace {

constexpr const char* tag = "Service accounts";

void add_account_routes(http::Routes& routes, ServiceAccountService& service) {
    routes.add(post("/service-accounts")
                   .scope(Scope::service_account_admin)
                   .tag(tag)
                   .summary("Create a service account with its first key")
                   .errors({ErrorCode::conflict, ErrorCode::quota_exceeded, ErrorCode::escalation})
                   .no_store()
                   .body<CreateAccount>()
                   .creates<CreatedAccount>("/service-accounts/{id}")
                   .handler([&service](auto& call) { return service.create(call.context, call.body); }));
    routes.add(get("/service-accounts")
                   .scope(Scope::service_account_read)
                   .tag(tag)
                   .summary("List service accounts")
                   .query<ListAccounts>()
                   .answers_page<Account>("service_accounts")
                   .handler([&service](auto& call) { return service.list(call.context, call.query); }));
    routes.add(get("/service-accounts/{account_id}")
                   .scope(Scope::service_account_read)
                   .tag(tag)
                   .summary("A service account with roles and state")
                   .path_id<core::UserId>()
                   .answers<AccountDetail>()
                   .handler([&service](auto& call) { return service.get(call.context, call.path); }));
    routes.add(patch("/service-accounts/{account_id}")
                   .scope(Scope::service_account_write)
                   .tag(tag)
                   .summary("Change a service account")
                   .errors({ErrorCode::conflict, ErrorCode::escalation})
                   .path_id<core::UserId>()
                   .body<UpdateAccount>()
                   .answers<Account>()
                   .handler([&service](auto& call) { return service.update(call.context, call.path, call.body); }));
    routes.add(delete_("/service-accounts/{account_id}")
                   .scope(Scope::service_account_admin)
                   .if_match()
                   .tag(tag)
                   .summary("Delete a service account")
                   .description("Its keys and tokens end at once.")
                   .errors({ErrorCode::escalation})
                   .path_id<core::UserId>()
                   .handler([&service](auto& call) { return service.remove(call.context, call.path); }));
}

/// Accounts are users, and clients know them by either path (spec 03).
void add_rotation_route(http::Routes& routes, ServiceAccountService& service, std::string_view path) {
    routes.add(
        post(path)
            .scope(Scope::service_account_admin)
            .tag(tag)
            .summary("Give a service account a new key")
            .description("Without an overlap the old key and the tokens made with it are refused from the next request on.")
            .errors({ErrorCode::conflict, ErrorCode::escalation})
            .no_store()
            .path_id<core::UserId>()
            .optional_body<RotateCredentials>()
            .answers<RotatedCredentials>()
            .handler([&service](auto& call) { return service.rotate(call.context, call.path, call.body); }));
}

}  // namespace

void add_service_account_routes(http::Routes& routes, ServiceAccountService& service) {
    add_account_routes(routes, service);
    add_rotation_route(routes, service, "/service-accounts/{account_id}/rotate-credentials");
    add_rotation_route(routes, service, "/users/{user_id}/rotate-credentials");
    routes.add(delete_("/service-accounts/{account_id}/keys/{key_id}")
                   .scope(Scope::service_account_admin)
                   .tag(tag)
                   .summary("Revoke a key")
                   .errors({ErrorCode::escalation})
                   .path<KeyPath>()
                   .handler([&service](auto& call) { return service.revoke_key(call.context, call.path); }));
}

}  // namespace sentinel::service_accounts
