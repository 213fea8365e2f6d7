"""What every stage needs: where things are, how to run a program, how to bring a build up to date."""

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .report import FAILED, PASSED, Outcome, Report

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
RESULTS = BUILD / "test-results"
SHARED = ROOT.parent / "shared"
# What runs at full speed; the unit tests run in build/asan.
RELEASE_TARGETS = ["sentinel", "sentinel_differential", "small_worlds", "laws", "access_matrix_check", "engine_bench",
                   "engine_concurrency_test"]


@dataclass
class Finished:
    """A program that has ended: `code` is None when it was stopped at its time limit."""

    code: int | None
    output: str
    seconds: float

    @property
    def ok(self) -> bool:
        return self.code == 0


def run_program(command: list, limit: float = 1800, environment: dict | None = None, directory: Path = ROOT) -> Finished:
    """Runs a program to its end, output and errors together."""
    start = time.monotonic()
    command = [str(part) for part in command]
    try:
        done = subprocess.run(command, cwd=directory, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit, check=False)
        code, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as expired:
        code, output = None, (expired.stdout or b"") + f"\nstopped after {limit:.0f} s".encode()
    except FileNotFoundError as missing:
        code, output = 127, str(missing).encode()
    return Finished(code, output.decode("utf-8", "replace"), time.monotonic() - start)


@dataclass
class Context:
    report: Report
    long: bool = False
    jobs: int = 2
    name_filter: str = ""  # part of a test's name; "" runs all
    builds: dict | None = None
    unit_tests_ran: bool = False

    def record(self, stage: str, name: str, finished: Finished) -> bool:
        """One test that is one program: passed when its exit code is 0."""
        status = PASSED if finished.ok else FAILED
        detail = "" if finished.ok else f"exit code {finished.code}\n{finished.output}"
        self.report.add(Outcome(stage, name, status, finished.seconds, detail))
        return finished.ok

    def build(self, stage: str, preset: str, targets: list[str], options: tuple[str, ...] = ()) -> bool:
        """Configures the preset and builds the targets; recorded as a test once for each distinct request."""
        request = (preset, tuple(targets), options)
        self.builds = {} if self.builds is None else self.builds
        if request not in self.builds:
            configured = self.configure(preset, options)
            command = ["cmake", "--build", "--preset", preset, "--parallel", self.jobs]
            command += ["--target", *targets] if targets else []
            built = run_program(command) if configured.ok else configured
            built.output = failing_part(built.output)
            self.builds[request] = self.record(stage, f"build {preset}", built)
        return self.builds[request]

    def configure(self, preset: str, options: tuple[str, ...] = ()) -> Finished:
        return run_program(["cmake", "--preset", preset, *options])

    def in_parallel(self, action, items: list) -> list:
        with ThreadPoolExecutor(self.jobs) as pool:
            return list(pool.map(action, items))


def failing_part(output: str) -> str:
    """From the first failure on: ninja prints the others' progress around it."""
    lines = output.splitlines()
    start = next((number for number, line in enumerate(lines) if line.startswith("FAILED:") or " error: " in line), 0)
    return "\n".join(lines[start:start + 30])
