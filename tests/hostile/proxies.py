"""nginx and haproxy in front of a server, as lenient and as transparent as they can be configured."""

import os
import re
import shutil
import socket
import subprocess

from blackbox.server import free_port, new_folder, wait_until

KEEP_ALIVE_MS = 100  # of clients: how long each request of a corpus is followed

NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    log_format upstream "upstream $upstream_status";
    access_log {folder}/access.log upstream;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    client_header_timeout 1s; client_body_timeout 1s; keepalive_timeout {keep_alive}ms; lingering_close off;
    large_client_header_buffers 8 128k; client_max_body_size 0;
    underscores_in_headers on; ignore_invalid_headers off; merge_slashes off;
    upstream sentinel {{ server 127.0.0.1:{upstream}; keepalive 1; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://sentinel; proxy_http_version 1.1; proxy_request_buffering {buffering}; {bind}
            proxy_set_header Connection ""; proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}
}}
"""

HAPROXY = """
global
    nbthread 1
    tune.bufsize 131072
    log stdout format raw local0
defaults
    mode http
    log global
    log-format "upstream %[var(txn.status)]"
    timeout connect 5s
    timeout server 15s
    timeout client 2s
    timeout http-request 1s
    timeout http-keep-alive {keep_alive}ms
    option accept-invalid-http-request
    option forwardfor
    http-reuse always
frontend clients
    bind 127.0.0.1:{port}
    default_backend sentinel
backend sentinel
    http-response set-var(txn.status) status
    server one 127.0.0.1:{upstream} pool-max-conn 1 {bind}
"""


class Proxy:
    """One running proxy; `source` is the address from which it calls the server."""

    def __init__(self, kind: str, upstream: int, source: str | None = None):
        self.kind, self.folder, self.port = kind, new_folder(), free_port()
        fill = {"folder": self.folder, "port": self.port, "upstream": upstream, "keep_alive": KEEP_ALIVE_MS}
        configuration = self.folder / "proxy.conf"
        if kind == "haproxy":
            configuration.write_text(HAPROXY.format(bind=f"source {source}" if source else "", **fill), "utf-8")
            command = [program("haproxy"), "-db", "-f", configuration]
        else:
            bind = f"proxy_bind {source};" if source else ""
            fill["buffering"] = "on" if kind == "nginx-buffering" else "off"
            configuration.write_text(NGINX.format(bind=bind, **fill), "utf-8")
            command = [program("nginx"), "-e", "stderr", "-c", configuration]
        self._output = (self.folder / "output.log").open("wb")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._output, stderr=self._output)
        wait_until(self._listens, f"{kind} to listen")

    def _listens(self) -> bool:
        assert self.process.poll() is None, f"{self.kind} ended:\n{(self.folder / 'output.log').read_text('utf-8', 'replace')}"
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def statuses(self) -> list[int]:
        """What the server answered to each request that was passed on."""
        log = self.folder / ("output.log" if self.kind == "haproxy" else "access.log")
        lines = re.findall(r"(?m)^upstream (.*)\n", log.read_text("utf-8", "replace"))
        numbers = [int(number) for line in lines for number in re.findall(r"\d+", line)]
        # 502 and 504 are nginx's own word, for a kept connection that was closed just then: it tries a new one.
        return [number for number in numbers if number not in (502, 504)]

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self._output.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert found, f"{name} is missing: scripts/install_packages.sh long"
    return found


def exchange(port: int, request: bytes, source: str = "127.0.0.1", timeout: float = 20) -> bytes:
    """Sends and reads to the end, without closing first: a proxy takes that for a client that has gone."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout, (source, 0)) as client:
        try:
            client.sendall(request)
            while part := client.recv(65536):
                received += part
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before the end
    return received


