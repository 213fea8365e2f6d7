"""People (spec 03): the last administrator of a tenant, and the platform's."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from blackbox.routes import role_id_of
from blackbox.server import PLATFORM_TENANT
from blackbox.world import error_of, ok

# -- last administrator ----------------------------------------------------------------------------------------------------------


def take_away(client, way: str, person, one):
    path = f"/users/{person.id}"
    if way == "delete":
        return client.delete(path)
    if way == "deactivate":
        return client.patch(path, json={"is_active": False})
    if way == "lock":
        return client.post(f"{path}/lock", json={"indefinite": True})
    return client.delete(f"{path}/roles/{role_id_of(one, 'tenant_admin')}")


@pytest.mark.parametrize("way", ["delete", "deactivate", "lock", "unassign"])
def test_last_administrator_stays(tenants, way):
    one = tenants()
    last = one.new_person(["tenant_admin"])
    second = one.new_person(["tenant_admin"])
    ok(one.admin.delete(f"/users/{second.id}"), 204)
    error_of(take_away(one.admin, way, last, one), 409, "CONFLICT", "last_admin")
    assert ok(one.admin.get(f"/users/{last.id}"))["status"] == "active"
    last.login()


@pytest.mark.parametrize("way", ["delete", "deactivate", "lock", "unassign"])
def test_two_administrators_removing_each_other(world, tenants, way):
    """Rule 6: one succeeds."""
    one = tenants()
    pair = [one.new_person(["tenant_admin"]) for _ in range(2)]
    clients = [person.fresh_client() for person in pair]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda number: take_away(clients[number], way, pair[1 - number], one), range(2)))
    done = [answer for answer in answers if answer.status_code in (200, 204)]
    assert len(done) == 1, [answer.text for answer in answers]
    holders = world.server.rows(
        "select users.id from sentinel.users join sentinel.user_roles on user_roles.tenant_id = users.tenant_id and user_roles.user_id = users.id "
        "join sentinel.roles on roles.tenant_id = user_roles.tenant_id and roles.id = user_roles.role_id where users.tenant_id = %s "
        "and roles.name = 'tenant_admin' and users.is_active and users.deleted_at is null and user_roles.is_active "
        "and users.lock_kind is distinct from 'admin'", one.id)
    assert len(holders) == 1


# -- the platform ----------------------------------------------------------------------------------------------------------------


def test_last_super_admin_stays(world):
    me = world.admin.me["id"]
    answer = world.admin.delete(f"/users/{me}/roles/{role_id_of(world.platform, 'super_admin')}")
    assert answer.status_code in (403, 409), answer.text
    ok(world.admin.get("/tenants"))


def test_first_administrator_is_recorded_as_bootstrap(world, sql):
    rows = sql("select * from sentinel.audit_logs where tenant_id = %s and action = 'user.create' order by seq limit 1", PLATFORM_TENANT)
    assert rows[0]["metadata"]["cause"] == "bootstrap" and rows[0]["actor_type"] == "system"
