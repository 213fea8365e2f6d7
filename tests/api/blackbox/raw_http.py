"""Requests as bytes, for what no client library sends."""

import re
import socket


def connect(server, timeout: float = 20) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout)


def read_to_end(client: socket.socket) -> bytes:
    received = b""
    try:
        while chunk := client.recv(65536):
            received += chunk
    except (ConnectionResetError, TimeoutError):
        pass
    return received


def exchange(server, request: bytes, pieces: int | None = None, timeout: float = 20) -> bytes:
    """Sends, half-closes, and reads to the end of the connection."""
    with connect(server, timeout) as client:
        try:
            for start in range(0, len(request), pieces or len(request) or 1):
                client.sendall(request[start:start + (pieces or len(request))])
            client.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError, OSError):
            pass  # refused before the end: the answer is there to read
        return read_to_end(client)


def statuses(received: bytes) -> list[int]:
    """The status of each answer, by its framing."""
    found, rest = [], received
    while rest.startswith(b"HTTP/1.1 "):
        head, _, body = rest.partition(b"\r\n\r\n")
        found.append(int(head[9:12]))
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        rest = body[int(length[1]) if length else 0:]
    assert not rest, f"bytes that belong to no answer: {rest[:200]!r}"
    return found


def get(path: str, *lines: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: sentinel.test", *lines, "", ""]).encode("latin-1")
