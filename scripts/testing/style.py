"""clang-format and clang-tidy."""

import hashlib
import json
from pathlib import Path

from .context import BUILD, RELEASE_TARGETS, ROOT, Context, run_program
from .report import PASSED, Outcome

CLEAN = BUILD / "tidy"


def sources(*patterns: str) -> list[Path]:
    listed = run_program(["git", "-c", f"safe.directory={ROOT}", "ls-files", *patterns])
    if listed.ok:
        return [ROOT / name for name in listed.output.splitlines()]
    folders = {pattern.split("*")[0].strip("/") for pattern in patterns}
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.[ch]pp"))  # an unpacked archive


def formatting(context: Context) -> None:
    files = sources("src/*.cpp", "src/*.hpp", "tests/*.cpp", "tests/*.hpp", "bench/*.cpp", "bench/*.hpp", "examples/*.cpp")
    finished = run_program(["clang-format-19", "--dry-run", "-Werror", *files])
    differing = sorted({line.split(":")[0] for line in finished.output.splitlines() if ": error:" in line})
    finished.output = "\n".join([*differing, "to mend: clang-format-19 -i $(git ls-files '*.cpp' '*.hpp')"])
    context.record("format", f"clang-format of {len(files)} files", finished)


def tidy(context: Context) -> None:
    """Only what changed since it was last found clean: a file's key covers the file, all headers, and the checks."""
    if not context.build("tidy", "release", RELEASE_TARGETS):
        return
    compiled = {entry["file"] for entry in json.loads((BUILD / "release/compile_commands.json").read_text("utf-8"))}
    files = [path for path in sources("src/*.cpp") if str(path) in compiled and not path.name.endswith("_test.cpp")]
    common = _common_key()
    CLEAN.mkdir(parents=True, exist_ok=True)
    context.in_parallel(lambda path: _tidy_file(context, path, common), files)


def _common_key() -> bytes:
    digest = hashlib.sha256(run_program(["clang-tidy-19", "--version"]).output.encode())
    for path in [ROOT / ".clang-tidy", *sources("src/*.hpp")]:
        digest.update(path.read_bytes())
    return digest.digest()


def _tidy_file(context: Context, path: Path, common: bytes) -> None:
    name = str(path.relative_to(ROOT))
    stamp = CLEAN / hashlib.sha256(common + name.encode() + path.read_bytes()).hexdigest()
    if stamp.exists():
        context.report.add(Outcome("tidy", name, PASSED, 0, "unchanged since it was found clean"))
        return
    finished = run_program(["clang-tidy-19", "--quiet", "-p", BUILD / "release", path])
    if context.record("tidy", name, finished):
        stamp.touch()
