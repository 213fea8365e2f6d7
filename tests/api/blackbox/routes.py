"""How to call each route of /openapi.json. A route without an entry fails test_openapi_walk.py: whoever adds one says here how."""

from dataclasses import dataclass, field
from typing import Callable

from .world import PASSWORD, Tenant, new_code, unique

LEVELS = ("read", "write", "admin")
# Page 00 section 2, the table of system roles.
ROLE_SCOPES = {
    "nobody": "",
    "security_admin": "tenant:read user:admin service_account:admin role:read group:read permission:write resource:read "
                      "field_definition:read navigation:read approval:read cache:write audit:admin webhook:admin ai:admin biometrics:admin",
    "tenant_admin": " ".join(f"{family}:admin" for family in (
        "tenant user service_account role group permission resource field_definition navigation approval cache audit webhook ai "
        "biometrics").split()),
    "application_manager": "user:read role:admin group:read permission:admin resource:admin field_definition:admin navigation:admin "
                           "approval:read ai:read",
    "user_manager": "user:admin service_account:write role:admin group:admin permission:read",
    "approval_manager": "approval:admin user:read role:read group:read resource:read audit:read",
    "auditor": " ".join(f"{family}:read" for family in (
        "tenant user service_account role group permission resource field_definition navigation approval cache audit webhook "
        "ai biometrics").split()) + " audit:write",
    "security_analyst": "user:read role:read permission:read resource:read audit:read ai:write biometrics:write",
    "enforcement_point": "permission:check",
    "viewer": "resource:read field_definition:read navigation:read",
}


def holds(role: str, scope: str) -> bool:
    """Whether a role's scopes, closed under the levels, hold this one."""
    family, level = scope.split(":")
    for held in ROLE_SCOPES[role].split():
        held_family, held_level = held.split(":")
        if held_family != family:
            continue
        if held_level == level or held_level in LEVELS and level in LEVELS and LEVELS.index(held_level) >= LEVELS.index(level):
            return True
    return False


@dataclass
class Call:
    """One request: what stands in the path's braces, and its body."""

    path: dict = field(default_factory=dict)
    body: dict | None = None


@dataclass
class Entry:
    scope: str | None = None  # None: any token
    public: bool = False
    make: Callable[[Tenant], Call] = lambda tenant: Call()
    tolerant: bool = False  # takes members that it does not know, as OAuth's forms do
    oneself: bool = False  # the caller's own id needs no scope
    bodies: bool = False  # has a body


def new_user(tenant: Tenant, **more) -> dict:
    return {"email": f"{unique('walk')}@{tenant.code.lower()}.example", "password": PASSWORD, **more}


def user(tenant: Tenant, **more) -> dict:
    return {"user_id": tenant.new_person(**more).id}


def account(tenant: Tenant) -> dict:
    return {"account_id": tenant.new_account().id}


def role_id_of(tenant: Tenant, name: str) -> str:
    return str(tenant.world.server.value("select id from sentinel.roles where tenant_id = %s and name = %s", tenant.id, name))


def user_with_role(tenant: Tenant) -> dict:
    return {"user_id": tenant.new_person(["viewer"]).id, "role_id": role_id_of(tenant, "viewer")}


def account_key(tenant: Tenant) -> dict:
    made = tenant.new_account()
    return {"account_id": made.id, "key_id": made.made["keys"][0]["key_id"]}


def new_branch() -> dict:
    return {"name": "A branch", "code": new_code()}


def suspended_child(tenant: Tenant) -> dict:
    child = tenant.new_child()
    assert tenant.world.admin.post(f"/tenants/{child.id}/deactivate", json={"reason": "walk"}).status_code == 200
    return {"tenant_id": child.id}


def put(path=lambda tenant: {}, body=None) -> Callable[[Tenant], Call]:
    return lambda tenant: Call(path(tenant), body(tenant) if body else None)


ENTRIES: dict[str, Entry] = {
    "GET /": Entry(public=True),
    "GET /openapi.json": Entry(public=True),
    "GET /health": Entry(public=True),
    "GET /health/live": Entry(public=True),
    "GET /health/ready": Entry(public=True),
    "GET /health/startup": Entry(public=True),
    "GET /.well-known/jwks.json": Entry(public=True),
    "GET /api/v1/metrics": Entry("system:read"),
    # tenants
    "POST /api/v1/tenants": Entry("tenant:admin", bodies=True, make=put(
        body=lambda t: {**new_branch(), "type": "sub_tenant", "parent_tenant_id": t.id})),
    "GET /api/v1/tenants": Entry("tenant:read"),
    "GET /api/v1/tenants/{tenant_id}": Entry("tenant:read", make=put(lambda t: {"tenant_id": t.new_child().id})),
    "POST /api/v1/tenants/{parent_tenant_id}/sub-tenants": Entry("tenant:admin", bodies=True, make=put(
        lambda t: {"parent_tenant_id": t.id}, lambda t: new_branch())),
    "POST /api/v1/tenants/{tenant_id}/deactivate": Entry("tenant:admin", bodies=True, make=put(
        lambda t: {"tenant_id": t.new_child().id}, lambda t: {"reason": "walk"})),
    "POST /api/v1/tenants/{tenant_id}/activate": Entry("tenant:admin", make=put(suspended_child)),
    # auth
    "POST /api/v1/auth/login": Entry(public=True, bodies=True, make=put(
        body=lambda t: {"email": t.person("viewer").email, "password": PASSWORD, "tenant_code": t.code})),
    "POST /api/v1/auth/refresh": Entry(public=True, bodies=True, make=put(
        body=lambda t: {"refresh_token": t.person("viewer").login()["refresh_token"]})),
    "POST /api/v1/auth/revoke": Entry(public=True, bodies=True, make=put(
        body=lambda t: {"token": t.person("viewer").login()["access_token"]})),
    "POST /api/v1/auth/service-account/token": Entry(public=True, bodies=True, make=put(
        body=lambda t: {"api_key": t.new_account(["viewer"]).key, "tenant_code": t.code})),
    "POST /api/v1/auth/token": Entry(public=True, bodies=True, tolerant=True, make=put(
        body=lambda t: {"api_key": t.new_account(["viewer"]).key, "tenant_code": t.code})),
    "GET /api/v1/auth/password-requirements": Entry(public=True),
    "POST /api/v1/auth/logout": Entry(bodies=True, make=put(body=lambda t: {"revoke_all_devices": False})),
    "GET /api/v1/auth/me": Entry(),
    "GET /api/v1/auth/validate": Entry(),
    # users
    "POST /api/v1/users": Entry("user:admin", bodies=True, make=put(body=new_user)),
    "GET /api/v1/users": Entry("user:read"),
    "GET /api/v1/users/me": Entry(),
    "PATCH /api/v1/users/me": Entry(bodies=True, make=put(body=lambda t: {"preferences": {"theme": unique("dark")}})),
    "GET /api/v1/users/{user_id}": Entry("user:read", oneself=True, make=put(user)),
    "PATCH /api/v1/users/{user_id}": Entry("user:write", bodies=True, make=put(
        user, lambda t: {"preferences": {"theme": unique("dark")}})),
    "DELETE /api/v1/users/{user_id}": Entry("user:admin", make=put(user)),
    "POST /api/v1/users/{user_id}/change-password": Entry("user:write", oneself=True, bodies=True, make=put(
        user, lambda t: {"current_password": PASSWORD, "new_password": "Silver-Harbour-77-Gate"})),
    "POST /api/v1/users/{user_id}/lock": Entry("user:admin", bodies=True, make=put(user, lambda t: {"duration_minutes": 5})),
    "POST /api/v1/users/{user_id}/unlock": Entry("user:admin", make=put(user)),
    "GET /api/v1/users/{user_id}/roles": Entry("user:read", oneself=True, make=put(user)),
    "POST /api/v1/users/{user_id}/roles": Entry("user:admin", bodies=True, make=put(
        user, lambda t: {"role_id": role_id_of(t, "viewer")})),
    "PATCH /api/v1/users/{user_id}/roles/{role_id}": Entry("user:admin", bodies=True, make=put(
        user_with_role, lambda t: {"reason": unique("walk")})),
    "DELETE /api/v1/users/{user_id}/roles/{role_id}": Entry("user:admin", make=put(user_with_role)),
    "POST /api/v1/users/{user_id}/rotate-credentials": Entry("service_account:admin", bodies=True, make=put(
        lambda t: {"user_id": t.new_account().id}, lambda t: {"overlap_minutes": 5})),
    # service accounts
    "POST /api/v1/service-accounts": Entry("service_account:admin", bodies=True, make=put(body=lambda t: {"name": unique("svc-")})),
    "GET /api/v1/service-accounts": Entry("service_account:read"),
    "GET /api/v1/service-accounts/{account_id}": Entry("service_account:read", make=put(account)),
    "PATCH /api/v1/service-accounts/{account_id}": Entry("service_account:write", bodies=True, make=put(
        account, lambda t: {"description": unique("walk")})),
    "DELETE /api/v1/service-accounts/{account_id}": Entry("service_account:admin", make=put(account)),
    "POST /api/v1/service-accounts/{account_id}/rotate-credentials": Entry("service_account:admin", bodies=True, make=put(
        account, lambda t: {"overlap_minutes": 5})),
    "DELETE /api/v1/service-accounts/{account_id}/keys/{key_id}": Entry("service_account:admin", make=put(account_key)),
}
