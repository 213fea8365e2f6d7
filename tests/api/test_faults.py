"""What breaks around the server: each time the stated status, nothing fails open, and work again within 5 s."""

import base64
import os
import signal
import time
from contextlib import contextmanager

import psycopg

from blackbox.faults import PAUSE, RECOVERY, backends, cut_connections, live, ready, recovers
from blackbox.load import WriteLoad, check_everything
from blackbox.server import Server, copy_of, wait_until
from blackbox.world import World, error_of, ok, unique


@contextmanager
def standing_still(processes: list[int]):
    """At least as long as PAUSE says, however soon the block is done."""
    start = time.monotonic()
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
        wait_until(lambda: time.monotonic() - start >= PAUSE, "the pause to be over", PAUSE + 5)
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def test_database_stands_still(node):
    """SIGSTOP of every process of PostgreSQL, under writes."""
    server, world, one = node
    client = one.client()
    leaving = one.new_person(["auditor"]).fresh_client()
    with WriteLoad(server, [one], world.admin.token, threads=2) as load:
        wait_until(lambda: len(load.acknowledged) > 20, "writes")
        with standing_still(backends(server)):
            start = time.monotonic()
            error_of(client.get("/users"), 503, "UNAVAILABLE")
            assert time.monotonic() - start < 8, "REQUEST_TIMEOUT_SECONDS is 5"
            refused = leaving.post("/auth/logout")
            error_of(refused, 503, "UNAVAILABLE")  # what is not written is not said to be done
            assert live(server) == 200
            wait_until(lambda: ready(server) == 503, "/health/ready to say so", 30)
            # Who may call cannot be known any more: refused, never let through.
            wait_until(lambda: client.get("/auth/validate").status_code == 503, "revocations to be too old", 20)
            error_of(client.get("/auth/validate"), 503, "UNAVAILABLE")
            written = len(load.acknowledged)
        recovers(server, client, "SIGSTOP of PostgreSQL")
        start = time.monotonic()
        wait_until(lambda: len(load.acknowledged) > written, "writes again", 20)
        assert time.monotonic() - start < RECOVERY
    assert not load.unexpected, load.unexpected[:5]
    check_everything(server, load.acknowledged)
    assert leaving.get("/users").status_code in (200, 401), "the logout came through whole, or not at all"
    server.stop()


def test_database_is_slow(node):
    """A lock that does not end: statements time out, others go on."""
    server, world, one = node
    client = one.client()
    person = one.new_person()
    with psycopg.connect(server.database_url()) as connection:
        connection.execute("select 1 from sentinel_private.tenant_state where tenant_id = %s for update", [one.id])
        start = time.monotonic()
        answer = client.patch(f"/users/{person.id}", json={"attributes": {"a": 1}})
        assert answer.status_code == 503, answer.text
        assert time.monotonic() - start < 35
        ok(client.get("/users"))
        connection.rollback()
    ok(client.patch(f"/users/{person.id}", json={"attributes": {"a": 2}}))


def test_database_takes_no_writes(node):
    server, world, one = node
    client = one.client()
    with psycopg.connect(server.database_url("sentinel_app"), autocommit=True) as connection:
        connection.execute("alter role sentinel_app set default_transaction_read_only = on")
        cut_connections(connection)
        wait_until(lambda: client.get("/users").status_code == 200, "reads to work again", 10)
        before = one.revision()
        for _ in range(3):
            error_of(client.post("/users", json={"email": f"{unique('r')}@x.example"}), 503, "UNAVAILABLE")
        assert one.revision() == before
        ok(client.get("/users"))
        error_of(one.person("tenant_admin").try_login(), 503, "UNAVAILABLE")
        connection.execute("set default_transaction_read_only = off")
        connection.execute("alter role sentinel_app reset default_transaction_read_only")
        cut_connections(connection)
    recovers(server, client, "a read-only database")
    ok(client.post("/users", json={"email": f"{unique('r')}@x.example"}), 201)


def test_every_connection_is_cut(node):
    server, world, one = node
    client = one.client()
    for _ in range(5):
        with psycopg.connect(server.database_url("sentinel_app"), autocommit=True) as connection:
            cut_connections(connection)
        answer = client.get("/users")
        assert answer.status_code in (200, 503), answer.text
        recovers(server, client, "cut connections")


def test_no_connection_is_left(template):
    """Others hold all that PostgreSQL allows."""
    server = Server(copy_of(template), {"DB_POOL_SIZE": "2", "DB_MAX_OVERFLOW": "1", "DB_POOL_TIMEOUT": "1"})
    local = server.data / "postgres/local.conf"
    local.write_text("max_connections = 16\nsuperuser_reserved_connections = 0\n")
    local.chmod(0o644)
    held = []
    try:
        server.start()
        world = World(server)
        client = world.new_tenant().client()
        with psycopg.connect(server.database_url("sentinel_app"), autocommit=True) as cutter:
            for _ in range(40):
                try:
                    held.append(psycopg.connect(server.database_url(), connect_timeout=3))
                except psycopg.OperationalError:
                    break
            cut_connections(cutter)
            for _ in range(20):
                try:
                    held.append(psycopg.connect(server.database_url(), connect_timeout=3))
                except psycopg.OperationalError:
                    break
            answers = [client.get("/users").status_code for _ in range(5)]
            assert set(answers) <= {200, 503} and 503 in answers, answers
            assert live(server) == 200
        for connection in held:
            connection.close()
        held.clear()
        recovers(server, client, "a full database")
        server.stop()
    finally:
        for connection in held:
            connection.close()
        server.remove()


def test_schema_changes_under_the_server(node):
    server, world, one = node
    client = one.client()
    server.rows("alter table sentinel.users rename column preferences to preferences_x")
    try:
        answer = client.get("/users")
        error_of(answer, 500, "INTERNAL_ERROR")
        assert "preferences" not in answer.text
        assert live(server) == 200
    finally:
        server.rows("alter table sentinel.users rename column preferences_x to preferences")
    recovers(server, client, "a wrong schema")


def test_database_goes_away_and_comes_back(pair):
    first, second = pair
    world = World(second)
    one = world.new_tenant()
    client = one.client()
    first.stop()  # and with it PostgreSQL
    answer = client.get("/users")
    assert answer.status_code == 503, answer.text
    for body in ({"email": "a@x.example"}, {"email": "b@x.example"}):
        assert client.post("/users", json=body).status_code == 503
    assert live(second) == 200
    wait_until(lambda: ready(second) == 503, "readiness to end", 30)
    first.start()
    recovers(second, client, "a restart of PostgreSQL")
    assert ok(client.get("/users", params={"search": "a@x.example"}))["users"] == []
    second.stop()


def test_a_promoted_or_restored_database_is_noticed(start_server):
    """Another incarnation: revisions of before mean nothing, and answers name the new one."""
    server = start_server()
    world = World(server)
    one = world.new_tenant()
    person = one.new_person()
    before = one.admin.patch(f"/users/{person.id}", json={"attributes": {"a": 1}}).headers["X-Policy-Incarnation"]
    cursor = ok(world.admin.get("/tenants", params={"limit": 1}))["pagination"]["next_cursor"]
    server.rows("update sentinel_private.database_incarnation set id = replace(gen_random_uuid()::text, '-', '')")

    def incarnation():
        return one.admin.patch(f"/users/{person.id}", json={"attributes": {"a": unique("v")}}).headers.get("X-Policy-Incarnation")

    wait_until(lambda: incarnation() not in (None, before), "the new incarnation", 10, 0.2)
    assert cursor
    ok(world.admin.get("/users"))


def test_master_key_text_is_base64(template):
    """The fixtures above hand it to a second node."""
    assert len(base64.b64decode((template / "data/master.key").read_text("ascii"))) == 32
