"""Walks over every operation of /openapi.json with what every route must refuse."""

import random
import re
import string

import pytest

from blackbox.routes import ENTRIES, ROLE_SCOPES, Entry, holds, role_id_of
from blackbox.world import Client, error_of, faults_of, ok, random_id, unique

# Page 00 section 2: complete for what exists.
PUBLIC = {
    "GET /", "GET /openapi.json", "GET /health", "GET /health/live", "GET /health/ready", "GET /health/startup",
    "GET /.well-known/jwks.json", "GET /api/v1/auth/password-requirements", "POST /api/v1/auth/login",
    "POST /api/v1/auth/service-account/token", "POST /api/v1/auth/token", "POST /api/v1/auth/refresh", "POST /api/v1/auth/revoke",
}


def operations(world) -> dict[str, dict]:
    return {f"{method.upper()} {path}": operation
            for path, item in world.openapi["paths"].items() for method, operation in item.items()}


def split(name: str) -> tuple[str, str]:
    method, path = name.split(" ", 1)
    return method, path


def unknown(part: str) -> str:
    """Well formed, and nobody's."""
    return "".join(random.choices(string.ascii_letters + string.digits, k=10)) if part == "key_id" else random_id()


def address_of(client: Client, template: str, path: dict) -> str:
    return client.server.url + re.sub(r"\{([^}]+)\}", lambda found: path.get(found[1]) or unknown(found[1]), template)


def send(client: Client, name: str, path: dict | None = None, body=None, **options):
    method, template = split(name)
    address = address_of(client, template, path or {})
    return client.request(method, address, json=body, **options) if body is not None else client.request(method, address, **options)


every_route = pytest.mark.parametrize("name", ENTRIES)
guarded = pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if not entry.public])
scoped = pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if entry.scope])
with_ids = pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if "{" in name])
with_body = pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if entry.bodies and not entry.tolerant])


def entry_of(name: str) -> Entry:
    return ENTRIES[name]


def test_every_route_has_an_entry_and_every_entry_a_route(world):
    assert set(operations(world)) == set(ENTRIES)


def test_only_the_listed_routes_are_public(world):
    without_security = {name for name, operation in operations(world).items() if operation["security"] == []}
    assert without_security == PUBLIC == {name for name, entry in ENTRIES.items() if entry.public}


@scoped
def test_document_names_the_scope(world, name):
    assert f"`{entry_of(name).scope}`" in operations(world)[name].get("description", "")


@guarded
def test_without_a_token(anonymous, name):
    for headers in ({}, {"Authorization": "Basic dXNlcjpwYXNz"}, {"Authorization": "Bearer"}, {"Authorization": ""}):
        error_of(send(anonymous, name, headers=headers), 401, "AUTHENTICATION_REQUIRED")


@guarded
def test_with_a_token_in_the_query_alone(anonymous, tenant, name):
    answer = send(anonymous, name, params={"access_token": tenant.client().token})
    error_of(answer, 401, "AUTHENTICATION_REQUIRED")


@guarded
def test_with_an_unknown_token(anonymous, name):
    error_of(send(anonymous, name, headers={"Authorization": "Bearer abc.def.ghi"}), 401, "INVALID_TOKEN")


@scoped
def test_with_too_little_scope(tenant, name):
    """Judged before the body and before anything is looked up."""
    scope = entry_of(name).scope
    roles = [role for role in ROLE_SCOPES if not holds(role, scope)]
    assert roles
    clients = [tenant.client(role) for role in roles]
    before = len(tenant.audit())
    for client in clients:
        details = error_of(send(client, name), 403, "PERMISSION_DENIED")
        assert details == {"required_permission": scope}
        if entry_of(name).bodies:
            method, template = split(name)
            error_of(client.send_body(method, address_of(client, template, {}), b"{"), 403, "PERMISSION_DENIED")
    assert all(row["action"].startswith(("denied.", "auth.", "token.", "user.create")) for row in tenant.audit()[before:])


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if entry.scope and name.startswith("GET")])
def test_with_enough_scope(tenant, name):
    call = entry_of(name).make(tenant)
    for role in (role for role in ROLE_SCOPES if holds(role, entry_of(name).scope)):
        assert send(tenant.client(role), name, call.path, call.body).status_code == 200, role


@with_ids
def test_another_tenants_id_is_as_unknown_as_any(tenant, other, name):
    """Status, code, message and details are those of a random id, and nothing changes there."""
    call = entry_of(name).make(other)
    before = other.revision()
    audited = len(other.audit())
    client = tenant.client("tenant_admin")
    unknown = send(client, name, None, call.body)
    foreign = send(client, name, call.path, call.body)
    for answer in (unknown, foreign):
        if name == "POST /api/v1/users/{user_id}/change-password":
            error_of(answer, 403, "PERMISSION_DENIED")  # for any id but one's own
        else:
            error_of(answer, 404, "RESOURCE_NOT_FOUND")
    assert foreign.json()["error"] == unknown.json()["error"]
    assert other.revision() == before
    assert [row["action"] for row in other.audit()[audited:] if not row["action"].startswith(("auth.", "tenant.enter"))] == []


@with_ids
def test_ids_that_are_none(tenant, name):
    """Each place of the path alone, the others sound."""
    parts = re.findall(r"\{([^}]+)\}", name)
    call = entry_of(name).make(tenant)
    for part in parts:
        for text in ("x", "1", "0198b0a0-0000-7000-8000-00000000000", "{0198b0a0-0000-7000-8000-000000000001}", "' or 1=1 --", "%00x", "null",
                     "abcdefghi", "abcdefghi-", "abcdefghijk"):
            answer = send(tenant.client(), name, {**call.path, part: text}, call.body)
            if "%00" in text:
                assert answer.status_code == 400, answer.text  # refused before any route is chosen
            else:
                assert {pointer for pointer, _ in faults_of(answer)} == {f"/{part}"}, answer.text


@with_body
def test_unknown_member(world, tenant, name):
    call = entry_of(name).make(tenant)
    client = tenant.new_person(["tenant_admin"]).fresh_client() if not entry_of(name).public else None
    revision = tenant.revision()
    body = {**(call.body or {}), "zzz_unknown": 1}
    with world.anonymous() as anonymous:
        answer = send(client or anonymous, name, call.path, body)
    assert ("/zzz_unknown", "unknown") in faults_of(answer)
    assert tenant.revision() == revision


@every_route
def test_unknown_query_parameter(world, tenant, name):
    entry = entry_of(name)
    if name.startswith("GET /health") or name in ("GET /", "GET /openapi.json", "GET /.well-known/jwks.json"):
        client = world.admin  # the rule holds for them as for all others
    else:
        client = world.admin if entry.scope == "system:read" else tenant.client()
    call = entry.make(tenant)
    answer = send(client, name, call.path, call.body, params={"zzz_unknown": "1"})
    assert ("/zzz_unknown", "unknown") in faults_of(answer)


@with_body
def test_bodies_that_are_no_json(world, tenant, name):
    client = tenant.client()
    method, template = split(name)
    call = entry_of(name).make(tenant)
    path = world.server.url + re.sub(r"\{([^}]+)\}", lambda found: call.path[found[1]], template)
    for body in (b"{", b"[]x", b'{"a":1,"a":2}', b"\xff", b"\xef\xbb\xbf{}", b"nul"):
        error_of(client.send_body(method, path, body), 400, "MALFORMED_REQUEST")
    for body in (b"[]", b"1", b'"x"', b"null"):
        assert ("", "type") in faults_of(client.send_body(method, path, body))
    error_of(client.send_body(method, path, b"{}", "text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE")


def test_idempotency_is_offered_by_all_writes_outside_auth(world):
    for name, operation in operations(world).items():
        method, path = split(name)
        offered = any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", []))
        assert offered == (method != "GET" and not path.startswith("/api/v1/auth/")), name


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if not name.startswith("GET") and "/auth/" not in name])
def test_idempotent_retry(tenant, name):
    entry = entry_of(name)
    call = entry.make(tenant)
    if name == "POST /api/v1/users/{user_id}/change-password":
        # Only for oneself, and it ends the session that would ask again.
        person = tenant.new_person()
        client, call.path = person.fresh_client(), {"user_id": person.id}
        headers = {"Idempotency-Key": unique("key-")}
        ok(send(client, name, call.path, call.body, headers=headers), 204)
        error_of(send(client, name, call.path, call.body, headers=headers), 401, "INVALID_TOKEN")
        return
    client = tenant.client("tenant_admin")
    headers = {"Idempotency-Key": unique("key-")}
    first = send(client, name, call.path, call.body, headers=headers)
    assert first.status_code in (200, 201, 204), first.text
    assert "Idempotency-Replayed" not in first.headers
    revision = tenant.revision()
    again = send(client, name, call.path, call.body, headers=headers)
    assert again.status_code == first.status_code
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    for header in ("Location", "ETag", "X-Policy-Revision", "X-Policy-Incarnation"):
        assert again.headers.get(header) == first.headers.get(header), header
    assert tenant.revision() == revision
    assert [row["action"] for row in tenant.audit() if row["request_id"] == again.headers["X-Request-ID"]] == []
    other_body = {**call.body, "zzz": 1} if call.body is not None else {"zzz": 1}
    changed = send(client, name, call.path, other_body, headers=headers)
    assert changed.status_code in (400, 422), changed.text  # the body is read before the key is looked at, or after


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if not entry.public])
def test_foreign_tenant_in_the_header(tenant, other, name):
    """Whether it exists or not."""
    for named in (other.id, random_id()):
        error_of(send(tenant.client("tenant_admin").with_(tenant=named), name), 403, "PERMISSION_DENIED")


def test_methods_that_a_path_does_not_have(world, tenant):
    methods = {"GET", "POST", "PUT", "PATCH", "DELETE"}
    for path, item in world.openapi["paths"].items():
        allowed = {method.upper() for method in item}
        address = world.server.url + re.sub(r"\{[^}]+\}", lambda _: random_id(), path)
        for method in sorted(methods - allowed):
            answer = tenant.client().request(method, address)
            error_of(answer, 405, "METHOD_NOT_ALLOWED")
            assert {word.strip() for word in answer.headers["Allow"].split(",")} >= allowed
        if "GET" in allowed:
            head = world.admin.head(address)
            assert head.status_code in (200, 400, 404), path


def test_roles_of_the_table_exist_in_every_tenant(tenant):
    rows = tenant.world.server.rows("select name, scopes from sentinel.roles where tenant_id = %s", tenant.id)
    stored = {row["name"]: set(row["scopes"]) for row in rows}
    assert set(stored) == set(ROLE_SCOPES) - {"nobody"} | {"everyone"}
    for role, scopes in ROLE_SCOPES.items():
        if role != "nobody":
            assert stored[role] == set(scopes.split()), role
    assert role_id_of(tenant, "viewer")
