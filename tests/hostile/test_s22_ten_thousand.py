"""S22: 10,000 connections at once, silent, slow and idle; and more than that."""

import select
import socket
import time

import pytest

from blackbox.raw_http import get, read_to_end, statuses
from blackbox.server import wait_until
from blackbox.world import World
from timing import check_quick, descriptors, milliseconds_of, resident_mebibytes, tell

CONNECTIONS, PER_ADDRESS = 10_000, 256  # the page's limits, and our defaults
HEADER_SECONDS = 10
LATE = 3  # until a sweep has seen all of them, on a busy machine


def address(number: int) -> str:
    """One for each 250 connections: the cap of one address is not the subject."""
    return f"127.0.{1 + number // 250 // 200}.{1 + number // 250 % 200}"


class Flood:
    """Connections that are kept open."""

    def __init__(self, server):
        self.server = server
        self.held: list[socket.socket] = []

    def open(self, count: int, said: bytes = b"") -> list[socket.socket]:
        made = []
        for _ in range(count):
            client = socket.create_connection(("127.0.0.1", self.server.port), 20, (address(len(self.held)), 0))
            self.held.append(client)
            made.append(client)
            if said:
                client.sendall(said)
        return made

    def close(self) -> None:
        for client in self.held:
            client.close()


@pytest.fixture
def flooded(start_server):
    """start(**settings): a server, a flood, a client that is logged in; at the end all descriptors are back."""
    floods = []

    def start(**settings):
        server = start_server(TRUSTED_PROXIES=None, **settings)
        client = World(server).admin
        milliseconds_of(client, 10)
        floods.append((Flood(server), descriptors(server)))
        return server, floods[-1][0], client

    yield start
    for flood, before in floods:
        flood.close()
        # What the pool of connections to the database has opened meanwhile stays.
        wait_until(lambda: descriptors(flood.server) <= before + 16, f"the descriptors to come back ({before} before)", 30)
        flood.server.stop()


def test_s22_ten_thousand_connections_and_more(flooded):
    """Those over the cap are told 503, those below it are served, and so is a normal request."""
    server, flood, client = flooded(HEADER_TIMEOUT_SECONDS="300", IDLE_TIMEOUT_SECONDS="300")
    idle = milliseconds_of(client, 300)
    start, memory = time.monotonic(), resident_mebibytes(server)
    third = (CONNECTIONS - 1) // 3  # one is the client's
    silent = flood.open(third)
    slow = flood.open(third, b"GET /health/live HTTP/1.1\r\nHost: a\r\nX-Slow: ")
    kept = flood.open(CONNECTIONS - 1 - 2 * third, get("/health/live"))
    for one in kept:
        assert one.recv(65536).startswith(b"HTTP/1.1 200 ")
    wait_until(lambda: descriptors(server) >= CONNECTIONS, "all to be accepted")
    tell(f"{CONNECTIONS} connections in {time.monotonic() - start:.1f} s, {resident_mebibytes(server) - memory:.0f} MiB")
    check_quick(idle, milliseconds_of(client, 300), "with 10,000 connections")

    for one in flood.open(200):  # the next ones
        received = read_to_end(one)
        assert statuses(received) == [503] and b"\r\nretry-after: 1\r\n" in received.lower(), received[:300]
    for one in silent[:100] + kept[:100]:
        one.sendall(get("/health/live"))
    for one in slow[:100]:
        one.sendall(b"a\r\n\r\n")
    for one in silent[:100] + kept[:100] + slow[:100]:
        assert one.recv(65536).startswith(b"HTTP/1.1 200 ")

    silent[0].close()  # a place is free again
    def served() -> bool:
        with socket.create_connection(("127.0.0.1", server.port), 20, ("127.0.9.1", 0)) as one:
            one.sendall(get("/health/live", "Connection: close"))
            return statuses(read_to_end(one)) == [200]
    wait_until(served, "a connection to be taken after another had closed", 10)


def test_s22_one_address_has_256(flooded):
    server, flood, client = flooded()
    source = "127.0.10.1"
    for _ in range(PER_ADDRESS):
        flood.held.append(socket.create_connection(("127.0.0.1", server.port), 20, (source, 0)))
    # The last accepted one is known to be in when it is answered.
    for one in flood.held:
        one.sendall(get("/health/live"))
        assert one.recv(65536).startswith(b"HTTP/1.1 200 ")
    with socket.create_connection(("127.0.0.1", server.port), 20, (source, 0)) as more:
        assert statuses(read_to_end(more)) == [503]
    milliseconds_of(client, 10)  # another address


def test_s22_a_flood_of_silent_connections_is_cut(flooded):
    """At the page's own times: after ten seconds the last of 10,000 is gone, whether it drips or is silent."""
    server, flood, client = flooded()
    idle = milliseconds_of(client, 300)
    before = descriptors(server)
    flood.open(CONNECTIONS // 2)
    flood.open(CONNECTIONS // 2 - 1, b"GET /health/live HTTP/1.1\r\nX-Slow: ")
    opened = time.monotonic()
    taken = []
    while time.monotonic() < opened + HEADER_SECONDS - 1:
        for one in flood.held[CONNECTIONS // 2::50]:
            try:
                one.send(b"a")
            except OSError:
                pass  # cut already
        taken += milliseconds_of(client, 20)
    check_quick(idle, sorted(taken), "while 10,000 are slow")
    left = opened + HEADER_SECONDS + LATE - time.monotonic()
    wait_until(lambda: descriptors(server) <= before + 16, "the server to cut them", left)
    poll = select.poll()
    for one in flood.held:
        poll.register(one, select.POLLIN | select.POLLRDHUP)
    assert len(poll.poll(1000)) == len(flood.held), "some clients have not been told"
