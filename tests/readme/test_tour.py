"""The README's tour: every ```console block runs as printed, all after each other in one shell, in a copy of the checkout.

In a block `$ ` begins a command; a trailing backslash and a here-document continue it. What follows up to the next command is
what a terminal shows of it: output and errors in their order. An exit code is compared where the README asks `$ echo $?`;
elsewhere it is 1 after DENIED, else 0.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PROGRAM = Path(os.environ.get("SENTINEL", ROOT / "sentinel")).resolve()
ASKS_EXIT_CODE = "echo $?"


@dataclass
class Command:
    line: int  # of the README
    text: str
    expected: str = ""
    output: str = ""
    code: int | None = None


def read_command(lines: list[tuple[int, str]]) -> Command:
    """Takes one command with its continuation from the front of the lines."""
    number, first = lines.pop(0)
    text = [first.removeprefix("$ ")]
    while text[-1].endswith("\\"):
        text.append(lines.pop(0)[1])
    if heredoc := re.search(r"<<'?(\w+)'?", text[-1]):
        while text[-1] != heredoc[1]:
            text.append(lines.pop(0)[1])
    return Command(number, "\n".join(text))


def read_block(lines: list[tuple[int, str]]) -> list[Command]:
    commands = []
    while lines:
        assert lines[0][1].startswith("$ "), f"README.md:{lines[0][0]}: a console block begins with a command"
        command = read_command(lines)
        while lines and not lines[0][1].startswith("$ "):
            command.expected += lines.pop(0)[1] + "\n"
        commands.append(command)
    return commands


def read_commands(text: str) -> list[Command]:
    blocks: list[list[tuple[int, str]]] = []
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line == "```console":
            blocks.append([])
            inside = True
        elif line == "```":
            inside = False
        elif inside:
            blocks[-1].append((number, line))
    return [command for block in blocks for command in read_block(block)]


def copy_checkout(target: Path) -> None:
    """What a clone holds, copied on write where the file system can."""
    listed = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:  # an unpacked archive
        shutil.copytree(ROOT, target, symlinks=True, ignore=shutil.ignore_patterns("build", ".git", "sentinel"))
        return
    target.mkdir()
    present = b"\0".join(name for name in listed.stdout.split(b"\0") if name and (ROOT / os.fsdecode(name)).exists())
    subprocess.run(["xargs", "-0", "cp", "--reflink=auto", "--parents", "-t", target], input=present, cwd=ROOT, check=True)


def run_all(commands: list[Command], folder: Path) -> None:
    """One shell for all, so that files and $? carry over; a NUL and the exit code end each command's output."""
    script = "".join(f"{command.text}\nstatus=$?; printf '\\0%d\\0' $status; (exit $status)\n" for command in commands)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300, check=False)
    parts = done.stdout.decode("utf-8").split("\0")
    for command, output, code in zip(commands, parts[0::2], parts[1::2]):
        command.output, command.code = output, int(code)


@pytest.fixture(scope="session")
def tour(tmp_path_factory):
    commands = read_commands(README.read_text("utf-8"))
    assert PROGRAM.is_file(), "build it first: ./run --build-only"
    folder = tmp_path_factory.mktemp("tour") / "sentinel"
    copy_checkout(folder)
    (folder / "sentinel").symlink_to(PROGRAM)
    run_all(commands, folder)
    return commands


COMMANDS = read_commands(README.read_text("utf-8"))


NAMES = [f"line {command.line}: {command.text.splitlines()[0]}" for command in COMMANDS]


@pytest.mark.parametrize("index", range(len(COMMANDS)), ids=NAMES)
def test_the_readme_tells_what_happens(tour, index):
    command = tour[index]
    assert command.code is not None, "the shell ended before this command"
    assert command.output == command.expected
    asked = index + 1 < len(tour) and tour[index + 1].text == ASKS_EXIT_CODE
    assert asked or command.code == int(command.expected.startswith("DENIED"))


def test_the_tour_visits_every_subcommand_it_promises():
    visited = {word for command in COMMANDS for word in re.findall(r"\./sentinel ([\w-]+)", command.text)}
    assert visited >= {"validate", "check", "explain", "who-can", "resources", "actions", "test", "convert"}


def test_the_readme_links_to_what_exists():
    text = README.read_text("utf-8")
    missing = [target for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text) if not (ROOT / target).exists()]
    assert missing == []
