"""Mail that a change calls for leaves the outbox by the transport of MAIL_URL."""

from blackbox.server import ADMIN_EMAIL, ADMIN_PASSWORD, wait_until
from blackbox.world import ok

import httpx

LOGIN = {"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD, "tenant_code": "PLATFORM"}


def test_change_of_an_address_is_told_to_the_old_one(start_server, tmp_path):
    folder = tmp_path / "mail"
    server = start_server(MAIL_URL=f"file://{folder}", MAIL_FROM="guard@sentinel.example")
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=30) as client:
        client.headers["Authorization"] = f"Bearer {ok(client.post('/auth/login', json=LOGIN))['access_token']}"
        person = ok(client.post("/users", json={"email": "old@sentinel.example", "username": "mover", "password": "Long-enough-7!"}), 201)
        ok(client.patch(f"/users/{person['id']}", json={"email": "new@sentinel.example"}))
        wait_until(lambda: list(folder.glob("*.eml")), "the message")
    message, = (path.read_text() for path in folder.glob("*.eml"))
    assert "To: old@sentinel.example" in message and "From: guard@sentinel.example" in message
    assert "new@sentinel.example" not in message
