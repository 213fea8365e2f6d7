"""A TCP relay that counts the answers passing through it."""

import re
import socket
import threading

LENGTH = re.compile(rb"(?im)^content-length: *(\d+)")


class AnswerCounter:
    """Reads the answers of one connection as they pass; `statuses` has them in order, interim ones left out."""

    def __init__(self):
        self.statuses: list[int] = []
        self.strays = b""  # what belongs to no answer
        self._rest = b""
        self._body = 0

    def feed(self, received: bytes) -> bytes:
        """Counts, and hands back what it was given."""
        self._rest += received
        while self._rest and not self.strays:
            # An answer to HEAD names the length of a body that does not come; ours never begin so.
            if self._rest.startswith(b"HTTP/1.1 "):
                self._body = 0
            if self._body:
                passed = min(self._body, len(self._rest))
                self._rest, self._body = self._rest[passed:], self._body - passed
            elif not self._take_head():
                break
        return received

    def _take_head(self) -> bool:
        if not self._rest.startswith(b"HTTP/1.1 "[:len(self._rest)]):
            self.strays = self._rest
            return False
        head, separator, self._rest = self._rest.partition(b"\r\n\r\n")
        if not separator:
            self._rest = head
            return False
        status = int(head[9:12])
        if status >= 200:
            self.statuses.append(status)
            length = LENGTH.search(head)
            self._body = int(length[1]) if length else 0
        return True


class Tap:
    """Relays 127.0.0.1:port to the server. `smuggled` is added to what each connection sends, as a control."""

    def __init__(self, server_port: int, smuggled: bytes = b""):
        self.server_port = server_port
        self.smuggled = smuggled
        self.connections: list[AnswerCounter] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        # Closing alone does not wake a thread that waits in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def statuses(self) -> list[int]:
        return [status for counter in list(self.connections) for status in list(counter.statuses)]

    def strays(self) -> list[bytes]:
        return [counter.strays for counter in list(self.connections) if counter.strays]

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.server_port))
            except OSError:
                client.close()
                continue
            counter = AnswerCounter()
            self.connections.append(counter)
            threading.Thread(target=self._relay, args=(client, server, self._add_smuggled()), daemon=True).start()
            threading.Thread(target=self._relay, args=(server, client, counter.feed), daemon=True).start()

    def _add_smuggled(self):
        left = [self.smuggled]
        return lambda part: part + (left.pop() if left else b"")

    @staticmethod
    def _relay(source: socket.socket, target: socket.socket, seen) -> None:
        try:
            while part := source.recv(65536):
                target.sendall(seen(part))
            target.shutdown(socket.SHUT_WR)
        except OSError:
            # A reset on one side ends both; the other thread closes its own.
            for end in (source, target):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
