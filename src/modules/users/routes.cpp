#include "modules/users/routes.hpp"

#include "platform/http/endpoint.hpp"

namespace sentinel::users {

using http::delete_;
using http::get;
using http::patch;
using http::post;
using platform::ErrorCode;
using platform::Scope;

namespace {

constexpr const char* tag = "Users";

void add_people_routes(http::Routes& routes, UserService& service) {
    routes.add(post("/users")
                   .scope(Scope::user_admin)
                   .tag(tag)
                   .summary("Create a person or a service account")
                   .description("A service account also needs service_account:admin. One role that is refused refuses the whole.")
                   .errors({ErrorCode::conflict, ErrorCode::quota_exceeded, ErrorCode::escalation})
                   .no_store()
                   .body<CreateUser>()
                   .creates<CreatedUser>("/users/{id}")
                   .handler([&service](auto& call) { return service.create(call.context, call.body); }));
    routes.add(get("/users")
                   .scope(Scope::user_read)
                   .tag(tag)
                   .summary("List people and service accounts")
                   .query<ListUsers>()
                   .answers_page<User>("users")
                   .handler([&service](auto& call) { return service.list(call.context, call.query); }));
    routes.add(
        get("/users/me").any_token().tag(tag).summary("One's own profile").answers<UserDetail>().handler([&service](auto& call) {
            return service.get_self(call.context);
        }));
    routes.add(patch("/users/me")
                   .any_token()
                   .tag(tag)
                   .summary("Change one's own profile")
                   .errors({ErrorCode::conflict})
                   .body<UpdateOwnProfile>()
                   .answers<UserDetail>()
                   .handler([&service](auto& call) { return service.update_self(call.context, call.body); }));
    routes.add(get("/users/{user_id}")
                   .self_or_scope("user_id", Scope::user_read)
                   .tag(tag)
                   .summary("A person or service account with roles and state")
                   .path_id<core::UserId>()
                   .answers<UserDetail>()
                   .handler([&service](auto& call) { return service.get(call.context, call.path); }));
    routes.add(patch("/users/{user_id}")
                   .scope(Scope::user_write)
                   .tag(tag)
                   .summary("Change a person or service account")
                   .description("A service account also needs service_account:write.")
                   .errors({ErrorCode::conflict, ErrorCode::escalation})
                   .path_id<core::UserId>()
                   .body<UpdateUser>()
                   .answers<UserDetail>()
                   .handler([&service](auto& call) { return service.update(call.context, call.path, call.body); }));
    routes.add(
        delete_("/users/{user_id}")
            .scope(Scope::user_admin)
            .if_match()
            .tag(tag)
            .summary("Delete a person or service account")
            .description("The row is kept for 90 days without any effect. A service account also needs service_account:admin.")
            .errors({ErrorCode::conflict, ErrorCode::escalation})
            .path_id<core::UserId>()
            .handler([&service](auto& call) { return service.remove(call.context, call.path); }));
}

void add_access_routes(http::Routes& routes, UserService& service) {
    routes.add(post("/users/{user_id}/change-password")
                   .self_or_scope("user_id", Scope::user_write)
                   .serves_restricted_sessions()
                   .tag(tag)
                   .summary("Change one's own password")
                   .description("For oneself only, whatever the scope. All sessions end, the present one too.")
                   .errors({ErrorCode::auth_failed})
                   .path_id<core::UserId>()
                   .body<ChangePassword>()
                   .handler([&service](auto& call) { return service.change_password(call.context, call.path, call.body); }));
    routes.add(post("/users/{user_id}/lock")
                   .scope(Scope::user_admin)
                   .tag(tag)
                   .summary("Lock somebody out")
                   .description("All sessions and tokens end at once.")
                   .errors({ErrorCode::conflict, ErrorCode::escalation})
                   .path_id<core::UserId>()
                   .query<LockQuery>()
                   .optional_body<LockUser>()
                   .handler([&service](auto& call) { return service.lock(call.context, call.path, call.body, call.query); }));
    routes.add(post("/users/{user_id}/unlock")
                   .scope(Scope::user_admin)
                   .tag(tag)
                   .summary("Lift a lock")
                   .description("Also where there is none. The count of failed logins begins anew.")
                   .errors({ErrorCode::escalation})
                   .path_id<core::UserId>()
                   .handler([&service](auto& call) { return service.unlock(call.context, call.path); }));
}

void add_role_routes(http::Routes& routes, UserService& service) {
    routes.add(get("/users/{user_id}/roles")
                   .self_or_scope("user_id", Scope::user_read)
                   .tag(tag)
                   .summary("The roles of somebody")
                   .path_id<core::UserId>()
                   .query<ListRoles>()
                   .answers<RoleAssignments>()
                   .handler([&service](auto& call) { return service.roles(call.context, call.path, call.query); }));
    routes.add(post("/users/{user_id}/roles")
                   .scope(Scope::user_admin)
                   .tag(tag)
                   .summary("Assign roles")
                   .description("All of them or none. An assignment that is inactive or expired is renewed.")
                   .errors({ErrorCode::conflict, ErrorCode::escalation, ErrorCode::quota_exceeded})
                   .path_id<core::UserId>()
                   .body<AssignRoles>()
                   .answers<RoleAssignments>(201)
                   .handler([&service](auto& call) { return service.assign(call.context, call.path, call.body); }));
    routes.add(patch("/users/{user_id}/roles/{role_id}")
                   .scope(Scope::user_admin)
                   .tag(tag)
                   .summary("Change an assignment")
                   .errors({ErrorCode::conflict, ErrorCode::escalation})
                   .path<AssignmentPath>()
                   .body<UpdateAssignment>()
                   .answers<RoleAssignment>()
                   .handler([&service](auto& call) { return service.update_assignment(call.context, call.path, call.body); }));
    routes.add(delete_("/users/{user_id}/roles/{role_id}")
                   .scope(Scope::user_admin)
                   .tag(tag)
                   .summary("Take an assigned role away")
                   .errors({ErrorCode::conflict, ErrorCode::escalation})
                   .path<AssignmentPath>()
                   .handler([&service](auto& call) { return service.unassign(call.context, call.path); }));
}

}  // namespace

void add_user_routes(http::Routes& routes, UserService& service) {
    add_people_routes(routes, service);
    add_access_routes(routes, service);
    add_role_routes(routes, service);
}

}  // namespace sentinel::users
