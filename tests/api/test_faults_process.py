"""What happens to the process itself: each time the stated status, nothing fails open, and work again within 5 s."""

import os
import resource
import signal
import socket
import threading
import time

import httpx
import psycopg
import pytest

from blackbox.faults import PAUSE, RECOVERY, cpu_seconds
from blackbox.load import WriteLoad, check_everything
from blackbox.raw_http import connect, get, read_to_end, statuses
from blackbox.server import wait_until
from blackbox.world import World, done_or_unavailable, ok, unique


@pytest.fixture
def filled(start_server):
    """A server whose workers hold all the connections that they may have: none of them needs a new one."""
    server = start_server(DB_POOL_SIZE="4", DB_MAX_OVERFLOW="0")
    client = World(server).new_tenant().client()
    stop = threading.Event()

    def ask():
        while not stop.is_set():
            with World(server).client_for(client.token) as one:
                one.get("/users")

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: server.value("select count(*) from pg_stat_activity where usename = 'sentinel_app'") == 4, "full pools", 20)
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)
    return server, client


def descriptors(process: int) -> int:
    return len(os.listdir(f"/proc/{process}/fd"))


def test_no_descriptor_is_left(filled):
    """EMFILE: no crash, no spinning, and service again once some are free."""
    server, client = filled
    ok(client.get("/users"))
    process = server.process.pid
    limits = resource.prlimit(process, resource.RLIMIT_NOFILE)
    held = []
    try:
        limit = descriptors(process) + 6
        resource.prlimit(process, resource.RLIMIT_NOFILE, (limit, limits[1]))
        for _ in range(40):
            try:
                held.append(connect(server, 2))
            except OSError:
                break
        wait_until(lambda: descriptors(process) >= limit, "the last descriptor to be taken", 5)
        for _ in range(20):  # the connections that are there go on, those to the database, too
            ok(client.get("/users"))
        ok(client.post("/users", json={"email": f"{unique('fd')}@x.example"}), 201)
        before = cpu_seconds(process)
        start = time.monotonic()
        wait_until(lambda: time.monotonic() - start >= 1, "a second to be measured", 5)
        assert cpu_seconds(process) - before < 0.6, "it spins"
    finally:
        resource.prlimit(process, resource.RLIMIT_NOFILE, limits)
        for connection in held:
            connection.close()
    assert server.process.poll() is None
    start = time.monotonic()
    wait_until(lambda: read_status(server) == 200, "new connections", 10)
    assert time.monotonic() - start < RECOVERY
    server.stop()


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
    assert results and results[0].status_code == 200, results
    assert process.wait(20) == 0
    server.process = None


def is_draining(server) -> bool:
    try:
        return httpx.get(f"{server.url}/health/ready", timeout=2).status_code == 503
    except httpx.TransportError:
        return True  # the listener is closed


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


def test_a_node_that_stood_still_does_not_fail_open(pair):
    """SIGSTOP of a node under writes: what ended meanwhile is refused by each of its answers.

    It may hold the lock of the tenant that it was writing to: there the others are refused, elsewhere they go on."""
    first, second = pair
    here, there = World(first), World(second)
    one, busy = here.new_tenant(), here.new_tenant()
    victim = busy.new_person()
    client = one.new_person(["auditor"]).fresh_client()
    other_node = there.client_for(client.token)
    wait_until(lambda: other_node.get("/users").status_code == 200, "the second node to know the person", 5)
    answers = []
    with WriteLoad(first, [one], here.admin.token, threads=1) as beside, WriteLoad(second, [busy], here.admin.token, threads=2) as load:
        wait_until(lambda: len(load.acknowledged) > 20, "writes")
        with connect(second, PAUSE + 30) as waiting:
            second.process.send_signal(signal.SIGSTOP)
            start = time.monotonic()
            try:
                ok(client.post("/auth/logout"))
                # Arrives while the node stands still; with it, whoever is there already.
                waiting.sendall(get("/api/v1/users", f"Authorization: Bearer {client.token}", "Connection: close"))
                written = len(beside.acknowledged)
                wait_until(lambda: len(beside.acknowledged) > written + 20, "the first node to go on", 15)
                sent = time.monotonic()
                done_or_unavailable(busy.admin.patch(f"/users/{victim.id}", json={"attributes": {"a": 1}}))
                assert time.monotonic() - sent < 15, "lock_timeout is 5 s"
                wait_until(lambda: time.monotonic() - start >= PAUSE, "the pause to be over", PAUSE + 5)
                written = len(load.acknowledged)
            finally:
                second.process.send_signal(signal.SIGCONT)
            start = time.monotonic()
            while not answers or answers[-1] != 401:
                answers.append(other_node.get("/users").status_code)
                assert time.monotonic() - start < RECOVERY, answers
            answers += statuses(read_to_end(waiting))
        wait_until(lambda: len(load.acknowledged) > written, "writes again", 20)
        assert time.monotonic() - start < RECOVERY
    assert set(answers) <= {401, 503}, answers
    assert not load.unexpected and not beside.unexpected, (load.unexpected + beside.unexpected)[:5]
    check_everything(first, load.acknowledged + beside.acknowledged)
    second.stop()
