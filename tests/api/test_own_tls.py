"""TLS_CERT_FILE and TLS_KEY_FILE: the product served over TLS of its own; certificates change without a restart (page 00)."""

import signal
import ssl
import subprocess

import httpx
import pytest

from blackbox.server import ADMIN_EMAIL, ADMIN_PASSWORD, Server, new_folder, wait_until
from blackbox.world import ok

LOGIN = {"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD, "tenant_code": "PLATFORM"}


class SecureServer(Server):
    def __init__(self):
        folder = new_folder()
        self.certificate, self.key = folder / "certificate.pem", folder / "key.pem"
        super().__init__(folder, {"TLS_CERT_FILE": str(self.certificate), "TLS_KEY_FILE": str(self.key)})

    def renew(self, name: str) -> None:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                        f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.key, "-out", self.certificate],
                       check=True, capture_output=True)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log()[-4000:]
        try:
            return httpx.get(f"http://127.0.0.1:{self.metrics_port}/health/ready", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def client(self) -> httpx.Client:
        context = ssl.create_default_context(cafile=str(self.certificate))
        return httpx.Client(base_url=f"https://127.0.0.1:{self.port}/api/v1", verify=context, timeout=30)

    def subject(self) -> str:
        text = ssl.get_server_certificate(("127.0.0.1", self.port))
        shown = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=text, capture_output=True, text=True, check=True)
        return shown.stdout.strip().rpartition("= ")[2]


@pytest.fixture
def server():
    server = SecureServer()
    yield server
    server.remove()


def test_serves_over_tls_and_takes_a_renewed_certificate(server):
    server.renew("first")
    server.start()
    with server.client() as client:
        tokens = ok(client.post("/auth/login", json=LOGIN))
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        answer = client.get("/auth/me", headers=bearer)
        assert answer.status_code == 200 and answer.headers["strict-transport-security"]
        assert server.subject() == "first"
        assert f"Sentinel answers at https://127.0.0.1:{server.port}" in server.log()

        server.renew("second")
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: server.subject() == "second", "the renewed certificate")
        ok(client.get("/auth/me", headers=bearer))  # the connection of before goes on

    server.key.write_text("no key")
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "the certificate in use stays" in server.log(), "the refusal in the log")
    assert server.subject() == "second"
    server.stop()


def test_a_server_without_tls_does_not_end_by_sighup(start_server):
    server = start_server()
    server.process.send_signal(signal.SIGHUP)
    assert httpx.get(f"{server.url}/health").status_code == 200
    assert httpx.get(f"{server.url}/health").status_code == 200


@pytest.mark.parametrize("spoil, named", [
    (lambda server: server.certificate.unlink(), "certificate.pem"),
    (lambda server: server.certificate.write_text("no certificate"), "certificate.pem"),
    (lambda server: server.key.write_text("no key"), "key.pem"),
    (lambda server: server.key.write_text(subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout"], check=True,
                                                         capture_output=True, text=True).stdout), "key.pem"),
], ids=["no file", "no certificate", "no key", "another's key"])
def test_bad_files_end_the_start_and_are_named(server, spoil, named):
    server.renew("first")
    spoil(server)
    server.spawn()
    assert server.process.wait(60) == 78
    assert "TLS_CERT_FILE, TLS_KEY_FILE: " in server.log() and named in server.log()
