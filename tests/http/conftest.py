"""Starts http_test_server (HTTP_TEST_SERVER names it) for the tests of this folder."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("HTTP_TEST_SERVER", ROOT / "build/release/tests/http/http_test_server"))


class Server:
    """One running server; its options are those of http_test_server."""

    def __init__(self, **options):
        limit = options.pop("descriptors", None)
        command = [str(PROGRAM), *(f"{name}={value}" for name, value in options.items())]
        if limit:
            command = ["prlimit", f"--nofile={limit}:{limit}", *command]
        environment = dict(os.environ)
        if limit:
            environment["UBSAN_OPTIONS"] = f"suppressions={Path(__file__).with_name('ubsan_suppressions.txt')}"
        self.terminated = False
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.port, self.management_port = map(int, self.process.stdout.readline().split())

    def connect(self, port=None, timeout=20):
        return socket.create_connection(("127.0.0.1", port or self.port), timeout=timeout)

    def exchange(self, request: bytes, pieces=None):
        """Sends, in pieces of that size, and reads to the end of the connection."""
        with self.connect() as client:
            send(client, request, pieces)
            return read_to_end(client)

    def terminate(self):
        self.terminated = True
        self.process.send_signal(signal.SIGTERM)

    def stop(self):
        """Ends the server; its exit code and what it complained of (sanitizers)."""
        if not self.terminated:  # a second signal could meet a process that has put its handler away
            self.terminate()
        _, complaints = self.process.communicate(timeout=30)
        return self.process.returncode, complaints


def send(client, request, pieces=None):
    try:
        for start in range(0, len(request), pieces or len(request) or 1):
            client.sendall(request[start:start + (pieces or len(request))])
    except (ConnectionResetError, BrokenPipeError):
        pass  # refused before the end: the answer is there to read


def read_to_end(client) -> bytes:
    received = b""
    while True:
        try:
            part = client.recv(65536)
        except ConnectionResetError:
            return received
        if not part:
            return received
        received += part


def parse_answers(text: bytes, is_head=False) -> list:
    """The answers in a stream: (status, fields, body). Interim answers are left out; those to HEAD have no body."""
    answers = []
    while text:
        head, separator, rest = text.partition(b"\r\n\r\n")
        assert separator, f"half an answer: {text[:200]!r}"
        lines = head.split(b"\r\n")
        version, status = lines[0].split(b" ")[:2]
        assert version == b"HTTP/1.1", lines[0]
        fields = {name.lower().decode(): value.strip().decode() for name, _, value in (line.partition(b":") for line in lines[1:])}
        size = 0 if is_head else int(fields.get("content-length", "0"))
        assert len(rest) >= size, "a body is cut short"
        if int(status) >= 200:
            answers.append((int(status), fields, rest[:size]))
        text = rest[size:]
    return answers


@pytest.fixture
def start():
    """Makes servers that must all end with exit code 0 and say nothing of sanitizers."""
    servers = []

    def make(**options):
        servers.append(Server(**options))
        return servers[-1]

    yield make
    for server in servers:
        code, complaints = server.stop()
        assert code == 0, complaints
        assert "Sanitizer" not in complaints and "runtime error" not in complaints, complaints
