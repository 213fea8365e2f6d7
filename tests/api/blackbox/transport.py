"""httpx's transport without Nagle's algorithm: head and body leave in two pieces, and the second would wait 40 ms for the first's ACK."""

import socket

import httpcore
import httpx
from httpcore.backends.sync import SyncBackend


class PromptBackend(SyncBackend):
    def connect_tcp(self, *arguments, **options):
        stream = super().connect_tcp(*arguments, **options)
        stream.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return stream


class PromptTransport(httpx.HTTPTransport):
    def __init__(self):
        super().__init__()
        self._pool.close()
        # httpx 0.23 offers no other way; the limits are its own.
        self._pool = httpcore.ConnectionPool(max_connections=100, max_keepalive_connections=20, keepalive_expiry=5,
                                             network_backend=PromptBackend())
