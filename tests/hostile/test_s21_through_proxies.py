"""S21, S35: the request corpora through nginx and haproxy. Each request that a proxy passes on has one answer, its own."""

import re
import uuid

import pytest

from blackbox.http_vectors import SETS, name_of, request_of, rows
from blackbox.raw_http import get, statuses
from blackbox.server import wait_until
from proxies import Proxy, exchange
from tap import Tap

KINDS = ("nginx", "nginx-buffering", "haproxy")
ROWS = rows("attack_requests.json") + rows("llhttp_requests.json")
# Not ours: 501 and 505 are refusals.
FAULTS = {500, 502, 503, 504}


class Path:
    """A proxy, the tap behind it and the server behind that."""

    def __init__(self, kind: str, server, smuggled: bytes = b""):
        self.server = server
        self.tap = Tap(server.port, smuggled)
        self.proxy = Proxy(kind, self.tap.port)

    def close(self) -> None:
        self.proxy.close()
        self.tap.close()

    def check_marked(self) -> None:
        """Another client's request, on the upstream connection that is left, has its own answer."""
        mark = f"mark-{uuid.uuid4()}"
        received = exchange(self.proxy.port, get("/health/live", f"X-Request-ID: {mark}", "Connection: close"))
        assert received.startswith(b"HTTP/1.1 200 "), received[:300]
        assert re.search(rb"(?i)\r\nx-request-id: " + mark.encode() + rb"\r\n", received), received[:600]

    def check_counts(self) -> None:
        """The proxy writes its log after the answer."""
        wait_until(lambda: len(self.proxy.statuses()) >= len(self.tap.statuses()), "the proxy's log", 5)
        assert sorted(self.proxy.statuses()) == sorted(self.tap.statuses())
        assert not self.tap.strays()


@pytest.fixture(scope="module", params=KINDS)
def path(request, server):
    path = Path(request.param, server)
    yield path
    path.close()


def to_our_routes(request: bytes) -> bytes:
    """The request line's path becomes one that has a handler; what follows keeps its lengths."""
    line, separator, rest = request.partition(b"\n")
    for theirs, ours in ((b"/v1/echo", b"/api/v1/auth/login"), (b"/healthz", b"/health/live"), (b"/v1/users", b"/api/v1/users")):
        line = line.replace(theirs, ours)
    return line + separator + rest


@pytest.mark.skipif(not SETS.exists(), reason=f"no conformance data at {SETS}")
@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_s21_corpus(path, row):
    before = len(path.tap.statuses())
    exchange(path.proxy.port, to_our_routes(request_of(row)))
    path.check_marked()
    path.check_counts()
    assert not FAULTS & set(path.tap.statuses()[before:])
    assert path.server.process.poll() is None


@pytest.mark.parametrize("kind", KINDS)
def test_s21_clients_share_an_upstream_connection(server, kind):
    """Otherwise the corpus proves nothing: there would be nobody to take another's answer."""
    path = Path(kind, server)
    try:
        for _ in range(20):
            path.check_marked()
        path.check_counts()
        assert len(path.tap.statuses()) == 20 and len(path.tap.connections) <= 2
    finally:
        path.close()


@pytest.mark.parametrize("kind", KINDS)
def test_s21_a_smuggled_request_would_be_noticed(server, kind):
    path = Path(kind, server, smuggled=get("/api/v1/users"))
    try:
        with pytest.raises(AssertionError):
            for _ in range(3):
                path.check_marked()
            path.check_counts()
    finally:
        path.close()


LIMIT = 20
ONE, TWO, FRIEND, STRANGER = "127.0.0.77", "127.0.0.78", "127.0.0.2", "127.0.0.3"


def asked(port: int, source: str, spoofed: bool) -> list[int]:
    """More than a minute's share of one address, each naming another client where `spoofed`."""
    found = []
    for number in range(LIMIT + 8):
        forged = [f"X-Forwarded-For: 203.0.113.{number + 1}"] if spoofed else []
        found += statuses(exchange(port, get("/api/v1/auth/me", *forged, "Connection: close"), source))
    return found


@pytest.fixture
def limited(start_server):
    """Its bucket of an address shows whom it takes for the client."""
    return start_server(RATE_LIMIT_PER_MINUTE=str(LIMIT), TRUSTED_PROXIES=f"{FRIEND}/32")


def allowed(found: list[int]) -> int:
    assert set(found) <= {401, 429}, found
    return found.count(401)


@pytest.mark.parametrize("kind", ["nginx", "haproxy"])
def test_s35_a_trusted_proxy_tells_its_clients_apart(limited, kind):
    """And what a client claims itself, on the left of the proxy's own word, is not believed."""
    proxy = Proxy(kind, limited.port, FRIEND)
    try:
        assert LIMIT <= allowed(asked(proxy.port, ONE, spoofed=True)) < LIMIT + 6
        assert LIMIT <= allowed(asked(proxy.port, TWO, spoofed=False)) < LIMIT + 6
    finally:
        proxy.close()


@pytest.mark.parametrize("kind", ["nginx", "haproxy"])
def test_s35_a_stranger_is_the_client_itself(limited, kind):
    proxy = Proxy(kind, limited.port, STRANGER)
    try:
        assert LIMIT <= allowed(asked(proxy.port, ONE, spoofed=True)) < LIMIT + 6
        assert allowed(asked(proxy.port, TWO, spoofed=False)) < 6  # the same bucket: the proxy's
    finally:
        proxy.close()


def test_s35_a_direct_client_cannot_name_another(limited):
    assert LIMIT <= allowed(asked(limited.port, ONE, spoofed=True)) < LIMIT + 6
