"""What surrounds the server's process: signals during the start, limits that it inherits."""

import resource
import signal
import subprocess
from pathlib import Path

import pytest
from blackbox.server import Server, copy_of, new_folder, process_is_alive, wait_until


@pytest.fixture
def empty_server():
    server = Server(new_folder())
    yield server
    server.remove()


def has_signal_handler(process_id: int, number: int) -> bool:
    caught = next(line for line in Path(f"/proc/{process_id}/status").read_text().splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def test_stop_during_the_first_start_leaves_nothing_behind(empty_server):
    server = empty_server.spawn()
    process = server.process
    wait_until(lambda: has_signal_handler(process.pid, signal.SIGTERM), "the server to take SIGTERM", step=0.001)
    process.send_signal(signal.SIGTERM)
    database = wait_until(lambda: server.database_process() or process.poll() is not None and -1, "PostgreSQL, or the end", 60)
    assert process.wait(60) == 0, server.log()
    assert database == -1 or not process_is_alive(database)
    assert "Sentinel answers at" not in server.log()
    server.start(seconds=120)  # what was half made is completed
    server.stop()


@pytest.mark.parametrize("moment", ["database is starting", "schema"])
def test_stop_during_a_later_start(template, moment):
    server = Server(copy_of(template))
    try:
        process = server.spawn().process
        if moment == "schema":
            wait_until(lambda: server.database_process() or process.poll() is not None, "PostgreSQL", step=0.001)
        else:
            wait_until(lambda: has_signal_handler(process.pid, signal.SIGTERM), "the server to take SIGTERM", step=0.001)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, server.log()
        assert server.database_process() is None
    finally:
        server.remove()


def descriptor_limit_of(process_id: int) -> str:
    limits = Path(f"/proc/{process_id}/limits").read_text().splitlines()
    return next(line.split()[3] for line in limits if line.startswith("Max open files"))


def spawn_with_limit(server: Server, soft: int, hard: int) -> Server:
    with server.log_path.open("ab") as log:
        server.process = subprocess.Popen([server.program, "serve"], env=server.environment(), stdin=subprocess.DEVNULL, stdout=log,
                                          stderr=log, cwd=server.folder,
                                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)))
    return server


@pytest.fixture
def own_server(template):
    server = Server(copy_of(template))
    yield server
    server.remove()


def test_descriptor_limit_is_raised_to_the_hard_one(own_server):
    spawn_with_limit(own_server, 256, 20_000).wait_ready()
    assert descriptor_limit_of(own_server.process.pid) == "20000"
    assert "descriptors" not in own_server.log()
    own_server.stop()


def test_too_low_a_hard_limit_is_told(own_server):
    spawn_with_limit(own_server, 256, 512).wait_ready()
    assert descriptor_limit_of(own_server.process.pid) == "512"
    assert "MAX_CONNECTIONS and the pools need" in own_server.log()
    own_server.stop()
