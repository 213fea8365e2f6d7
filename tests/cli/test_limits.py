"""Inputs without an end, and too little memory."""

import resource
import subprocess

import pytest
from conftest import PROGRAM, run

LONG = "is longer than 256 MiB, the most that is read"
MEMORY = "there is not enough memory to read it"


def run_endless(*arguments, megabytes=None):
    """With an endless standard input; `megabytes` of memory at most."""
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

    with open("/dev/zero", "rb") as zeros:
        return subprocess.run([PROGRAM, *map(str, arguments)], stdin=zeros, capture_output=True, text=True, timeout=60,
                              preexec_fn=limit if megabytes else None)


def test_endless_policies_are_not_read_to_the_end(tmp_path):
    for arguments in (["-"], ["/dev/zero"]):
        result = run_endless("validate", *arguments)
        assert result.returncode == 3
        assert result.stdout == f"{arguments[0]}: {LONG}\n"
    result = run_endless("check", "-p", "-", "ann", "read", "app/x")
    assert (result.returncode, result.stderr) == (3, f"sentinel: -: {LONG}\n")


def test_a_policy_named_by_another_may_be_endless(tmp_path):
    path = tmp_path / "tests.yaml"
    path.write_text("version: 1\npolicy: /dev/zero\ntests: {}\n")
    result = run("test", path)
    assert result.returncode == 3
    assert f"/dev/zero: {LONG}" in result.stderr


def test_an_endless_matrix_is_not_read_to_the_end():
    result = run_endless("convert", "access-matrix", "-")
    assert (result.returncode, result.stderr) == (3, f"sentinel: -: {LONG}\n")


@pytest.mark.parametrize("arguments", [["validate", "-"], ["check", "-p", "-", "ann", "read", "app/x"], ["convert", "access-matrix", "-"]])
def test_too_little_memory_to_read_is_told_of_the_file(arguments):
    result = run_endless(*arguments, megabytes=128)
    assert result.returncode == 3
    assert f"-: {MEMORY}" in result.stdout + result.stderr


def test_too_little_memory_to_load_is_told_of_the_file(tmp_path):
    policy = tmp_path / "policy.json"
    users = ",".join(f'"user-{number}":{{}}' for number in range(400_000))
    policy.write_text(f'{{"version":1,"tenant":"T","users":{{{users}}}}}')
    matrix = tmp_path / "matrix.txt"
    matrix.write_text("".join(f"user-{number} p{number % 1000}\n" for number in range(400_000)))
    for arguments, path in ((["validate"], policy), (["check", "ann", "read", "app/x", "-p"], policy), (["convert", "access-matrix"], matrix)):
        result = run_endless(*arguments, path, megabytes=80)
        assert result.returncode == 3
        assert f"{path}: {MEMORY}" in result.stdout + result.stderr
