"""TLS that the server ends itself (page 00 section 1): the same server behind it, and what only TLS can get wrong."""

import base64
import json
import select
import socket
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import parse_answers, read_to_end, send
from test_corpus import rows

GET = b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"
CLOSING = b"GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of its own making and its key, in one PEM file."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key", "-out", folder / "certificate"],
                   check=True, capture_output=True)
    both = folder / "both"
    both.write_text((folder / "certificate").read_text() + (folder / "key").read_text())
    return both


@pytest.fixture
def start_tls(start, certificate):
    return lambda **options: start(tls=certificate, **options)


def trusting(certificate) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certificate)
    context.set_alpn_protocols(["http/1.1"])
    return context


def only(context: ssl.SSLContext, version: ssl.TLSVersion) -> ssl.SSLContext:
    context.minimum_version = context.maximum_version = version
    return context


def connect(server, context) -> ssl.SSLSocket:
    # An end without close_notify is then an error, not an end.
    return context.wrap_socket(server.connect(), server_hostname="127.0.0.1", suppress_ragged_eofs=False)


def exchange(server, context, request: bytes, pieces=None) -> bytes:
    with connect(server, context) as client:
        send(client, request, pieces)
        return read_to_end(client)


def statuses(received: bytes, is_head=False) -> list:
    return [status for status, _, _ in parse_answers(received, is_head)]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_serves_both_versions_and_says_that_it_is_secure(start_tls, certificate, version):
    context = only(trusting(certificate), version)
    server = start_tls()
    with connect(server, context) as client:
        assert client.selected_alpn_protocol() == "http/1.1"
    (status, _, body), = parse_answers(exchange(server, context, CLOSING))
    assert (status, json.loads(body)["secure"]) == (200, True)


def test_older_versions_and_weak_ciphers_are_refused(start_tls, certificate):
    server = start_tls()
    old = trusting(certificate)
    old.options |= ssl.OP_NO_TLSv1_2 | ssl.OP_NO_TLSv1_3
    old.set_ciphers("ALL:@SECLEVEL=0")
    weak = only(trusting(certificate), ssl.TLSVersion.TLSv1_2)
    weak.set_ciphers("ECDHE+AES:!AESGCM:!CHACHA20:!AESCCM")
    other = trusting(certificate)
    other.set_alpn_protocols(["h2"])
    for context in (old, weak, other):
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            connect(server, context).close()
    assert statuses(exchange(server, trusting(certificate), CLOSING)) == [200]


def test_plain_http_is_answered_by_a_close(start_tls, certificate):
    server = start_tls()
    received = server.exchange(CLOSING)
    assert b"HTTP/1.1" not in received
    assert statuses(exchange(server, trusting(certificate), CLOSING)) == [200]


def test_the_management_listener_stays_plain(start_tls):
    server = start_tls()
    with server.connect(server.management_port) as client:
        client.sendall(CLOSING)
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_bodies_and_answers_of_many_records(start_tls, certificate):
    server = start_tls()
    context = trusting(certificate)
    size = 1024 * 1024
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size
    (status, _, body), = parse_answers(exchange(server, context, head + b"x" * size))
    assert (status, json.loads(body)["body_size"]) == (200, size)
    chunked = b"POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    (status, _, body), = parse_answers(exchange(server, context, chunked + b"3\r\nabc\r\n" * 5000 + b"0\r\n\r\n", pieces=1000))
    assert (status, json.loads(body)["body_size"]) == (200, 15000)
    large = b"GET /bytes/5000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    (status, _, body), = parse_answers(exchange(server, context, large))
    assert (status, len(body)) == (200, 5_000_000)


def test_pipelined_requests_of_one_record_and_byte_by_byte(start_tls, certificate):
    server = start_tls()
    context = trusting(certificate)
    assert statuses(exchange(server, context, GET * 30 + CLOSING)) == [200] * 31
    assert statuses(exchange(server, context, GET + CLOSING, pieces=1)) == [200] * 2


def test_expect_continue(start_tls, certificate):
    server = start_tls()
    with connect(server, trusting(certificate)) as client:
        client.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n")
        assert client.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"{}")
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_s22_whoever_does_not_finish_the_handshake_is_cut_off(start_tls, certificate):
    server = start_tls(header_time=300)
    with server.connect() as silent, server.connect() as slow:
        slow.sendall(b"\x16\x03\x01\x02\x00\x01")  # the start of a ClientHello
        assert silent.recv(100) == b""
        assert b"HTTP" not in slow.recv(100)
    assert statuses(exchange(server, trusting(certificate), CLOSING)) == [200]


def test_s22_idle_connections_and_slow_heads_end(start_tls, certificate):
    server = start_tls(header_time=300, idle_time=300)
    with connect(server, trusting(certificate)) as client:
        client.sendall(GET)
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert client.recv(100) == b""
    with connect(server, trusting(certificate)) as client:
        client.sendall(GET[:20])
        assert client.recv(65536).startswith(b"HTTP/1.1 408 ")


def test_s22_a_reader_that_stops_reading_is_cut_off(start_tls, certificate):
    server = start_tls(write_time=300)
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.settimeout(20)
    plain.connect(("127.0.0.1", server.port))
    with trusting(certificate).wrap_socket(plain, server_hostname="127.0.0.1") as client:
        client.sendall(b"GET /bytes/50000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        poll = select.poll()
        poll.register(client, select.POLLERR | select.POLLHUP)
        assert poll.poll(20_000), "the connection was left open"


def test_sigterm_answers_what_was_sent(start_tls, certificate):
    server = start_tls()
    with connect(server, trusting(certificate)) as client:
        client.sendall(b"GET /sleep/300 HTTP/1.1\r\nHost: a\r\n\r\n" + GET)
        server.terminate()
        received = read_to_end(client)
    assert statuses(received) == [200, 200]
    assert parse_answers(received)[-1][1]["connection"] == "close"


@pytest.mark.skipif(not rows("attack_requests.json"), reason="no conformance data in ../shared")
def test_s21_attack_requests_are_answered_as_without_tls(start, start_tls, certificate):
    limits = {"header_time": 300, "request_time": 600, "idle_time": 300, "connections_per_address": 10000}
    plain, secure = start(**limits), start_tls(**limits)
    context = trusting(certificate)

    def differs(row):
        request = base64.b64decode(row["request_base64"])
        is_head = request.startswith(b"HEAD")
        return statuses(exchange(secure, context, request), is_head) != statuses(plain.exchange(request), is_head)

    attacks = rows("attack_requests.json")
    with ThreadPoolExecutor(16) as pool:
        assert [row["id"] for row, is_other in zip(attacks, pool.map(differs, attacks)) if is_other] == []
