"""S21, S22 on the whole server; the corpora's exact expectations are tested in tests/http."""

import base64
import json
import socket
import time

import pytest

from blackbox.raw_http import connect, exchange, get, read_to_end, statuses
from blackbox.server import ROOT
from blackbox.world import World, error_of, ok

SETS = ROOT.parent / "shared/vectors/http"


def rows(name):
    path = SETS / name
    return json.loads(path.read_text("utf-8"))["cases"] if path.exists() else []


@pytest.mark.parametrize("row", [row for row in rows("attack_requests.json") if "wait" not in row["expect"]], ids=lambda row: row["id"])
def test_s21_attack(server, row):
    """Never a 5xx of ours, never two readings: what a refused message trails is not answered."""
    request = base64.b64decode(row["request_base64"])
    with connect(server, 5) as client:
        try:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        received = read_to_end(client)
    if request.startswith(b"HEAD"):
        return
    found = statuses(received)
    assert len(found) <= row.get("max_responses", row.get("responses", 2)), found
    assert all(status < 500 or status in (501, 505) for status in found), found
    assert server.process.poll() is None


def test_s21_llhttp(server):
    for row in rows("llhttp_requests.json"):
        received = exchange(server, base64.b64decode(row["request_base64"]), timeout=5)
        assert not received.startswith((b"HTTP/1.1 500", b"HTTP/1.1 502")), row["name"]
    assert server.process.poll() is None


@pytest.mark.parametrize("path, status", [
    ("/api/v1/users/", 401), ("/api/v1/users//", 400), ("/api/v1//users", 400), ("/api/v1/./users", 400), ("/api/v1/x/../users", 400),
    ("/api/v1/%2e%2e/users", 400), ("/api/v1/users%2fme", 400), ("/api/v1/users%5cme", 400), ("/api/v1/users/%00", 400),
    ("/api/v1/Users", 404), ("/api/v2/users", 404), ("/api/v1/users;x=1", 404), ("/api/v1/%c0%ae", 400), ("/API/V1/users", 404),
    ("/api/v1/%75sers", 401), ("/api/v1/users\\me", 400), ("/health/live", 200), ("/api/v1/health", 200), ("/metrics", 404),
])
def test_s21_paths(server, path, status):
    assert statuses(exchange(server, get(path, "Connection: close"))) == [status]


def test_s21_limits(server):
    assert statuses(exchange(server, get("/health/live?" + "a" * 8300))) == [414]
    assert statuses(exchange(server, get("/health/live", "X-Long: " + "a" * 17000))) == [431]
    assert statuses(exchange(server, get("/health/live", *[f"X-{number}: a" for number in range(101)]))) == [431]
    assert statuses(exchange(server, b"GET /health/live HTTP/1.1\r\nHost: a\r\nX-N : a\r\n\r\n")) == [400]
    assert statuses(exchange(server, b"GET /health/live HTTP/1.1\r\n\r\n")) == [400]


def test_s21_token_twice(server, tenant):
    token = tenant.client().token
    request = get("/api/v1/auth/me", f"Authorization: Bearer {token}", f"Authorization: Bearer {token}")
    assert statuses(exchange(server, request))[0] in (400, 401)


def test_s21_pipelining_is_answered_in_order(server):
    request = get("/health/live") + get("/api/v1/users") + get("/nowhere") + get("/health/live", "Connection: close")
    assert statuses(exchange(server, request)) == [200, 401, 404, 200]


def test_s21_host_header_is_in_no_link(server, tenant):
    """Links come from PUBLIC_URL or are relative."""
    client = tenant.client()
    answer = client.get("/users", params={"limit": 1}, headers={"Host": "evil.example"})
    assert "evil.example" not in answer.text + repr(answer.headers)


def test_s22_slow_header_and_slow_body_end(start_server):
    server = start_server(HEADER_TIMEOUT_SECONDS="1", REQUEST_TIMEOUT_SECONDS="2", IDLE_TIMEOUT_SECONDS="2")
    login = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    for beginning, limit in ((b"GET /health/live HT", 5), (login, 6), (b"", 6)):
        with connect(server, 15) as client:
            client.sendall(beginning)
            start = time.monotonic()
            received = read_to_end(client)
            assert time.monotonic() - start < limit
            assert received == b"" or statuses(received) == [408]


def test_s22_connections_of_one_address(start_server):
    server = start_server(MAX_CONNECTIONS_PER_ADDRESS="8", TRUSTED_PROXIES=None)
    held = [connect(server) for _ in range(8)]
    for client in held:
        client.sendall(b"GET /hea")
    received = exchange(server, get("/health/live"), timeout=5)
    assert received == b"" or statuses(received) == [503]
    for client in held:
        client.close()
    for _ in range(100):
        if exchange(server, get("/health/live", "Connection: close"), timeout=5).startswith(b"HTTP/1.1 200"):
            break
        time.sleep(0.05)
    else:
        raise AssertionError("no connection was taken after the others had closed")


def test_s22_slow_readers_do_not_stop_others(start_server):
    server = start_server()
    world = World(server)
    held = []
    for _ in range(100):
        client = connect(server)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        client.sendall(get("/openapi.json") * 20)
        held.append(client)
    times = []
    for _ in range(50):
        start = time.perf_counter()
        ok(world.admin.get("/auth/me"))
        times.append(time.perf_counter() - start)
    assert sorted(times)[45] < 0.5, sorted(times)[-5:]
    for client in held:
        client.close()


def test_rate_limit_headers_and_429(start_server):
    """Page 00 rule 7, with small figures."""
    server = start_server(RATE_LIMIT_PRINCIPAL_PER_MINUTE="30")
    world = World(server)
    one = world.new_tenant()
    client = one.new_person().fresh_client()
    passed = 0
    while (answer := client.get("/auth/me")).status_code == 200:
        passed += 1
        assert int(answer.headers["X-RateLimit-Limit"]) == 30 and answer.headers["X-RateLimit-Tenant"]
        assert int(answer.headers["X-RateLimit-Remaining"]) <= 30 - passed + 2
        assert abs(int(answer.headers["X-RateLimit-Reset"]) - time.time()) < 120
        assert passed < 60
    assert 30 <= passed <= 34
    details = error_of(answer, 429, "RATE_LIMIT_EXCEEDED")
    assert details["bucket"] == "principal" and details["retry_after"] == int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["X-RateLimit-Retry-After"] == answer.headers["Retry-After"]
    ok(one.new_person().fresh_client().get("/auth/me"))
    time.sleep(int(answer.headers["Retry-After"]))
    ok(client.get("/auth/me"))


def test_address_bucket_is_for_those_without_a_token(start_server):
    """Page 00 section 2 rule 2."""
    server = start_server(RATE_LIMIT_PER_MINUTE="20")
    world = World(server)
    client = world.new_tenant().new_person().fresh_client()
    address = client.headers["X-Forwarded-For"]
    ok(client.get("/auth/me"))
    with world.anonymous(address) as anonymous:
        answers = [anonymous.get("/auth/me").status_code for _ in range(25)]
        assert answers[:20] == [401] * 20 and 429 in answers[20:]
        assert error_of(anonymous.get("/auth/me"), 429, "RATE_LIMIT_EXCEEDED")["bucket"] == "address"
    ok(client.get("/auth/me"))  # its token is in the verified cache of the worker that serves its connection
