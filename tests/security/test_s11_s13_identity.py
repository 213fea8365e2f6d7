"""S11 to S13: foreign ids, identity from the body, members that nobody may write. The walk over every route: tests/api/test_openapi_walk.py."""

import time
import statistics

import pytest

from blackbox.routes import role_id_of
from blackbox.server import PLATFORM_TENANT, wait_until
from blackbox.world import error_of, faults_of, ok, random_id, unique


def fingerprint(tenant) -> tuple:
    rows = tenant.world.server.rows
    return (tenant.revision(), rows("select id, version, updated_at from sentinel.users where tenant_id = %s order by id", tenant.id),
            rows("select user_id, role_id, is_active, expires_at from sentinel.user_roles where tenant_id = %s order by 1, 2", tenant.id),
            rows("select id, revoked_at from sentinel.service_account_keys where tenant_id = %s order by id", tenant.id))


def attempts(tenant, other):
    """Every way to name something of another tenant, as (call, id of ours to compare with a random one)."""
    person, account, role = other.new_person(["viewer"]), other.new_account(), role_id_of(other, "viewer")
    own = tenant.new_person(["viewer"])
    key = account.made["keys"][0]["key_id"]
    ours = tenant.new_account()
    return {
        "get person": lambda c, i: c.get(f"/users/{i or person.id}"),
        "patch person": lambda c, i: c.patch(f"/users/{i or person.id}", json={"preferences": {"a": 1}}),
        "delete person": lambda c, i: c.delete(f"/users/{i or person.id}"),
        "lock": lambda c, i: c.post(f"/users/{i or person.id}/lock", json={}),
        "unlock": lambda c, i: c.post(f"/users/{i or person.id}/unlock"),
        "roles of": lambda c, i: c.get(f"/users/{i or person.id}/roles"),
        "assign to": lambda c, i: c.post(f"/users/{i or person.id}/roles", json={"roles": ["viewer"]}),
        "assign their role": lambda c, i: c.post(f"/users/{own.id}/roles", json={"role_id": i or role}),
        "unassign their role": lambda c, i: c.delete(f"/users/{own.id}/roles/{i or role}"),
        "account": lambda c, i: c.get(f"/service-accounts/{i or account.id}"),
        "rotate": lambda c, i: c.post(f"/service-accounts/{i or account.id}/rotate-credentials", json={}),
        "delete key": lambda c, i: c.delete(f"/service-accounts/{i or account.id}/keys/{key}"),
        "delete their key of ours": lambda c, i: c.delete(f"/service-accounts/{ours.id}/keys/{key if not i else '0123456789'}"),
        "tenant": lambda c, i: c.get(f"/tenants/{i or other.id}"),
        "suspend": lambda c, i: c.post(f"/tenants/{i or other.id}/deactivate"),
        "branch": lambda c, i: c.post(f"/tenants/{i or other.id}/sub-tenants", json={"name": "x", "code": unique("X").upper()}),
        "role in body": lambda c, i: c.post("/users", json={"email": "z@z.example", "roles": [i or role]}),
        "owner in body": lambda c, i: c.post("/service-accounts", json={"name": unique("svc-"), "owner_id": i or person.id}),
    }


def without_ids(answer) -> tuple:
    return answer.status_code, answer.json()["error"]["code"], answer.json()["error"]["message"], \
        [(fault["pointer"], fault["rule"]) for fault in answer.json()["error"]["details"].get("errors", [])]


@pytest.mark.parametrize("persona", ["tenant_admin", "security_admin", "user_manager"])
def test_s11_foreign_is_as_unknown_as_random(tenant, other, persona):
    calls = attempts(tenant, other)
    client = tenant.client(persona)
    before = fingerprint(other)
    for name, call in calls.items():
        foreign, random = call(client, None), call(client, random_id())
        assert without_ids(foreign) == without_ids(random), name
        assert foreign.status_code in (400, 403, 404), name
    assert fingerprint(other) == before


def test_s11_lists_hold_nothing_foreign(tenant, other):
    person, account = other.new_person(["viewer"], username=unique("uniquely.")), other.new_account()
    client = tenant.client()
    assert ok(client.get("/users", params={"role": role_id_of(other, "viewer")}))["users"] == []
    assert ok(client.get("/users", params={"search": person.email}))["users"] == []
    assert ok(client.get("/users", params={"search": person.detail["username"]}))["users"] == []
    assert ok(client.get("/service-accounts", params={"owner_id": person.id}))["service_accounts"] == []
    assert account.id not in {row["id"] for row in ok(client.get("/service-accounts"))["service_accounts"]}


def test_s11_cursor_of_another_tenant(tenant, other):
    for _ in range(3):
        other.new_person()
    cursor = ok(other.client().get("/users", params={"limit": 1}))["pagination"]["next_cursor"]
    assert tenant.client().get("/users", params={"limit": 1, "cursor": cursor}).status_code == 400
    wait_until(lambda: tenant.audit("denied.cross_tenant"), "denied.cross_tenant for the cursor", 5)


def test_s11_naming_a_tenant_is_recorded_at_home_alone(tenant, other):
    answer = tenant.client("tenant_admin").with_(tenant=other.id).get("/users")
    error_of(answer, 403, "PERMISSION_DENIED")
    request = answer.headers["X-Request-ID"]
    rows = wait_until(lambda: [row for row in tenant.audit("denied.cross_tenant") if row["request_id"] == request], "denied.cross_tenant", 5)
    assert rows[0]["result"] == "denied" and rows[0]["risk_score"] == 0.8
    assert not [row for row in other.audit() if row["request_id"] == request]
    request = tenant.client("tenant_admin").get(f"/users/{other.person('viewer').id}").headers["X-Request-ID"]
    assert not [row for row in tenant.audit("denied.cross_tenant") if row["request_id"] == request], "an id alone names no tenant"


def test_s11_no_timing_tells(tenant, other):
    """Light: the medians of a foreign and a random id do not differ by more than a third."""
    client, person = tenant.client(), other.new_person().id
    times = {"foreign": [], "random": []}
    for _ in range(150):
        for kind, number in (("foreign", person), ("random", random_id())):
            start = time.perf_counter()
            client.get(f"/users/{number}")
            times[kind].append(time.perf_counter() - start)
    medians = {kind: statistics.median(values) for kind, values in times.items()}
    assert abs(medians["foreign"] / medians["random"] - 1) < 0.34, medians


@pytest.mark.parametrize("member", ["tenant_id", "requester_id", "approver_id", "user_id", "actor_id", "created_by", "owner"])
def test_s12_identity_in_a_body(tenant, other, member):
    client = tenant.client()
    for path, sent in (("/users", {"email": "q@q.example"}), ("/service-accounts", {"name": unique("svc-")})):
        for value in (other.id, tenant.id, random_id()):
            answer = client.post(path, json={**sent, member: value})
            assert answer.status_code in (400, 403), answer.text


def test_s12_identity_in_the_query(tenant, other):
    error_of(tenant.client().get("/users", params={"tenant_id": other.id}), 403, "PERMISSION_DENIED")
    for name in ("user_id", "acting_as", "X-Tenant-ID"):
        assert (f"/{name}", "unknown") in faults_of(tenant.client().get("/users", params={name: other.id}))


def test_s12_forged_headers_change_nothing(tenant, other):
    client = tenant.client("viewer")
    mine = ok(client.get("/auth/me"))["user"]["id"]
    for headers in ({"X-User-ID": other.person("viewer").id}, {"X-Forwarded-User": "admin"}, {"X-Original-URL": "/api/v1/tenants"},
                    {"X-HTTP-Method-Override": "DELETE"}, {"X-Rewrite-URL": "/"}):
        assert ok(client.get("/auth/me", headers=headers))["user"]["id"] == mine


def test_s12_tenant_header_twice(tenant, other):
    client = tenant.client("tenant_admin")
    answer = client.get("/users", headers=[("X-Tenant-ID", tenant.id), ("X-Tenant-ID", other.id)])
    assert answer.status_code in (400, 403)


FORBIDDEN = {"is_superadmin": True, "is_super_admin": True, "tenant_id": PLATFORM_TENANT, "is_system": True, "type": "system", "password_hash": "x",
             "failed_logins": 0, "failed_login_count": 0, "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z",
             "version": 9, "id": "0198b0a0-0000-7000-8000-000000000001", "scopes": ["platform:admin"], "token_epoch": 0, "deleted_at": None,
             "mfa_enabled": False, "login_count": 5, "locked_until": None, "__proto__": {}, "constructor": {}, "roles.0": "x", "email ": "x"}


@pytest.mark.parametrize("member", FORBIDDEN)
def test_s13_create(tenant, member):
    before = tenant.revision()
    for path, sent in (("/users", {"email": f"{unique('m')}@x.example"}), ("/service-accounts", {"name": unique("svc-")})):
        faults = faults_of(tenant.client().post(path, json={**sent, member: FORBIDDEN[member]}))
        assert {pointer for pointer, _ in faults} == {f"/{member}"}
    assert tenant.revision() == before


@pytest.mark.parametrize("member", FORBIDDEN)
def test_s13_change(tenant, member):
    person, account = tenant.new_person(), tenant.new_account()
    manager = tenant.client()
    before = tenant.revision()
    for path in (f"/users/{person.id}", f"/service-accounts/{account.id}"):
        faults = faults_of(manager.patch(path, json={"attributes": {"a": 1}, member: FORBIDDEN[member]}))
        assert {pointer for pointer, _ in faults} == {f"/{member}"}
    own = person.fresh_client()
    assert {pointer for pointer, _ in faults_of(own.patch("/users/me", json={"preferences": {}, member: FORBIDDEN[member]}))} == {f"/{member}"}
    assert tenant.revision() == before


@pytest.mark.parametrize("member", ["code", "id", "version", "is_active", "tenant_salt_encrypted", "deleted_at", "ancestors", "suspended_at"])
def test_s13_tenant(world, tenant, member):
    sent = {"name": "x", "code": unique("X").upper()}
    if member != "code":
        assert (f"/{member}", "unknown") in faults_of(world.admin.post("/tenants", json={**sent, member: None}))
    assert (f"/{member}", "unknown") in faults_of(world.admin.post(f"/tenants/{tenant.id}/deactivate", json={member: None}))


def test_s14_roles_in_steps_never_widen(tenant):
    """A user manager who may assign roles: no sequence of allowed calls makes its own scopes more."""
    person = tenant.new_person(["user_manager"])
    client = person.fresh_client()
    before = set(ok(client.get("/auth/me"))["scopes"])
    for role in ("super_admin", "tenant_admin", "security_admin", "auditor", "application_manager", "viewer", "user_manager"):
        client.post(f"/users/{person.id}/roles", json={"roles": [role]})
        client.post("/users", json={"email": f"{unique('p')}@x.example", "password": "Violet-Kettle-42-Orbit", "roles": [role]})
        client.post("/service-accounts", json={"name": unique("svc-"), "roles": [role]})
    assert set(ok(client.get("/auth/me"))["scopes"]) <= before
