"""S07: an access token after what ends it: refused on the next request."""

import pytest

from blackbox.routes import role_id_of
from blackbox.world import PASSWORD, error_of, ok


def logout(world, tenant, person, client):
    ok(client.post("/auth/logout"))


def password(world, tenant, person, client):
    ok(client.post(f"/users/{person.id}/change-password", json={"current_password": PASSWORD, "new_password": "Other-Kettle-43-Orbit"}), 204)


def disabled(world, tenant, person, client):
    ok(tenant.client().patch(f"/users/{person.id}", json={"is_active": False}))


def locked(world, tenant, person, client):
    ok(tenant.client().post(f"/users/{person.id}/lock", json={}), 204)


def deleted(world, tenant, person, client):
    ok(tenant.client().delete(f"/users/{person.id}"), 204)


def revoked(world, tenant, person, client):
    with world.anonymous() as anonymous:
        ok(anonymous.post("/auth/revoke", json={"token": client.tokens["refresh_token"], "token_type": "refresh_token"}))


@pytest.mark.parametrize("end", [logout, password, disabled, locked, deleted, revoked])
def test_s07_person(world, tenant, end):
    for _ in range(3):
        person = tenant.new_person(["auditor"])
        client = person.fresh_client()
        ok(client.get("/users"))
        end(world, tenant, person, client)
        for path in ("/users", "/auth/me", "/users/me"):
            error_of(client.get(path), 401, "INVALID_TOKEN")
        with world.anonymous() as anonymous:
            error_of(anonymous.post("/auth/refresh", json={"refresh_token": client.tokens["refresh_token"]}), 401, "INVALID_TOKEN")


def test_s07_tenant_suspended(world, tenants):
    one = tenants()
    client = one.new_person(["tenant_admin"]).fresh_client()
    machine = one.new_account(["auditor"]).client()
    ok(world.admin.post(f"/tenants/{one.id}/deactivate"))
    for ended in (client, machine):
        assert ended.get("/users").status_code in (401, 403)
        assert ended.get("/users").json()["error"]["code"] in ("INVALID_TOKEN", "TENANT_INACTIVE")
    ok(world.admin.post(f"/tenants/{one.id}/activate"))
    for ended in (client, machine):
        error_of(ended.get("/users"), 401, "INVALID_TOKEN")


def test_s07_role_removed(tenant):
    for _ in range(10):
        person = tenant.new_person(["auditor"])
        client = person.fresh_client()
        ok(client.get("/users"))
        ok(tenant.client().delete(f"/users/{person.id}/roles/{role_id_of(tenant, 'auditor')}"), 204)
        error_of(client.get("/users"), 403, "PERMISSION_DENIED")


def test_s07_key_rotated(tenant):
    for _ in range(5):
        account = tenant.new_account(["auditor"])
        client = account.client()
        ok(client.get("/users"))
        ok(tenant.client().post(f"/service-accounts/{account.id}/rotate-credentials", json={}))
        error_of(client.get("/users"), 401, "INVALID_TOKEN")


def test_s07_holds_after_a_restart(world, start_server):
    """What ended stays ended: revocations come back from the database."""
    from blackbox.world import World

    server = start_server()
    small = World(server)
    one = small.new_tenant()
    person = one.new_person(["auditor"])
    ended, living = person.fresh_client(), person.fresh_client()
    ok(ended.post("/auth/logout"))
    server.stop()
    server.start()
    error_of(ended.get("/auth/me"), 401, "INVALID_TOKEN")
    ok(living.get("/auth/me"))
