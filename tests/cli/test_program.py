"""What holds for the program as a whole: help, usage errors, version, output that cannot be written."""

import json
import os

import pytest
from conftest import PROGRAM, run

COMMANDS = ["check", "explain", "who-can", "resources", "actions", "test", "validate", "convert", "bench", "version"]


def test_help_lists_every_command():
    result = run("--help")
    assert result.returncode == 0
    for command in COMMANDS:
        assert command in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command):
    result = run(command, "--help")
    assert result.returncode == 0
    assert result.stderr == ""
    assert "Usage: sentinel " + command in result.stdout


def test_the_matrix_conversion_has_help():
    assert "entitlement/PERMISSION" in run("convert", "access-matrix", "--help").stdout


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["check"], ["explain"], ["who-can"], ["resources"], ["actions"], ["test"],
                                       ["validate"], ["convert"], ["convert", "access-matrix"], ["bench"], ["version", "--colour"],
                                       ["check", "--polcy", "x"]])
def test_bad_usage_is_one_line_and_exit_code_2(arguments):
    result = run(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("sentinel: ")
    assert result.stderr.count("\n") == 1


def test_version():
    for arguments in (["version"], ["--version"]):
        result = run(*arguments)
        assert result.returncode == 0
        assert result.stdout.startswith("sentinel ")
    described = json.loads(run("version", "--json").stdout)
    assert result.stdout.strip() == f"sentinel {described['version']}"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_an_allow_that_cannot_be_written_is_no_allow(policy):
    status = os.system(f"'{PROGRAM}' check -p '{policy}' reader read app/ops > /dev/full 2> /dev/null")
    assert os.waitstatus_to_exitcode(status) == 2
