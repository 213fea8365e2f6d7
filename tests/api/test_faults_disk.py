"""A full disk: writes are refused, nothing that was acknowledged is lost, and work again within 5 s of space."""

import errno
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from blackbox.faults import RECOVERY, live, recovers
from blackbox.load import WriteLoad, check_everything
from blackbox.server import Server, new_folder, wait_until
from blackbox.world import World, done_or_unavailable, error_of, ok, unique

SEGMENT = 16 * 1024 * 1024
IN_NAMESPACE = "SENTINEL_TEST_IN_NAMESPACE"


def may_mount() -> bool:
    return os.geteuid() == 0 or IN_NAMESPACE in os.environ


@pytest.fixture
def small_disk(tmp_path):
    """Mounts a small disk at a folder; whatever lies there is on it afterwards."""
    mounted: list[Path] = []

    def mount(folder: Path, size: str) -> Path:
        there = folder.stat()
        before = tmp_path / f"before-{len(mounted)}"
        subprocess.run(["cp", "-a", folder, before], check=True)
        options = f"size={size},mode={there.st_mode & 0o7777:o},uid={there.st_uid},gid={there.st_gid}"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
        mounted.append(folder)
        subprocess.run(["cp", "-a", f"{before}/.", folder], check=True)
        shutil.rmtree(before)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def no_space_on(disk: Path):
    """Takes what is left of it, to the last byte."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        piece = 1 << 20
        while piece:
            try:
                file.write(b"\0" * piece)
            except OSError as error:
                assert error.errno == errno.ENOSPC
                piece //= 2
    try:
        yield
    finally:
        filler.unlink(missing_ok=True)


def use_up_the_log(server: Server) -> None:
    """Others write until the log soon needs a file that is not there yet."""
    with psycopg.connect(server.database_url(), autocommit=True) as connection:
        def left():
            name, used = connection.execute("select pg_walfile_name(place), (place - '0/0') %% %s from pg_current_wal_insert_lsn() place",
                                            [SEGMENT]).fetchone()
            spare = [file for file in (server.cluster / "pg_wal").iterdir() if len(file.name) == 24 and file.name > name]
            return SEGMENT * (1 + len(spare)) - int(used)

        while (bytes_left := left()) > 300_000:
            connection.execute("select pg_logical_emit_message(false, 'test', repeat('x', %s))", [min(bytes_left - 250_000, 1_000_000)])


@pytest.mark.parametrize("full", ["tables", "log", "everything"])
def test_disk_is_full(template, small_disk, tmp_path, full):
    """Full for the tables alone (the log lies elsewhere), for the log alone (PostgreSQL ends itself), and for all of DATA_DIR."""
    if not may_mount():
        in_a_namespace_of_its_own(f"test_disk_is_full[{full}]")
        return
    folder = new_folder()
    subprocess.run(["cp", "-a", template / "data", folder], check=True)
    server = Server(folder, {"DB_POOL_TIMEOUT": "2", "MAX_STALENESS_SECONDS": "3", "REQUEST_TIMEOUT_SECONDS": "5"})
    log = server.cluster / "pg_wal"
    if full == "tables":
        shutil.move(log, folder / "pg_wal")
        shutil.chown(folder / "pg_wal", *owner_of(server.cluster))
        log.symlink_to(folder / "pg_wal")
    disk = small_disk(log if full == "log" else server.data, "160m")
    try:
        server.start()
        refuse_and_recover(server, disk, full)
        server.stop()
    finally:
        server.remove()


def owner_of(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid


def refuse_and_recover(server: Server, disk: Path, full: str) -> None:
    world = World(server)
    one = world.new_tenant()
    client, leaving = one.client(), one.new_person(["auditor"]).fresh_client()
    person, logins = one.person("tenant_admin"), []
    with WriteLoad(server, [one], world.admin.token) as load:
        wait_until(lambda: len(load.acknowledged) > 20, "writes")
        with no_space_on(disk):
            if full == "log":
                use_up_the_log(server)
            wait_until(lambda: load.refused >= 10, "writes to be refused", 60)
            written = stands_at(load)
            for _ in range(3):
                error_of(one.admin.post("/users", json={"email": f"{unique('full')}@x.example"}), 503, "UNAVAILABLE")
                # Small writes may find room in a page that is there.
                logins.append(done_or_unavailable(person.try_login()))
                done_or_unavailable(client.get("/users"))
            assert live(server) == 200
            logout = done_or_unavailable(leaving.post("/auth/logout"))
        start = time.monotonic()
        wait_until(lambda: len(load.acknowledged) > written, "writes again", 20)
        recovers(server, client, "a full disk")
        seconds = time.monotonic() - start
        assert seconds < RECOVERY, f"{seconds:.1f} s"
    assert not load.unexpected, load.unexpected[:5]
    if logout.is_success:
        error_of(leaving.get("/users"), 401, "INVALID_TOKEN")
    for answer in (answer for answer in logins if answer.is_success):
        ok(world.client_for(answer.json()["access_token"]).get("/users"))
        wait_until(lambda request=answer.headers["X-Request-ID"]: [row for row in one.audit("auth.login") if row["request_id"] == request],
                   "the record of a login that was acknowledged", 5)
    assert check_everything(server, load.acknowledged) > 20
    ok(person.try_login())


def stands_at(load: WriteLoad) -> int:
    """How much is acknowledged when nothing more is: a write can still find room in a page that is there."""
    def still():
        written, refused = len(load.acknowledged), load.refused
        wait_until(lambda: load.refused >= refused + 10, "more refusals", 30)
        return written if len(load.acknowledged) == written else None

    return wait_until(still, "no write to be acknowledged any more", 60)


def in_a_namespace_of_its_own(test: str) -> None:
    """Who is not root may mount there."""
    command = ["unshare", "--user", "--map-current-user", "--keep-caps", "--mount", sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
               f"{__file__}::{test}"]
    finished = subprocess.run(command, env={**os.environ, IN_NAMESPACE: "1"}, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
