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


def test_an_unknown_command_is_named():
    for arguments in (["foo"], ["foo", "bar"], ["convert", "foo"], ["foo", "check"]):
        result = run(*arguments)
        assert result.returncode == 2
        assert result.stderr == "sentinel: unknown command 'foo' (see --help)\n"
    assert "unknown command" not in run("--foo").stderr
    assert "unknown command" not in run("version", "foo").stderr


def test_json_carries_nothing_that_steers_a_terminal(policy):
    steering = "\u009b\u202e\u2028\u2066x"
    question = json.dumps({"user_id": "reader" + steering, "action": "read", "resource": {"type": "app"}}) + "\n"
    for result in (run("check", "-p", policy, "-q", "-", stdin=question), run("check", "-p", policy, "reader" + steering, "read", "app/x", "--json"),
                   run("explain", "-p", policy, "inspector", "read", "vessel/v", "--attributes", json.dumps({"region": steering}), "--json"),
                   run("validate", "--json", "none" + steering), run("test", "--json", "none" + steering)):
        assert "\\u009b\\u202e\\u2028\\u2066x" in result.stdout
        assert not set(steering[:-1]) & set(result.stdout)
        json.loads(result.stdout)


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
