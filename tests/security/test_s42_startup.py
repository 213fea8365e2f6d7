"""S42: a start that must not happen: exit code 78, a message that names the setting, and no port is opened."""

import base64
import os
import socket
import subprocess

import pytest

from blackbox.server import PROGRAM, Server, clean_environment, copy_of, free_port, new_folder


def is_listening(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def refuses(server: Server, *words: str, flags=(), seconds: float = 40) -> str:
    server.spawn(*flags)
    try:
        code = server.process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"it started:\n{server.log()[-2000:]}") from None
    assert code == 78, f"exit code {code}\n{server.log()[-2000:]}"
    assert not is_listening(server.port)
    for word in words:
        assert word.lower() in server.log().lower(), f"{word!r} is not in:\n{server.log()[-2000:]}"
    return server.log()


@pytest.fixture
def fresh():
    server = Server(new_folder())
    yield server
    server.remove()


@pytest.fixture
def copied(template):
    server = Server(copy_of(template))
    yield server
    server.remove()


@pytest.mark.parametrize("name, value", [
    ("LISTEN", "127.0.0.1:99999"), ("LISTEN", "nowhere"), ("MAX_BODY_KIB", "lots"), ("MAX_BODY_KIB", "0"), ("CLOCK_SKEW_SECONDS", "61"),
    ("ENVIRONMENT", "prod"), ("JWT_ALGORITHM", "none"), ("TRUSTED_PROXIES", "10.0.0.0/40"), ("MASTER_KEY", "c2hvcnQ="), ("MASTER_KEY", "!!"),
    ("RATE_LIMIT_ENABLED", "perhaps"), ("DATABASE_URL", "mysql://x"), ("ADMIN_EMAIL", "no-address"),
])
def test_s42_value(fresh, name, value):
    fresh.settings[name] = value
    refuses(fresh, name)


def test_s42_unknown_key_in_the_file(fresh):
    (fresh.folder / "sentinel.toml").write_text('databse_url = "x"\n')
    refuses(fresh, "databse_url")


def test_s42_old_name_in_the_file_names_its_successor(fresh):
    (fresh.folder / "sentinel.toml").write_text('secret_key = "x"\n')
    refuses(fresh, "secret_key", "MASTER_KEY")


def test_s42_every_fault_at_once(fresh):
    fresh.settings |= {"MAX_BODY_KIB": "x", "JWT_ALGORITHM": "none"}
    refuses(fresh, "MAX_BODY_KIB", "JWT_ALGORITHM")


def test_s42_secret_is_no_flag(fresh):
    fresh.spawn("--admin-password", "x")
    assert fresh.process.wait(20) not in (0, None)
    assert not is_listening(fresh.port)


@pytest.mark.parametrize("key", [b"\x00" * 32, bytes(range(32)), b"0123456789abcdef0123456789abcdef"])
def test_s42_weak_master_key_in_production(fresh, key):
    fresh.settings |= {"ENVIRONMENT": "production", "MASTER_KEY": base64.b64encode(key).decode()}
    log = refuses(fresh, "MASTER_KEY")
    assert base64.b64encode(key).decode() not in log


def test_s42_no_master_key_on_an_outside_database_in_production(fresh):
    fresh.settings |= {"ENVIRONMENT": "production", "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}
    refuses(fresh)


def test_s42_another_master_key(copied):
    copied.settings["MASTER_KEY"] = base64.b64encode(os.urandom(32)).decode()
    refuses(copied, "master")


def test_s42_master_key_that_others_may_read(copied):
    (copied.data / "master.key").chmod(0o644)
    refuses(copied, "master.key")


def test_s42_debug_in_production(fresh):
    fresh.settings |= {"ENVIRONMENT": "production", "DEBUG": "true"}
    refuses(fresh, "DEBUG")


def change_schema(server: Server, statement: str) -> None:
    """While the server runs, so that its PostgreSQL does; then it is stopped."""
    server.start()
    server.rows(statement)
    server.stop()


@pytest.mark.parametrize("statement", [
    "alter table sentinel.users disable row level security",
    "update sentinel_private.schema_migrations set checksum = sha256('x') where version = 1",
    "insert into sentinel_private.schema_migrations (version, name, checksum, duration_ms) values (9999, 'from_the_future', sha256('x'), 1)",
])
def test_s42_wrong_schema(copied, statement):
    change_schema(copied, statement)
    refuses(copied)


def test_s42_schema_that_is_behind_without_migrating(fresh):
    """AUTO_MIGRATE off on an empty database."""
    fresh.settings["AUTO_MIGRATE"] = "false"
    refuses(fresh, "migrat")


def test_s42_database_away(fresh):
    """No refusal of the configuration, yet nothing listens half: exit code 1 or 78, in bounded time."""
    fresh.settings |= {"DATABASE_URL": "postgresql://sentinel_app@127.0.0.1:1/sentinel_db",
                       "MASTER_KEY": base64.b64encode(os.urandom(32)).decode()}
    fresh.spawn()
    assert fresh.process.wait(60) != 0
    assert not is_listening(fresh.port)


def test_s42_port_taken(copied, server):
    copied.settings["LISTEN"] = f"127.0.0.1:{server.port}"
    copied.spawn()
    assert copied.process.wait(40) != 0


def test_s42_admin_password_against_the_policy(fresh):
    fresh.settings["ADMIN_PASSWORD"] = "short"
    fresh.spawn()
    assert fresh.process.wait(60) == 78, fresh.log()[-2000:]


def test_s42_config_command_agrees(fresh):
    """`sentinel config` ends with 78 for what `serve` refuses."""
    environment = clean_environment() | {"SENTINEL_MAX_BODY_KIB": "x", "SENTINEL_LISTEN": f"127.0.0.1:{free_port()}"}
    done = subprocess.run([PROGRAM, "config"], env=environment, cwd=fresh.folder, capture_output=True, check=False, timeout=20)
    assert done.returncode == 78
