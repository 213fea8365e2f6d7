"""PostgreSQL clusters of an operator's own, for failovers and restores: each answers at the address that all share when its turn comes."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import psycopg

from .server import Server, new_folder, wait_until

BINARIES = Path(subprocess.run(["pg_config", "--bindir"], check=True, capture_output=True, text=True).stdout.strip())
SUPERUSER = "postgres"
SETTINGS = {"listen_addresses": "", "wal_level": "replica", "max_wal_senders": "4", "hot_standby": "on", "fsync": "off",
            "logging_collector": "off", "max_connections": "60", "timezone": "UTC", "restore_command": "/bin/false"}


class Clusters:
    """Clusters by name. `switch(name)` leads the server's DATABASE_URL to one of them, as a virtual address would."""

    def __init__(self, template: Path):
        self.folder = new_folder()
        shutil.chown(self.folder, *self._owner())
        self.template = template
        self.address = self.folder / "run"
        self.processes: dict[str, subprocess.Popen] = {}

    @staticmethod
    def _owner() -> tuple[str, str]:
        name = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        return name, name

    def data(self, name: str) -> Path:
        return self.folder / name

    def sockets(self, name: str) -> Path:
        return self.folder / f"run-{name}"

    def _run(self, *command: str) -> None:
        subprocess.run(command, check=True, user=self._owner()[0], group=self._owner()[1], cwd=self.folder, capture_output=True)

    def take_over(self, name: str) -> None:
        """A copy of the cluster of a server that has run once."""
        subprocess.run(["cp", "-a", str(self.template / "data/postgres/cluster"), str(self.data(name))], check=True)

    def copy(self, source: str, name: str, *flags: str) -> None:
        """A physical copy of a running cluster; with -R as its standby."""
        self._run(str(BINARIES / "pg_basebackup"), "-D", str(self.data(name)), "-h", str(self.sockets(source)), "-U", SUPERUSER,
                  "-c", "fast", *flags)

    def start(self, name: str) -> None:
        sockets = self.sockets(name)
        self._run("mkdir", "-p", str(sockets))
        settings = SETTINGS | {"unix_socket_directories": str(sockets), "hba_file": str(self.folder / "hba.conf")}
        (self.folder / "hba.conf").write_text("local all all trust\nlocal replication all trust\n")
        configuration = self.folder / f"{name}.conf"
        configuration.write_text("".join(f"{key} = '{value}'\n" for key, value in settings.items()))
        # What pg_basebackup -R wrote stands in postgresql.auto.conf, which is read whatever the file above.
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(BINARIES / "postgres"), "-D", str(self.data(name)), "-c", f"config_file={configuration}"], stdout=log, stderr=log,
                user=self._owner()[0], group=self._owner()[1], cwd=self.folder)
        wait_until(lambda: self.answers(name), f"cluster {name} to answer")

    def answers(self, name: str) -> bool:
        assert self.processes[name].poll() is None, (self.folder / f"{name}.log").read_text()[-3000:]
        try:
            self.value(name, "select 1")
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, name: str, how: str = "immediate") -> None:
        self._run(str(BINARIES / "pg_ctl"), "stop", "-D", str(self.data(name)), "-m", how, "-w")
        self.processes.pop(name).wait()

    def promote(self, name: str) -> None:
        self._run(str(BINARIES / "pg_ctl"), "promote", "-D", str(self.data(name)), "-w")

    def value(self, name: str, statement: str, *values, user: str = "sentinel_owner"):
        with psycopg.connect(f"postgresql:///sentinel_db?host={self.sockets(name)}&user={user}", autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchone()[0] if cursor.description else None

    def switch(self, name: str) -> None:
        self.address.unlink(missing_ok=True)
        self.address.symlink_to(self.sockets(name))

    def server(self, **settings) -> Server:
        url = "postgresql:///sentinel_db?host={}&user={}"
        return Server(new_folder(), {"DATABASE_URL": url.format(self.address, "sentinel_app"),
                                     "DATABASE_OWNER_URL": url.format(self.address, "sentinel_owner"), "AUTO_MIGRATE": "false",
                                     "MASTER_KEY": (self.template / "data/master.key").read_text("ascii").strip(), **settings})

    def remove(self) -> None:
        for name in list(self.processes):
            self.stop(name)
        shutil.rmtree(self.folder, ignore_errors=True)
