"""DATA_DIR/first-password: there while it opens a door, gone afterwards."""

import stat
import subprocess

import httpx
import pytest
from blackbox.server import Server, new_folder, wait_until
from blackbox.world import ok

EMAIL = "admin@localhost"
NEW_PASSWORD = "Another-Horse-8-Battery"


@pytest.fixture
def fresh():
    """Nobody has named an administrator: the first start makes one."""
    server = Server(new_folder(), {"ADMIN_EMAIL": None, "ADMIN_PASSWORD": None})
    yield server.start(seconds=120)
    server.remove()


def file_of(server):
    return server.data / "first-password"


def login(server, password):
    body = {"email": EMAIL, "password": password, "tenant_code": "PLATFORM"}
    return httpx.post(f"{server.url}/api/v1/auth/login", json=body, timeout=30)


def change_password(server, old, new):
    session = ok(login(server, old))
    body = {"current_password": old, "new_password": new}
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=30) as client:
        client.headers["Authorization"] = f"Bearer {session['access_token']}"
        person = ok(client.get("/auth/me"))["user"]
        return client.post(f"/users/{person['id']}/change-password", json=body)


def output_of_next_start(server):
    server.stop()
    server.log_path.unlink()
    server.start()
    wait_until(lambda: "Sentinel answers at" in server.log(), "what a start tells")
    return server.log()


def test_it_goes_at_the_first_start_after_the_change(fresh):
    first = file_of(fresh).read_text().strip()
    assert stat.S_IMODE(file_of(fresh).stat().st_mode) == 0o600
    assert str(file_of(fresh)) in output_of_next_start(fresh), "unchanged: it is still of use"
    assert change_password(fresh, first, NEW_PASSWORD).status_code == 204
    assert str(file_of(fresh)) not in output_of_next_start(fresh)
    assert not file_of(fresh).exists()
    assert login(fresh, first).status_code == 401
    assert login(fresh, NEW_PASSWORD).status_code == 200


def test_a_deleted_one_is_not_made_anew(fresh):
    first = file_of(fresh).read_text().strip()
    file_of(fresh).unlink()
    output_of_next_start(fresh)
    assert not file_of(fresh).exists(), "it would hold a password that nobody has"
    assert login(fresh, first).status_code == 200


def test_reset_password_takes_it_away(fresh):
    first = file_of(fresh).read_text().strip()
    fresh.stop()
    command = [fresh.program, "admin", "reset-password", "--email", EMAIL]
    done = subprocess.run(command, env=fresh.environment(), input=NEW_PASSWORD + "\n", capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not file_of(fresh).exists()
    fresh.start()
    assert login(fresh, first).status_code == 401
    assert login(fresh, NEW_PASSWORD).status_code == 200


def test_another_address_in_the_settings_leaves_it(fresh):
    fresh.settings |= {"ADMIN_EMAIL": "someone@sentinel.example", "ADMIN_PASSWORD": NEW_PASSWORD}
    output_of_next_start(fresh)
    assert file_of(fresh).exists(), "it is the only way in"
