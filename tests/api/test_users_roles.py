"""People (spec 03): roles of a user."""

import pytest

from blackbox.people import in_time, role_names
from blackbox.routes import role_id_of
from blackbox.server import wait_until
from blackbox.world import error_of, faults_of, ok, random_id


def test_assign_takes_effect_at_the_next_request(tenant, manager):
    person = tenant.new_person()
    client = person.fresh_client()
    error_of(client.get("/users"), 403, "PERMISSION_DENIED")
    answer = manager.post(f"/users/{person.id}/roles", json={"roles": ["auditor"], "reason": "Year end"})
    rows = ok(answer, 201)["roles"]
    assert role_names(rows) == {"auditor"} and rows[0]["reason"] == "Year end" and rows[0]["granted_by"] == tenant.person("tenant_admin").id
    assert answer.headers["X-Policy-Revision"] == str(tenant.revision())
    ok(client.get("/users"))
    role = role_id_of(tenant, "auditor")
    assert tenant.audit("role.assign")
    ok(manager.delete(f"/users/{person.id}/roles/{role}"), 204)
    error_of(client.get("/users"), 403, "PERMISSION_DENIED")
    error_of(manager.delete(f"/users/{person.id}/roles/{role}"), 404, "RESOURCE_NOT_FOUND")
    assert tenant.audit("role.unassign")


def test_assign_twice(tenant, manager):
    person = tenant.new_person(["viewer"])
    error_of(manager.post(f"/users/{person.id}/roles", json={"role_id": role_id_of(tenant, "viewer")}), 409, "CONFLICT", "duplicate")
    path = f"/users/{person.id}/roles/{role_id_of(tenant, 'viewer')}"
    assert ok(manager.patch(path, json={"is_active": False}))["is_active"] is False
    ok(manager.post(f"/users/{person.id}/roles", json={"role_id": role_id_of(tenant, "viewer")}), 201)
    assert ok(manager.get(f"/users/{person.id}/roles"))["roles"][0]["is_active"] is True


def test_assignment_ends_by_itself(tenant, manager, server):
    """Without a job: expires_at decides at each request."""
    person = tenant.new_person()
    client = person.fresh_client()
    ok(manager.post(f"/users/{person.id}/roles", json={"roles": ["auditor"], "expires_at": in_time(seconds=2)}), 201)
    ok(client.get("/users"))
    wait_until(lambda: client.get("/users").status_code == 403, "the role to expire", 6, 0.1)


def test_effective_roles_hold_everyone(tenant, manager):
    person = tenant.new_person(["viewer"])
    assert role_names(ok(manager.get(f"/users/{person.id}/roles"))["roles"]) == {"viewer"}
    effective = ok(manager.get(f"/users/{person.id}/roles", params={"effective": "true"}))["roles"]
    assert {(row["name"], row["held_as"]) for row in effective} == {("viewer", "direct"), ("everyone", "everyone")}


@pytest.mark.parametrize("sent", [
    {}, {"role_id": "x"}, {"roles": []}, {"roles": ["viewer"], "role_id": "0198b0a0-0000-7000-8000-000000000001"},
    {"roles": ["viewer"], "expires_at": "2020-01-01T00:00:00Z"}, {"roles": ["viewer"], "expires_at": "tomorrow"},
    {"roles": ["viewer"], "reason": 7}, {"roles": ["viewer"] * 51},
])
def test_assign_refuses(tenant, manager, sent):
    faults_of(manager.post(f"/users/{tenant.new_person().id}/roles", json=sent))


def test_assign_an_unknown_or_foreign_role(tenant, manager, other):
    person = tenant.new_person()
    for role in (random_id(), role_id_of(other, "viewer")):
        error_of(manager.post(f"/users/{person.id}/roles", json={"role_id": role}), 404, "RESOURCE_NOT_FOUND")
        error_of(manager.delete(f"/users/{person.id}/roles/{role}"), 404, "RESOURCE_NOT_FOUND")


def test_change_of_an_assignment(tenant, manager):
    person = tenant.new_person(["auditor"])
    client = person.fresh_client()
    path = f"/users/{person.id}/roles/{role_id_of(tenant, 'auditor')}"
    ok(manager.patch(path, json={"is_active": False}))
    error_of(client.get("/users"), 403, "PERMISSION_DENIED")
    later = in_time(days=1)
    changed = ok(manager.patch(path, json={"is_active": True, "expires_at": later, "reason": None}))
    assert changed["expires_at"] == later and changed["reason"] is None
    ok(client.get("/users"))
    faults_of(manager.patch(path, json={"expires_at": "2001-01-01T00:00:00Z"}))
    faults_of(manager.patch(path, json={}))
