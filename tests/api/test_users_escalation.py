"""People (spec 03): nobody gives, or acts on, more than is held."""

import pytest

from blackbox.people import address, role_names
from blackbox.server import wait_until
from blackbox.world import TENANT_ROLES, error_of, ok


@pytest.mark.parametrize("role", [role for role in TENANT_ROLES if role not in ("user_manager", "viewer", "enforcement_point")])
def test_user_manager_gives_no_more_than_held(tenant, role):
    client = tenant.client("user_manager")
    error_of(client.post("/users", json={"email": address(), "roles": [role]}), 403, "ESCALATION")
    person = tenant.new_person()
    error_of(client.post(f"/users/{person.id}/roles", json={"roles": [role]}), 403, "ESCALATION")
    assert role_names(ok(tenant.client().get(f"/users/{person.id}/roles"))["roles"]) == set()
    wait_until(lambda: tenant.audit("denied.escalation"), "denied.escalation", 3)


def test_user_manager_cannot_act_on_who_holds_more(tenant):
    client = tenant.client("user_manager")
    target = tenant.new_person(["tenant_admin"])
    path = f"/users/{target.id}"
    for answer in (client.patch(path, json={"email": address()}), client.patch(path, json={"is_active": False}),
                   client.patch(path, json={"attributes": {"a": 1}}), client.delete(path), client.post(f"{path}/lock", json={})):
        error_of(answer, 403, "ESCALATION")
    detail = ok(tenant.client().get(path))
    assert detail["version"] == 1 and detail["status"] == "active"


def test_nobody_changes_the_own_attributes_state_or_lock(tenant):
    person = tenant.new_person(["tenant_admin"])
    client = person.fresh_client()
    path = f"/users/{person.id}"
    for answer in (client.patch(path, json={"attributes": {"clearance": 9}}), client.patch(path, json={"is_active": False}),
                   client.post(f"{path}/lock", json={})):
        error_of(answer, 403, "ESCALATION")
    ok(client.patch(path, json={"preferences": {"a": 1}}))
