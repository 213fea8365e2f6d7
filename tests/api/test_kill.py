"""kill -9 of the server, and of PostgreSQL, under write load: nothing that was acknowledged is lost, nothing is half there."""

import os
import random
import signal
import time

import pytest

from blackbox.load import WriteLoad, check_everything
from blackbox.server import IS_LONG, process_is_alive, wait_until
from blackbox.world import World, ok

MOMENTS = 50 if IS_LONG else 10


@pytest.fixture(scope="module")
def seed():
    return random.Random(4)


def wait_for_writes(load: WriteLoad, count: int) -> None:
    target = len(load.acknowledged) + count
    wait_until(lambda: len(load.acknowledged) >= target, f"{count} more acknowledged writes: {load.unexpected[-3:]}", 30)


def test_kill_the_server(start_server, seed):
    server = start_server()
    world = World(server)
    tenants = [world.new_tenant() for _ in range(2)]
    with WriteLoad(server, tenants, world.admin.token) as load:
        for _ in range(MOMENTS):
            wait_for_writes(load, 5)
            time.sleep(seed.random() * 0.2)  # a moment of its own each time
            server.kill()
            server.start()
        wait_for_writes(load, 5)
    assert not load.unexpected, load.unexpected[:5]
    assert check_everything(server, load.acknowledged) > MOMENTS * 5
    ok(world.admin.get("/auth/me"))
    server.stop()


def test_kill_postgres(start_server, seed):
    server = start_server()
    world = World(server)
    tenants = [world.new_tenant() for _ in range(2)]
    longest = 0.0
    with WriteLoad(server, tenants, world.admin.token) as load:
        for _ in range(MOMENTS):
            wait_for_writes(load, 5)
            time.sleep(seed.random() * 0.2)
            database = server.database_process()
            os.kill(database, signal.SIGKILL)
            start = time.monotonic()
            wait_until(lambda: not process_is_alive(database) and server.database_process(), "PostgreSQL to be started again", 20)
            wait_for_writes(load, 1)
            longest = max(longest, time.monotonic() - start)
    assert longest < 5, f"recovery took {longest:.1f} s"
    assert not load.unexpected, load.unexpected[:5]
    assert check_everything(server, load.acknowledged) > MOMENTS * 5
    server.stop()


def test_kill_both(start_server, seed):
    """The machine goes down."""
    server = start_server()
    world = World(server)
    tenants = [world.new_tenant() for _ in range(2)]
    with WriteLoad(server, tenants, world.admin.token) as load:
        for _ in range(2):
            wait_for_writes(load, 10)
            database = server.database_process()
            server.process.send_signal(signal.SIGSTOP)  # so that it does not start PostgreSQL again meanwhile
            os.kill(database, signal.SIGKILL)
            server.kill()
            wait_until(lambda: not process_is_alive(database), "PostgreSQL to be gone")
            server.start()
        wait_for_writes(load, 5)
    assert check_everything(server, load.acknowledged) > 20
    server.stop()
