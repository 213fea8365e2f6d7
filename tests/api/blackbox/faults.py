"""What the tests of faults share."""

import os
import subprocess
import time
from pathlib import Path

import httpx
import psycopg

from .server import IS_LONG, Server, wait_until

RECOVERY = 5.0
PAUSE = 30.0 if IS_LONG else 4.0  # longer than the MAX_STALENESS_SECONDS of these tests


def backends(server: Server) -> list[int]:
    """Process ids of our PostgreSQL and all its children."""
    main = server.database_process()
    children = subprocess.run(["pgrep", "-P", str(main)], capture_output=True, text=True, check=False).stdout.split()
    return [main, *map(int, children)]


def live(server: Server) -> int:
    return httpx.get(f"{server.url}/health/live", timeout=3).status_code


def ready(server: Server) -> int:
    return httpx.get(f"{server.url}/health/ready", timeout=5).status_code


def works_everywhere(client) -> bool:
    """On the connection that is there and on new ones, which come to all of the workers."""
    if client.get("/users").status_code != 200:
        return False
    for _ in range(8):
        with client.with_() as fresh:
            if fresh.get("/users").status_code != 200:
                return False
    return True


def recovers(server: Server, client, what: str) -> float:
    start = time.monotonic()
    wait_until(lambda: works_everywhere(client), f"recovery after {what}", 20, 0.05)
    seconds = time.monotonic() - start
    assert seconds < RECOVERY, f"{what}: {seconds:.1f} s"
    wait_until(lambda: ready(server) == 200, "readiness", 10)
    return seconds


def cut_connections(connection: psycopg.Connection) -> None:
    """All of the program's but this one."""
    connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'sentinel_app' and pid <> pg_backend_pid()")


def cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
