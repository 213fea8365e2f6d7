"""Source-based coverage of the engine and the policy reader: a floor, not a goal."""

import json
import os
from pathlib import Path

from . import units
from .context import RESULTS, ROOT, Context, run_program
from .report import FAILED, PASSED, Outcome
from .units import PROFILES, program_path, sanitized_programs

FLOORS = {"lines": 95.0, "branches": 90.0}
MEASURED = ("src/engine/", "src/policy/")
# The reference is what the engine is judged by, and tests are not what is tested.
LEFT_OUT = ("src/engine/reference/",)


def run(context: Context) -> None:
    """Judges what the unit tests reached; where they have not run yet they do now."""
    if not context.unit_tests_ran:
        units.run(context)
    _judge(context, _summary([program_path("asan", name) for name in sanitized_programs()], PROFILES))


def _summary(programs: list[Path], profiles: Path) -> dict:
    merged = profiles / "all.profdata"
    raw = sorted(profiles.glob("*.profraw"))
    finished = run_program(["llvm-profdata-19", "merge", "-sparse", "-o", merged, *raw])
    if not finished.ok:
        raise RuntimeError(finished.output)
    objects = [argument for program in programs[1:] for argument in ("-object", program)]
    finished = run_program(["llvm-cov-19", "export", "-summary-only", f"-compilation-dir={ROOT}", "-instr-profile", merged, programs[0], *objects])
    if not finished.ok:
        raise RuntimeError(finished.output)
    return json.loads(finished.output[finished.output.index("{"):])


def _relative(name: str) -> str:
    """A header is known by the link through which it was included: build/coverage/include/<target>/engine/x.hpp."""
    path = os.path.realpath(ROOT / name.lstrip("/")) if not name.startswith(str(ROOT)) else os.path.realpath(name)
    return os.path.relpath(path, ROOT)


def _judge(context: Context, summary: dict) -> None:
    files: dict[str, dict] = {}
    for entry in summary["data"][0]["files"]:
        name = _relative(entry["filename"])
        if name.startswith(MEASURED) and not name.startswith(LEFT_OUT) and not name.endswith(("_test.cpp", "_testing.hpp")):
            files[name] = entry["summary"]
    if not files:
        raise RuntimeError("no file of src/engine or src/policy is in the report")
    report = RESULTS / "coverage.txt"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text("".join(_row(name, files[name]) for name in sorted(files)), "utf-8")
    for kind, floor in FLOORS.items():
        covered, count = (sum(entry[kind][part] for entry in files.values()) for part in ("covered", "count"))
        share = 100.0 * covered / max(count, 1)
        detail = f"{kind}: {share:.2f} % of {count}, floor {floor} %; by file (build/test-results/coverage.txt):\n" + report.read_text("utf-8")
        status = PASSED if share >= floor else FAILED
        context.report.add(Outcome("coverage", f"{kind} at least {floor:.0f} %", status, 0, detail))
        context.report.say(f"  {kind}: {share:.2f} % of {count}")


def _row(name: str, entry: dict) -> str:
    return f"{entry['lines']['percent']:6.2f} % lines {entry['branches']['percent']:6.2f} % branches  {name}\n"
