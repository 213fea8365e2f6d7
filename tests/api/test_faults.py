"""What breaks around the server: each time the stated status, nothing fails open, and work again within 5 s."""

import base64
import os
import resource
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import httpx
import psycopg
import pytest

from blackbox.raw_http import connect, get, read_to_end, statuses
from blackbox.server import Server, new_folder, wait_until
from blackbox.world import World, error_of, ok, unique

RECOVERY = 5.0


def backends(server) -> list[int]:
    """Process ids of our PostgreSQL and all its children."""
    main = server.database_process()
    children = subprocess.run(["pgrep", "-P", str(main)], capture_output=True, text=True, check=False).stdout.split()
    return [main, *map(int, children)]


def live(server) -> int:
    return httpx.get(f"{server.url}/health/live", timeout=3).status_code


def recovers(server, client, what: str) -> float:
    start = time.monotonic()
    wait_until(lambda: client.get("/users").status_code == 200, f"recovery after {what}", 20, 0.05)
    seconds = time.monotonic() - start
    assert seconds < RECOVERY, f"{what}: {seconds:.1f} s"
    wait_until(lambda: httpx.get(f"{server.url}/health/ready", timeout=5).status_code == 200, "readiness", 10)
    return seconds


@pytest.fixture
def node(start_server):
    server = start_server(DB_POOL_TIMEOUT="2", MAX_STALENESS_SECONDS="3", REQUEST_TIMEOUT_SECONDS="5")
    world = World(server)
    one = world.new_tenant()
    one.client()
    return server, world, one


def test_database_stands_still(node):
    """SIGSTOP of every process of PostgreSQL."""
    server, world, one = node
    client = one.client()
    stopped = backends(server)
    for process in stopped:
        os.kill(process, signal.SIGSTOP)
    try:
        start = time.monotonic()
        answer = client.get("/users")
        assert answer.status_code == 503, answer.text
        assert time.monotonic() - start < 35
        assert live(server) == 200
        wait_until(lambda: httpx.get(f"{server.url}/health/ready", timeout=5).status_code == 503, "/health/ready to say so", 30)
        # Who may call cannot be known any more: refused, never let through.
        wait_until(lambda: client.get("/auth/validate").status_code == 503, "revocations to be too old", 20)
    finally:
        for process in stopped:
            os.kill(process, signal.SIGCONT)
    recovers(server, client, "SIGSTOP of PostgreSQL")


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
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'sentinel_app' and pid <> pg_backend_pid()")
        wait_until(lambda: client.get("/users").status_code == 200, "reads to work again", 10)
        before = one.revision()
        for _ in range(3):
            error_of(client.post("/users", json={"email": f"{unique('r')}@x.example"}), 503, "UNAVAILABLE")
        assert one.revision() == before
        ok(client.get("/users"))
        answer = one.person("viewer").try_login() if "viewer" in one._of_role else one.person("tenant_admin").try_login()
        error_of(answer, 503, "UNAVAILABLE")
        connection.execute("set default_transaction_read_only = off")
        connection.execute("alter role sentinel_app reset default_transaction_read_only")
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'sentinel_app' and pid <> pg_backend_pid()")
    recovers(server, client, "a read-only database")
    ok(client.post("/users", json={"email": f"{unique('r')}@x.example"}), 201)


def test_every_connection_is_cut(node):
    server, world, one = node
    client = one.client()
    for _ in range(5):
        with psycopg.connect(server.database_url("sentinel_app"), autocommit=True) as connection:
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'sentinel_app' and pid <> pg_backend_pid()")
        answer = client.get("/users")
        assert answer.status_code in (200, 503), answer.text
        recovers(server, client, "cut connections")


def test_no_connection_is_left(template):
    """Others hold all that PostgreSQL allows."""
    from blackbox.server import copy_of

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
            cutter.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'sentinel_app' and pid <> pg_backend_pid()")
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
        assert answer.status_code in (500, 503), answer.text
        assert "preferences" not in answer.text
        assert live(server) == 200
    finally:
        server.rows("alter table sentinel.users rename column preferences_x to preferences")
    recovers(server, client, "a wrong schema")


def test_no_descriptor_is_left(node):
    """EMFILE: no crash, no spinning, and service again once some are free."""
    server, world, one = node
    client = one.client()
    ok(client.get("/auth/me"))
    process = server.process.pid
    limits = resource.prlimit(process, resource.RLIMIT_NOFILE)
    used = len(os.listdir(f"/proc/{process}/fd"))
    resource.prlimit(process, resource.RLIMIT_NOFILE, (used + 6, limits[1]))
    held = []
    try:
        for _ in range(40):
            try:
                held.append(connect(server, 2))
            except OSError:
                break
        # The connection that is there goes on; the database may need a new one.
        assert client.get("/auth/me").status_code in (200, 503)
        before = sum(os.times()[2:4]), cpu_seconds(process)
        time.sleep(1)
        assert cpu_seconds(process) - before[1] < 0.6, "it spins"
    finally:
        resource.prlimit(process, resource.RLIMIT_NOFILE, limits)
        for connection in held:
            connection.close()
    assert server.process.poll() is None
    start = time.monotonic()
    wait_until(lambda: read_status(server) == 200, "new connections", 10)
    assert time.monotonic() - start < RECOVERY


def cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def read_status(server) -> int | None:
    try:
        with connect(server, 2) as client:
            client.sendall(get("/health/live", "Connection: close"))
            found = statuses(read_to_end(client))
            return found[0] if found else None
    except OSError:
        return None


def test_sigterm_under_load_answers_what_arrived(start_server):
    for _ in range(3):
        server = start_server()
        lost, answered, stop = [], [0], threading.Event()

        def ask():
            while not stop.is_set():
                try:
                    client = socket.create_connection(("127.0.0.1", server.port), 5)
                except OSError:
                    return  # the listener is closed
                with client:
                    try:
                        client.sendall(get("/api/v1/auth/password-requirements", "Connection: close"))
                    except OSError:
                        continue  # refused before the bytes were there
                    received = read_to_end(client)
                if received.startswith((b"HTTP/1.1 200", b"HTTP/1.1 503")):
                    answered[0] += 1
                else:
                    lost.append(received[:80])

        threads = [threading.Thread(target=ask) for _ in range(16)]
        for thread in threads:
            thread.start()
        wait_until(lambda: answered[0] > 200, "load", 20)
        server.stop()
        stop.set()
        for thread in threads:
            thread.join(10)
        assert not lost, f"{len(lost)} requests were not answered, {answered[0]} were"


def test_sigterm_lets_a_running_write_finish(start_server):
    server = start_server()
    world = World(server)
    one = world.new_tenant()
    person = one.new_person()
    results = []
    with psycopg.connect(server.database_url()) as connection:
        connection.execute("select 1 from sentinel_private.tenant_state where tenant_id = %s for update", [one.id])
        thread = threading.Thread(target=lambda: results.append(one.admin.patch(f"/users/{person.id}", json={"attributes": {"a": 1}})))
        thread.start()
        wait_until(lambda: server.value("select count(*) from pg_locks where not granted"), "the write to wait for the lock", 10)
        process = server.process
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: is_draining(server), "draining", 5)
        connection.rollback()
    thread.join(10)
    assert results and results[0].status_code in (200, 503), results
    assert process.wait(20) == 0
    server.process = None


def is_draining(server) -> bool:
    try:
        return httpx.get(f"{server.url}/health/ready", timeout=2).status_code == 503
    except httpx.TransportError:
        return True  # the listener is closed


@pytest.fixture
def pair(template, start_server):
    """Two nodes on one database; the first keeps it."""
    first = start_server()
    second = Server(new_folder(), {"DATABASE_URL": first.database_url("sentinel_app"), "DATABASE_OWNER_URL": first.database_url(),
                                   "MASTER_KEY": (first.data / "master.key").read_text("ascii").strip(), "MAX_STALENESS_SECONDS": "3",
                                   "DB_POOL_TIMEOUT": "2", "AUTO_MIGRATE": "false"})
    try:
        second.start()
        yield first, second
    finally:
        second.remove()


def test_what_ends_here_ends_on_the_other_node_within_a_second(pair):
    """S07."""
    first, second = pair
    one = World(first).new_tenant()
    there = World(second)
    for _ in range(3):
        person = one.new_person(["auditor"])
        client = person.fresh_client()
        other_node = there.client_for(client.token)
        wait_until(lambda: other_node.get("/users").status_code == 200, "the second node to know the person", 5)
        ok(client.post("/auth/logout"))
        start = time.monotonic()
        wait_until(lambda: other_node.get("/users").status_code == 401, "the logout to arrive", 5, 0.02)
        assert time.monotonic() - start <= 1.1


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
    wait_until(lambda: httpx.get(f"{second.url}/health/ready", timeout=5).status_code == 503, "readiness to end", 30)
    first.start()
    recovers(second, client, "a restart of PostgreSQL")
    assert ok(client.get("/users", params={"search": "a@x.example"}))["users"] == []
    second.stop()


def test_a_node_that_stood_still_does_not_fail_open(pair):
    """SIGSTOP of a node: what ended meanwhile is refused by its first answer."""
    first, second = pair
    one = World(first).new_tenant()
    person = one.new_person(["auditor"])
    client = person.fresh_client()
    other_node = World(second).client_for(client.token)
    wait_until(lambda: other_node.get("/users").status_code == 200, "the second node to know the person", 5)
    second.process.send_signal(signal.SIGSTOP)
    ok(client.post("/auth/logout"))
    time.sleep(4)  # longer than MAX_STALENESS_SECONDS
    second.process.send_signal(signal.SIGCONT)
    assert other_node.get("/users").status_code in (401, 503)
    wait_until(lambda: other_node.get("/users").status_code == 401, "the node to be up to date", RECOVERY)
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
