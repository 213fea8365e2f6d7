"""Writers at once: of one tenant, and of parent and child. No deadlock; revisions without gaps, in commit order."""

import itertools
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from blackbox.load import WriteLoad, check_everything, check_revisions
from blackbox.server import IS_LONG, wait_until
from blackbox.world import World, ok, unique

ROUNDS = 10_000 if IS_LONG else 300


@pytest.fixture(scope="module")
def own(template):
    from blackbox.server import Server, copy_of

    server = Server(copy_of(template))
    try:
        server.start()
        yield World(server)
        server.stop()
    finally:
        server.remove()


def deadlocks(server) -> int:
    return server.value("select deadlocks from pg_stat_database where datname = current_database()")


def test_two_writers_of_one_tenant(own):
    one = own.new_tenant()
    people = [one.new_person() for _ in range(2)]
    before = one.revision()

    def write(number):
        revisions = []
        with own.client_for(own.admin.token, tenant=one.id) as client:
            for count in range(ROUNDS):
                answer = client.patch(f"/users/{people[number].id}", json={"attributes": {"n": count}})
                assert answer.status_code == 200, answer.text
                revisions.append(int(answer.headers["X-Policy-Revision"]))
        return revisions

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(write, range(2))
    assert first == sorted(first) and second == sorted(second)
    assert sorted(first + second) == list(range(before + 1, before + 2 * ROUNDS + 1)), "each write has a revision of its own"
    assert deadlocks(own.server) == 0


def test_parent_and_children_at_once(own):
    """Suspending a family takes locks over it while its members are written."""
    parent = own.new_tenant(settings={"max_sub_tenants": 1000})
    children = [parent.new_child() for _ in range(3)]
    with WriteLoad(own.server, [parent, *children], own.admin.token, threads=3) as load:
        for number in itertools.count():
            child = children[number % 3]
            ok(own.admin.post(f"/tenants/{child.id}/deactivate", json={"cascade": True}))
            ok(own.admin.post(f"/tenants/{child.id}/activate"))
            if number % 10 == 0:
                ok(own.admin.post(f"/tenants/{parent.id}/sub-tenants", json={"name": "x", "code": unique("W").upper()}), 201)
            if len(load.acknowledged) >= ROUNDS:
                break
    foreign = [line for line in load.unexpected if "TENANT_INACTIVE" not in line]
    assert not foreign, foreign[:5]
    assert deadlocks(own.server) == 0
    check_everything(own.server, load.acknowledged)


def test_suspending_the_whole_family_meanwhile(own):
    parent = own.new_tenant()
    child = parent.new_child()
    grandchild = child.new_child()
    with WriteLoad(own.server, [parent, child, grandchild], own.admin.token, threads=3) as load:
        for _ in range(5):
            wait_until(lambda count=len(load.acknowledged): len(load.acknowledged) > count, "a write", 10)
            ok(own.admin.post(f"/tenants/{parent.id}/deactivate", json={"cascade": True}))
            for one in (parent, child, grandchild):
                ok(own.admin.post(f"/tenants/{one.id}/activate"))
    assert not [line for line in load.unexpected if "TENANT_INACTIVE" not in line], load.unexpected[:5]
    assert deadlocks(own.server) == 0
    check_revisions(own.server)


def test_a_published_change_is_seen_by_the_next_request(own):
    """On whatever core it lands: 200 changes of a role, each followed by a request with the old token."""
    one = own.new_tenant()
    person = one.new_person()
    clients = [person.fresh_client() for _ in range(4)]
    admin = own.admin.with_(tenant=one.id)
    for count in range(50):
        made = admin.post(f"/users/{person.id}/roles", json={"roles": ["auditor"]})
        role = ok(made, 201)["roles"][0]["id"]
        assert [client.get("/users").status_code for client in clients] == [200] * 4, count
        ok(admin.delete(f"/users/{person.id}/roles/{role}"), 204)
        assert [client.get("/users").status_code for client in clients] == [403] * 4, count


def test_audit_of_parallel_writers_is_one_chain(own):
    from blackbox.audit_chain import check_all

    one = own.new_tenant()

    def create(_):
        with own.client_for(own.admin.token, tenant=one.id) as client:
            for _ in range(10):
                ok(client.post("/users", json={"email": f"{unique('c')}@x.example"}), 201)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(create, range(8)))
    assert len(one.audit("user.create")) == 80
    time.sleep(1.2)  # batched records of the last second
    assert check_all(own.server) > 80
    assert not re.search("deadlock", own.server.log())
