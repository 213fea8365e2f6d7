"""docs/contributing.md followed to the letter in a clone: what it shows compiles, runs and passes. The clone is thrown away."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/contributing.md").read_text("utf-8")
HALF_AN_HOUR = 1800


def steps_of(heading: str) -> dict[int, tuple[str, list[str]]]:
    """The numbered steps of a section: what each says, and its blocks of code."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    steps = {}
    for number, text in re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |^\S(?!\d)|\Z)", section, re.M | re.S):
        blocks = []
        for indent, code in re.findall(r"^( *)```\w+\n(.*?)^ *```", text, re.M | re.S):
            blocks.append("".join(line.removeprefix(indent) for line in code.splitlines(keepends=True)))
        steps[int(number)] = (text, blocks)
    return steps


def insert(path: Path, before: str, code: str, last: bool = False) -> None:
    text = path.read_text("utf-8")
    head, found, tail = text.rpartition(before) if last else text.partition(before)
    assert found, f"{path}: nowhere is {before!r}"
    path.write_text(f"{head}{code}{found}{tail}", "utf-8")


def insert_entry(path: Path, line: str) -> None:
    """As the last of ENTRIES; other tables stand before it."""
    head, found, tail = path.read_text("utf-8").partition("\nENTRIES: dict")
    assert found, f"{path} has no ENTRIES"
    entries, end, rest = tail.partition("\n}\n")
    assert end, f"{path}: ENTRIES has no end"
    path.write_text(f"{head}{found}{entries}\n{line}{end}{rest}", "utf-8")


def run(folder: Path, command: str) -> str:
    # What names a program or a result of the caller's run would be obeyed by the tests in the copy.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SENTINEL", "PYTEST"))}
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, env=environment, capture_output=True, text=True,
                          timeout=HALF_AN_HOUR)
    assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
    return done.stdout


@pytest.fixture
def clone(tmp_path):
    """What lies in the tree now, committed or not, and nothing that was built."""
    folder = tmp_path / "sentinel"
    for name in filter(None, run(ROOT, "git ls-files --cached --others --exclude-standard -z").split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    yield folder
    shutil.rmtree(folder)


def test_an_endpoint(clone):
    steps = steps_of("Adding an endpoint")
    blocks = {number: code for number, (_, code) in steps.items()}
    tenants = clone / "src/modules/tenants"
    end = "}  // namespace sentinel::tenants"
    insert(tenants / "schemas.hpp", end, blocks[1][0], last=True)
    insert(tenants / "schemas.cpp", end, blocks[2][0], last=True)
    insert(tenants / "repository.hpp", "}  // namespace repository", blocks[3][0])
    statement, function = blocks[4]
    insert(tenants / "repository.cpp", "}  // namespace\n", statement)
    insert(tenants / "repository.cpp", "}  // namespace repository", function)
    insert(tenants / "repository.cpp", "&find_tenant,", "&find_note_statement, ")
    insert(tenants / "tenants.hpp", "private:", blocks[5][0])
    insert(tenants / "service_read.cpp", end, blocks[6][0], last=True)
    insert(tenants / "routes.cpp", "}\n\n" + end, blocks[7][0], last=True)
    insert_entry(clone / "tests/api/blackbox/routes.py", "    " + blocks[8][0].rstrip("\n"))
    with (clone / "tests/api/test_tenants.py").open("a") as tests:
        tests.write("\n\n" + blocks[9][0])
    output = run(clone, blocks[10][0])
    assert re.search(r"^1$", output, re.M), "the route is not in the document"
    assert re.search(r"\b\d+ passed", output), output


def test_a_module(clone):
    steps = steps_of("Adding a module")
    folder = clone / "src/modules/headcount"
    folder.mkdir()
    for number in range(1, 11):
        text, blocks = steps[number]
        name = re.search(r"`(?:src/modules/headcount/)?(\w+\.\w+)`", text)[1]
        (folder / name).write_text(blocks[0], "utf-8")
    with (clone / "src/modules/CMakeLists.txt").open("a") as cmake:
        cmake.write("add_subdirectory(headcount)\n")
    serve = clone / "src/app/serve"
    link, include, member, routes_include, initialiser, routes = (
        "sentinel::modules_headcount", '#include "modules/headcount/headcount.hpp"', "headcount::HeadcountService headcount;",
        '#include "modules/headcount/routes.hpp"', "headcount(database)",
        "headcount::add_headcount_routes(routes, services.headcount);")
    for said in (link, include, member, routes_include, initialiser, routes):
        assert f"`{said}`" in steps[11][0], f"step 11 does not say {said}"
    insert(serve / "CMakeLists.txt", "sentinel::modules_tenants", link + " ")
    insert(serve / "worker.hpp", '#include "modules/service_accounts', include + "\n")
    insert(serve / "worker.hpp", "\n    /// A context of the program itself", f"    {member}\n")
    insert(serve / "worker.cpp", '#include "modules/service_accounts', routes_include + "\n")
    insert(serve / "worker.cpp", " {}\n\nplatform::RequestContext", f",\n      {initialiser}")
    insert(serve / "worker.cpp", "}\n\nwrites::AuditQueueOptions", f"    {routes}\n")
    entry = re.search(r"`(\"GET /api/v1/headcount\": .*?,)`", steps[12][0])[1]
    insert_entry(clone / "tests/api/blackbox/routes.py", f"    {entry}")
    (clone / "tests/api/test_headcount.py").write_text(steps[12][1][0], "utf-8")
    assert re.search(r"\b\d+ passed", run(clone, steps[13][1][0]))
