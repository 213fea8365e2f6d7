"""Tenants (spec 01): suspend, activate, acting in another tenant."""

import pytest

from blackbox.server import PLATFORM_TENANT, wait_until
from blackbox.world import error_of, faults_of, ok

# -- suspend and activate --------------------------------------------------------------------------------------------------------


def test_suspend_and_activate(world, tenants):
    one = tenants()
    person = one.new_person(["tenant_admin"])
    client = person.fresh_client()
    revision = one.revision()
    answer = world.admin.post(f"/tenants/{one.id}/deactivate", json={"reason": "Unpaid"})
    suspended = ok(answer)
    assert not suspended["is_active"] and suspended["suspend_reason"] == "Unpaid" and suspended["suspended_at"]
    assert suspended["sessions_ended"] == 1 and suspended["tenants_suspended"] == 1 and suspended["version"] == 2
    assert one.revision() == revision + 1
    assert client.get("/auth/me").status_code in (401, 403)
    error_of(person.try_login(), 401, "AUTH_FAILED")
    record = one.audit("tenant.suspend")[0]
    assert record["metadata"]["reason"] == "Unpaid" and record["request_id"] == answer.headers["X-Request-ID"]
    error_of(world.admin.post(f"/tenants/{one.id}/deactivate"), 409, "CONFLICT", "state")
    active = ok(world.admin.post(f"/tenants/{one.id}/activate"))
    assert active["is_active"] and active["suspend_reason"] is None and active["suspended_at"] is None
    error_of(client.get("/auth/me"), 401, "INVALID_TOKEN")
    person.login()
    error_of(world.admin.post(f"/tenants/{one.id}/activate"), 409, "CONFLICT", "state")
    assert len(one.audit("tenant.activate")) == 1


def test_suspending_is_recorded_in_the_actors_tenant_too(world, tenants, sql):
    one = tenants()
    request = world.admin.post(f"/tenants/{one.id}/deactivate").headers["X-Request-ID"]
    rows = sql("select tenant_id::text, action from sentinel.audit_logs where request_id = %s", request)
    assert {(row["tenant_id"], row["action"]) for row in rows} == {(one.id, "tenant.suspend"), (PLATFORM_TENANT, "tenant.suspend")}


def test_suspending_with_active_children(world, tenants):
    one = tenants()
    child, grandchild = one.new_child(), None
    grandchild = child.new_child()
    details = error_of(world.admin.post(f"/tenants/{one.id}/deactivate"), 409, "CONFLICT", "in_use")
    assert details["active_sub_tenants"] == 2
    suspended = ok(world.admin.post(f"/tenants/{one.id}/deactivate", json={"cascade": True}))
    assert suspended["tenants_suspended"] == 3
    for below in (child, grandchild):
        assert not ok(world.admin.get(f"/tenants/{below.id}"))["is_active"]
        error_of(world.admin.post(f"/tenants/{below.id}/activate"), 409, "CONFLICT", "state")
    ok(world.admin.post(f"/tenants/{one.id}/activate"))
    assert not ok(world.admin.get(f"/tenants/{child.id}"))["is_active"], "activating the parent wakes nobody"
    ok(world.admin.post(f"/tenants/{child.id}/activate"))


def test_own_people_cannot_suspend_their_tenant(tenant):
    error_of(tenant.client("tenant_admin").post(f"/tenants/{tenant.id}/deactivate"), 403, "PERMISSION_DENIED")


def test_platform_tenant_cannot_be_suspended(admin):
    error_of(admin.post(f"/tenants/{PLATFORM_TENANT}/deactivate"), 403, "SYSTEM_OBJECT")


@pytest.mark.parametrize("sent, fault", [
    ({"reason": ""}, ("/reason", "min_length")), ({"reason": "x" * 501}, ("/reason", "max_length")), ({"reason": 1}, ("/reason", "type")),
    ({"cascade": "yes"}, ("/cascade", "type")), ({"tenant_id": "x"}, ("/tenant_id", "unknown")),
])
def test_suspend_refuses(admin, tenant, sent, fault):
    assert faults_of(admin.post(f"/tenants/{tenant.id}/deactivate", json=sent)) == {fault}


def test_suspended_tenant_serves_almost_nothing(world, tenants):
    """Rule 11."""
    one = tenants()
    ok(world.admin.post(f"/tenants/{one.id}/deactivate"))
    inside = world.admin.with_(tenant=one.id)
    for path in ("/users", "/service-accounts"):
        ok(inside.get(path))  # GET by P and A works, so that they can see what they wake
        error_of(inside.post(path, json={"email": "a@b.example", "name": "abc"}), 403, "TENANT_INACTIVE")
    ok(world.admin.get(f"/tenants/{one.id}"))
    ok(inside.post(f"/tenants/{one.id}/activate"))


def test_suspended_parent_makes_children_inactive(world, tenants):
    """Rule 10: a tenant counts as active only when all its ancestors are."""
    one = tenants()
    child = one.new_child()
    client = child.new_person(["tenant_admin"]).fresh_client()
    ok(world.admin.post(f"/tenants/{one.id}/deactivate", json={"cascade": True}))
    assert client.get("/users").status_code in (401, 403)


# -- acting in another tenant ----------------------------------------------------------------------------------------------------


def test_acting_in_a_descendant(tenant, other):
    child = tenant.new_child()
    client = tenant.client("tenant_admin")
    made = ok(client.with_(tenant=child.id).post("/users", json={"email": "p@child.example"}), 201)
    assert made["tenant_id"] == child.id
    record = child.audit("user.create", made["id"])[0]
    assert record["actor_details"]["actor_tenant_id"] == tenant.id
    error_of(client.with_(tenant=other.id).get("/users"), 403, "PERMISSION_DENIED")
    error_of(tenant.client("user_manager").with_(tenant=child.id).get("/users"), 403, "PERMISSION_DENIED")
    ok(client.with_(tenant=tenant.id).get("/users"))


def test_entering_is_recorded_once_an_hour(world, tenants):
    one = tenants()
    ok(one.admin.get("/users"))
    ok(one.admin.get("/users"))
    from blackbox.server import wait_until
    wait_until(lambda: one.audit("tenant.enter"), "tenant.enter to be written", 5)
    assert len(one.audit("tenant.enter")) == 1


@pytest.mark.parametrize("text", ["", "x", "PLATFORM", "0198b0a0-0000-7000-8000-00000000000g"])
def test_tenant_header_that_is_none(tenant, text):
    answer = tenant.client().get("/users", headers={"X-Tenant-ID": text})
    assert answer.status_code in (400, 403), answer.text
