"""S09: how long a refused login takes does not tell whether the account exists."""

import json
import math
import random
import socket
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from blackbox.raw_http import connect, statuses
from blackbox.server import IS_LONG
from blackbox.world import PASSWORD, World, error_of, new_address, ok, unique

WRONG = "Wrong-Kettle-42-Orbit"


def hashing_seconds(server) -> float:
    """What the threads that hash have run, of all threads the ones at nice 19."""
    total = 0
    for thread in Path(f"/proc/{server.process.pid}/task").iterdir():
        niceness = (thread / "stat").read_text("ascii").rsplit(")", 1)[1].split()[16]
        if niceness == "19":
            total += int((thread / "schedstat").read_text("ascii").split()[0])
    return total / 1e9


def test_s09_every_refused_login_hashes_once(start_server):
    """Work, not time: Argon2 is nearly all of it, and noise of the machine is no work."""
    server = start_server(ARGON2_MEMORY_KIB="8192", MAX_LOGIN_ATTEMPTS="100", RATE_LIMIT_ENABLED="false")
    world = World(server)
    one, suspended = world.new_tenant(), world.new_tenant()
    known, inactive, invited, inside = one.new_person(), one.new_person(is_active=False), one.new_person(password=None), suspended.new_person()
    account = one.new_account()
    ok(world.admin.post(f"/tenants/{suspended.id}/deactivate"))
    kinds = {
        "wrong password": lambda: (known.email, WRONG, one.code), "unknown person": lambda: (f"{unique('no')}@x.example", WRONG, one.code),
        "unknown tenant": lambda: (known.email, WRONG, "NO-SUCH"), "inactive": lambda: (inactive.email, PASSWORD, one.code),
        "invited": lambda: (invited.email, WRONG, one.code), "service account": lambda: (account.made["email"], WRONG, one.code),
        "suspended tenant": lambda: (inside.email, PASSWORD, suspended.code),
    }
    hashed = dict.fromkeys(kinds, 0.0)
    with world.anonymous() as client:
        for _ in range(12):
            for kind, make in kinds.items():
                email, password, code = make()
                before = hashing_seconds(server)
                error_of(client.post("/auth/login", json={"email": email, "password": password, "tenant_code": code}), 401, "AUTH_FAILED")
                hashed[kind] += hashing_seconds(server) - before
    typical = statistics.median(hashed.values())
    assert typical > 0.012, "Argon2 of 8 MiB takes more than a millisecond"
    assert all(0.6 < seconds / typical < 1.5 for seconds in hashed.values()), hashed  # none and two would be 0 and 2
    server.stop()


def kolmogorov_smirnov(one: list[float], two: list[float]) -> tuple[float, float]:
    """The greatest distance of the two distributions, and how likely chance alone makes it as great (asymptotic)."""
    values = sorted([(value, 0) for value in one] + [(value, 1) for value in two])
    seen, distance = [0, 0], 0.0
    for place, (value, which) in enumerate(values):
        seen[which] += 1
        if place + 1 == len(values) or values[place + 1][0] != value:
            distance = max(distance, abs(seen[0] / len(one) - seen[1] / len(two)))
    size = math.sqrt(len(one) * len(two) / (len(one) + len(two)))
    reach = (size + 0.12 + 0.11 / size) * distance
    chance = 2 * sum((-1) ** (term - 1) * math.exp(-2 * (reach * term) ** 2) for term in range(1, 101))
    return distance, min(1.0, max(0.0, chance)) if reach > 0.2 else 1.0


def test_kolmogorov_smirnov_tells_what_it_should():
    chance = random.Random(9)
    one, two = ([chance.gauss(10, 1) for _ in range(2000)] for _ in range(2))
    assert kolmogorov_smirnov(one, two)[1] > 0.01
    assert kolmogorov_smirnov(one, [value + 0.2 for value in two])[1] < 0.01
    assert kolmogorov_smirnov([1.0, 2.0], [3.0, 4.0])[0] == 1.0


def login_request(email: str, code: str) -> bytes:
    body = json.dumps({"email": email, "password": WRONG, "tenant_code": code}).encode()
    return (f"POST /api/v1/auth/login HTTP/1.1\r\nHost: sentinel.test\r\nContent-Type: application/json\r\n"
            f"X-Forwarded-For: {new_address()}\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body


def timed(server, one, emails: dict[str, list[str]]) -> dict[str, list[float]]:
    """Each account once with a wrong password, in random order over one connection; a client library would add its own noise."""
    tries = [(kind, login_request(email, one.code)) for kind, some in emails.items() for email in some]
    random.shuffle(tries)
    times: dict[str, list[float]] = {kind: [] for kind in emails}
    with connect(server, 30) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for kind, request in tries:
            start = time.perf_counter()
            client.sendall(request)
            answer = client.recv(65536)
            times[kind].append(time.perf_counter() - start)
            assert statuses(answer) == [401], answer
    return times


def test_s09_times_of_existing_and_absent_accounts(start_server):
    """Shuffled into one run, so that both see the same noise. Chance alone fails one run in a hundred, hence two of them."""
    samples, least_chance, most_apart = (2000, 0.01, 0.05) if IS_LONG else (150, 1e-6, 0.25)
    server = start_server(ARGON2_MEMORY_KIB=None, ARGON2_ITERATIONS=None, RATE_LIMIT_ENABLED="false")  # the product's own cost
    one = World(server).new_tenant(settings={"max_users": 10_000})
    with ThreadPoolExecutor(4) as pool:
        existing = list(pool.map(lambda _: one.new_person().email, range(samples)))
    absent = [f"{unique('person')}@{one.code.lower()}.example" for _ in range(samples)]
    runs = []
    for _ in range(2):
        times = timed(server, one, {"existing": existing, "absent": absent})
        medians = {kind: statistics.median(values) for kind, values in times.items()}
        distance, chance = kolmogorov_smirnov(times["existing"], times["absent"])
        runs.append(f"medians {medians['existing'] * 1000:.3f} and {medians['absent'] * 1000:.3f} ms, D {distance:.4f}, p {chance:.2g}")
        if abs(medians["absent"] / medians["existing"] - 1) <= most_apart and chance > least_chance:
            break
    else:
        pytest.fail(f"login tells who exists: {runs}")
    print(f"S09, {samples} samples each: {runs}")
    server.stop()
