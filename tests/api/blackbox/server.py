"""One running `sentinel serve` with a private database of its own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
from psycopg.rows import dict_row

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = os.path.abspath(os.environ.get("SENTINEL_PROGRAM", ROOT / "build/release/src/app/sentinel"))
IS_LONG = os.environ.get("SENTINEL_LONG") == "1"
ADMIN_EMAIL = "first.admin@sentinel.example"
ADMIN_PASSWORD = "Correct-Horse-7-Battery"
PLATFORM_TENANT = "00000000-0000-0000-0000-000000000000"

# Raised as page 00 section 5 says of test runs; hashing is cheap where it is not the subject.
SETTINGS = {
    "ENVIRONMENT": "test",
    "LOG_LEVEL": "INFO",
    "TRUSTED_PROXIES": "127.0.0.0/8",  # so that each client can be given an address of its own
    "RATE_LIMIT_PER_MINUTE": "1000000",
    "RATE_LIMIT_PER_HOUR": "10000000",
    "RATE_LIMIT_TENANT_PER_MINUTE": "1000000",
    "RATE_LIMIT_PRINCIPAL_PER_MINUTE": "1000000",
    "ARGON2_MEMORY_KIB": "64",
    "ARGON2_ITERATIONS": "1",
    "MAX_TENANTS": "0",
    "DB_POOL_SIZE": "8",
    "DB_MAX_OVERFLOW": "4",
    "SHUTDOWN_SECONDS": "5",
    "JWT_ISSUER": "https://sentinel.example",  # the same on every port
}


def wait_until(condition, what: str, seconds: float = 30, step: float = 0.02):
    """The first true value of `condition()`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited {seconds} s in vain for: {what}"
        time.sleep(step)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def clean_environment() -> dict[str, str]:
    """Ours without settings of the caller's shell: an unprefixed LOG_LEVEL, say, would be read."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "LLVM_PROFILE_FILE", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")
    return {name: value for name, value in os.environ.items() if name in kept}


def process_is_alive(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


class Server:
    def __init__(self, folder: Path, settings: dict | None = None, program: str = PROGRAM, preload: str = ""):
        self.folder = folder
        self.data = folder / "data"
        self.settings = {**SETTINGS, **(settings or {})}
        self.program = program
        self.preload = preload
        self.process: subprocess.Popen | None = None
        self.port = free_port()
        self.metrics_port = free_port()
        self.log_path = folder / "server.log"

    # -- life ----------------------------------------------------------------------------------------------------------

    def environment(self) -> dict[str, str]:
        own = {"LISTEN": f"127.0.0.1:{self.port}", "METRICS_PORT": str(self.metrics_port), "DATA_DIR": str(self.data),
               "ADMIN_EMAIL": ADMIN_EMAIL, "ADMIN_PASSWORD": ADMIN_PASSWORD, **self.settings}
        environment = clean_environment()
        environment |= {f"SENTINEL_{name}": value for name, value in own.items() if value is not None}
        if self.preload:
            environment["LD_PRELOAD"] = self.preload
        return environment

    def spawn(self, *flags: str) -> "Server":
        """Starts the process and does not wait for it."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen([self.program, "serve", *flags], env=self.environment(), stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, cwd=self.folder)
        return self

    def start(self, *flags: str, seconds: float = 60) -> "Server":
        self.spawn(*flags)
        self.wait_ready(seconds)
        return self

    def is_ready(self) -> bool:
        assert self.process.poll() is None, f"the server ended with {self.process.returncode}:\n{self.log()[-4000:]}"
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def wait_ready(self, seconds: float = 60) -> None:
        wait_until(self.is_ready, "/health/ready to answer 200", seconds)

    def stop(self, expected: int = 0, seconds: float = 30) -> None:
        """SIGTERM; the exit code is part of the contract."""
        if self.process is None:
            return
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"the server did not end within {seconds} s of SIGTERM:\n{self.log()[-4000:]}") from None
        assert code == expected, f"exit code {code}:\n{self.log()[-4000:]}"

    def kill(self) -> None:
        """SIGKILL; PostgreSQL lives on."""
        process, self.process = self.process, None
        process.kill()
        process.wait()

    def database_process(self) -> int | None:
        """Process id of our PostgreSQL, from the file that it keeps."""
        try:
            process_id = int((self.cluster / "postmaster.pid").read_text("ascii").splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        return process_id if process_is_alive(process_id) else None

    def remove(self) -> None:
        """Ends whatever still runs of it, and leaves no file."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        database = self.database_process()
        if database:
            os.kill(database, signal.SIGCONT)
            os.kill(database, signal.SIGQUIT)
            wait_until(lambda: not process_is_alive(database), "PostgreSQL to end")
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- what is known of it -----------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def cluster(self) -> Path:
        return self.data / "postgres/cluster"

    def log(self) -> str:
        return self.log_path.read_text("utf-8", "replace") if self.log_path.exists() else ""

    def database_url(self, role: str = "sentinel_owner") -> str:
        return f"postgresql:///sentinel_db?host={self.socket_folder}&user={role}"

    @property
    def socket_folder(self) -> str:
        lines = (self.cluster / "postmaster.pid").read_text("utf-8").splitlines()
        return lines[4]

    @contextmanager
    def connection(self, role: str = "sentinel_owner"):
        with psycopg.connect(self.database_url(role), autocommit=True, row_factory=dict_row) as connection:
            yield connection

    def rows(self, statement: str, *values) -> list[dict]:
        """As the owner, who is above row-level security."""
        with self.connection() as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, statement: str, *values):
        found = self.rows(statement, *values)
        return next(iter(found[0].values())) if found else None


def new_folder() -> Path:
    """Reachable by the user postgres, which PostgreSQL runs as when the tests are run by root."""
    folder = Path(tempfile.mkdtemp(prefix="sentinel-"))
    folder.chmod(0o711)
    return folder


def copy_of(template: Path) -> Path:
    """A folder with the same data: quicker than a cluster made anew."""
    folder = new_folder()
    subprocess.run(["cp", "-a", str(template / "data"), str(folder / "data")], check=True)
    return folder
