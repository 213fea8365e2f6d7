"""What a flood costs the server, and others."""

import os
import time
from pathlib import Path

import httpx

LEAST_MS = 50  # below it the scheduler of a busy machine is what is measured


def tell(text: str) -> None:
    """A figure for whoever reads the run's output."""
    print(f"\n{text}")
    folder = os.environ.get("SENTINEL_TEST_LOGS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with (Path(folder) / "figures.txt").open("a", encoding="utf-8") as figures:
            figures.write(f"{text}\n")


def milliseconds_of(client: httpx.Client, count: int, pause: float = 0) -> list[float]:
    """Sorted times of normal requests, each of which must succeed."""
    taken = []
    for _ in range(count):
        start = time.perf_counter()
        answer = client.get("/auth/me")
        taken.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200, answer.text
        time.sleep(pause)
    return sorted(taken)


def p99(taken: list[float]) -> float:
    return taken[len(taken) * 99 // 100]


def check_quick(idle: list[float], busy: list[float], what: str) -> None:
    """S22: at most twice the time."""
    tell(f"{what}: p50 {busy[len(busy) // 2]:.1f} ms, p99 {p99(busy):.1f} ms; idle p99 {p99(idle):.1f} ms")
    assert p99(busy) <= max(2 * p99(idle), LEAST_MS), (p99(idle), p99(busy))


def descriptors(server) -> int:
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def resident_mebibytes(server) -> float:
    with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
