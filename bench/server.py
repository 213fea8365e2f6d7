"""Requests a second of a running server beside nginx's, and what logins cost others. Called by bench/server.sh."""

import argparse
import asyncio
import json
import multiprocessing
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from statistics import median

import page
from page import ROOT

sys.path.insert(0, str(ROOT / "tests/api"))
from blackbox.server import ADMIN_EMAIL, ADMIN_PASSWORD, Server, new_folder  # noqa: E402

import httpx  # noqa: E402

NGINX = "http://127.0.0.1:18999/plain"
# The limits are counted but not reached; hashing costs what it costs in production.
NO_LIMIT = str(10**9)
SETTINGS = {name: NO_LIMIT for name in ("RATE_LIMIT_PER_MINUTE", "RATE_LIMIT_PER_HOUR", "RATE_LIMIT_TENANT_PER_MINUTE",
                                        "RATE_LIMIT_PRINCIPAL_PER_MINUTE")}
SETTINGS |= {"LOG_LEVEL": "WARNING", "ARGON2_MEMORY_KIB": None, "ARGON2_ITERATIONS": None}
LOGIN = {"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD, "tenant_code": "PLATFORM"}
# Who logs in again and again loses the oldest sessions: not the administrator, whose token is measured with.
CROWD = {**LOGIN, "email": "crowd@sentinel.example"}
LOGINS_A_SECOND = 200
PROBE_PAUSE = 0.002


@contextmanager
def nginx():
    configuration = str(ROOT / "bench/http_nginx.conf")
    subprocess.run(["nginx", "-c", configuration], check=True)
    try:
        yield
    finally:
        subprocess.run(["nginx", "-c", configuration, "-s", "stop"], check=True, stderr=subprocess.DEVNULL)


@contextmanager
def sentinel():
    server = Server(new_folder(), SETTINGS)
    try:
        yield server.start()
        server.stop()
    finally:
        server.remove()


def wrk(url: str, seconds: int, *options: str) -> float:
    command = ["wrk", "-t2", "-c64", f"-d{seconds}", *options, url]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    output = done.stdout + done.stderr
    if done.returncode != 0 or "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(f"{' '.join(command[:4])} {url}:\n{output}")
    return float(re.search(r"Requests/sec:\s*([0-9.]+)", output)[1])


def log_in(server: Server, credentials: dict) -> dict:
    answer = httpx.post(f"{server.url}/api/v1/auth/login", json=credentials, timeout=30)
    answer.raise_for_status()
    return answer.json()


def make_crowd(server: Server, token: str) -> None:
    person = {"email": CROWD["email"], "username": "crowd", "password": CROWD["password"]}
    httpx.post(f"{server.url}/api/v1/users", json=person, headers={"Authorization": f"Bearer {token}"}, timeout=30).raise_for_status()


def throughput(server: Server, tokens: dict, small: str, seconds: int, rounds: int) -> dict[str, list[float]]:
    """Each target once a round, so that a busy moment of the machine hits them all."""
    token = ("-H", f"Authorization: Bearer {tokens['access_token']}")
    api = f"{server.url}/api/v1"
    targets = {
        "nginx, `return 200`": (NGINX,),
        "`GET /auth/validate`: typed endpoint, token, rate limits; a person without scopes": (f"{api}/auth/validate", "-H", f"Authorization: Bearer {small}"),
        "the same, the administrator's 33 scopes in the answer (1 KB)": (f"{api}/auth/validate", *token),
        "`GET /users/{id}`: a read, with scope": (f"{api}/users/{tokens['user']['id']}", *token),
        "`PATCH /users/me`: a write, audited; all of one tenant": (f"{api}/users/me", *token, "-H", "Content-Type: application/json", "-s",
                                                                  str(ROOT / "bench/http_change.lua")),
    }
    measured: dict[str, list[float]] = {name: [] for name in targets}
    for number in range(rounds):
        for name, (url, *options) in targets.items():
            measured[name].append(wrk(url, seconds, *options))
            print(f"{number + 1} {name}: {measured[name][-1]:,.0f}/s", file=sys.stderr)
    return measured


def probe(server: Server, token: str, seconds: float) -> list[float]:
    """Times of requests sent one after the other with a pause between, in ms."""
    text = f"GET /api/v1/auth/validate HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    times = []
    end = time.monotonic() + seconds
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.monotonic() < end:
            start = time.perf_counter()
            client.sendall(text)
            answer = client.recv(65536)
            times.append((time.perf_counter() - start) * 1000)
            if not answer.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(f"the probe was answered with {answer[:200]!r}")
            time.sleep(PROBE_PAUSE)
    return sorted(times)


async def log_in_once(port: int, text: bytes, statuses: dict) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text)
    status = (await reader.readline()).split(b" ")[1].decode()
    statuses[status] = statuses.get(status, 0) + 1
    writer.close()


async def offer_logins(port: int, seconds: float) -> dict:
    """At a steady rate, whatever became of those before."""
    body = json.dumps(CROWD).encode()
    # Each from an address of its own: an address may log in only so often.
    text = (b"POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n"
            b"X-Forwarded-For: 10.0.%d.%d\r\nContent-Length: " + b"%d\r\n\r\n%s" % (len(body), body.replace(b"%", b"%%")))
    statuses: dict[str, int] = {}
    sent = []
    start = time.monotonic()
    for number in range(int(seconds * LOGINS_A_SECOND)):
        await asyncio.sleep(max(0.0, start + number / LOGINS_A_SECOND - time.monotonic()))
        sent.append(asyncio.ensure_future(log_in_once(port, text % divmod(number, 256), statuses)))
    for outcome in await asyncio.gather(*sent, return_exceptions=True):
        if isinstance(outcome, Exception):
            name = type(outcome).__name__
            statuses[name] = statuses.get(name, 0) + 1
    return statuses


def _offer(port: int, seconds: float, results) -> None:
    results.put(asyncio.run(offer_logins(port, seconds)))


def beside_logins(server: Server, token: str, seconds: float) -> tuple[list[float], list[float], dict]:
    idle = probe(server, token, seconds)
    results = multiprocessing.Queue()
    crowd = multiprocessing.Process(target=_offer, args=(server.port, seconds + 2, results))
    crowd.start()
    time.sleep(1)  # not measured: the queue of the hasher fills
    busy = probe(server, token, seconds)
    statuses = results.get(timeout=120)
    crowd.join()
    return idle, busy, statuses


def percentile(times: list[float], part: float) -> float:
    return times[min(len(times) - 1, int(len(times) * part))]


def section(measured: dict[str, list[float]], idle: list[float], busy: list[float], statuses: dict, seconds: int) -> str:
    first = next(iter(measured))
    lines = ["## HTTP", "", f"Made by `bench/server.sh` on {page.machine()}: `wrk -t2 -c64 -d{seconds}`, server, PostgreSQL and wrk on the same "
             "cores, nginx's turn in the same rounds. Median of the rounds; the ratio is the median of each round's.", "",
             "| request | a second: median (min-max) | of nginx |", "|---|---|---|"]
    for name, rates in measured.items():
        ratio = median(rate / base for rate, base in zip(rates, measured[first]))
        lines.append(f"| {name} | {median(rates):,.0f} ({min(rates):,.0f}-{max(rates):,.0f}) | {ratio:.2f} |")
    lines += ["", f"Beside logins (Argon2id as in production, {LOGINS_A_SECOND} a second offered), `GET /auth/validate` one at a time:", "",
              "| | requests | p50 | p99 |", "|---|---|---|---|"]
    for name, times in (("idle", idle), ("with logins", busy)):
        lines.append(f"| {name} | {len(times):,} | {percentile(times, 0.5):.2f} ms | {percentile(times, 0.99):.2f} ms |")
    told = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    lines += ["", f"p99 with logins is {percentile(busy, 0.99) / percentile(idle, 0.99):.1f} times the idle one. The logins were answered: {told}."]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/server.sh", description="`sentinel serve` beside nginx; writes a section of docs/benchmarks.md.")
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-page", action="store_true", help="only print it")
    options = parser.parse_args()
    with nginx(), sentinel() as server:
        tokens = log_in(server, LOGIN)
        make_crowd(server, tokens["access_token"])
        small = log_in(server, CROWD)["access_token"]
        measured = throughput(server, tokens, small, options.seconds, options.rounds)
        text = section(measured, *beside_logins(server, tokens["access_token"], options.seconds * 2), options.seconds)
    print(text)
    if not options.no_page:
        page.write_server_section(text)


if __name__ == "__main__":
    main()
