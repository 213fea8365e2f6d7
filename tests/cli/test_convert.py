"""`sentinel convert access-matrix`."""

import json
import random

import pytest
import yaml
from conftest import run

MATRIX = "ann p1\nann p2\nbob p2\ncid p2\ncid p1\n"


def test_yaml_to_standard_output(tmp_path):
    result = run("convert", "access-matrix", "-", stdin=MATRIX)
    assert result.returncode == 0
    assert result.stderr == "3 users, 2 roles, 2 permissions\n"
    policy = yaml.safe_load(result.stdout)
    assert policy["users"]["ann"]["roles"] == ["role-00001"]
    assert policy["users"]["bob"]["roles"] == ["role-00002"]
    assert policy["users"]["cid"]["roles"] == ["role-00001"]
    assert policy["permissions"]["entitlement/p1"]["resource_path"] == "entitlement/p1"


def test_what_deceives_a_reader_is_refused():
    for matrix, message in (("\ufeffann p1\n", "-:1: begins with a byte order mark"),
                            ("ok p1\na\u202en p1\n", "-:2: a\\u{202e}n: a user must not contain control or format characters")):
        result = run("convert", "access-matrix", "-", stdin=matrix)
        assert (result.returncode, result.stderr) == (3, f"sentinel: {message}\n")


def test_help_says_what_the_file_is():
    assert "one `user permission` pair a line, no header and no table" in run("convert", "access-matrix", "--help").stdout


def test_json_by_option_or_ending(tmp_path):
    printed = run("convert", "access-matrix", "-", "--json", stdin=MATRIX).stdout
    path = tmp_path / "policy.json"
    assert run("convert", "access-matrix", "-", "-o", path, stdin=MATRIX).returncode == 0
    assert path.read_text() == printed
    assert json.loads(printed)["version"] == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["policy.json"]


@pytest.mark.parametrize("ending", ["yaml", "json"])
def test_the_policy_says_exactly_what_the_matrix_says(tmp_path, ending):
    chance = random.Random(7)
    users = [f"{name}" for name in ["1", "02", "no", "null", "user@x.example", "Ærø", "#7", "a:b", "true", "1e3"]]
    permissions = [f"{name}" for name in ["1", "02", "yes", "P-Read", "a.b:c", "é", "~", "x_y"]]
    pairs = {(user, permission) for user in users for permission in permissions if chance.random() < 0.4}
    pairs |= {(user, permissions[0]) for user in users} | {(users[0], permission) for permission in permissions}
    matrix = tmp_path / "matrix.txt"
    matrix.write_text("".join(f"{user} {permission}\n" for user, permission in sorted(pairs)), encoding="utf-8")
    policy = tmp_path / f"policy.{ending}"
    assert run("convert", "access-matrix", matrix, "-o", policy).returncode == 0
    asked = [(user, permission) for user in users for permission in permissions]
    questions = "".join(json.dumps({"user_id": user, "action": "access", "resource": {"type": "entitlement", "id": permission}}) + "\n"
                        for user, permission in asked)
    result = run("check", "-p", policy, "-q", "-", stdin=questions)
    assert result.returncode == 0, result.stderr
    allowed = {pair for pair, line in zip(asked, result.stdout.splitlines()) if json.loads(line)["allowed"]}
    assert allowed == pairs
    for permission in permissions:
        holders = run("who-can", "-p", policy, "access", f"entitlement/{permission}").stdout.splitlines()
        assert set(holders) == {user for user, held in pairs if held == permission}


@pytest.mark.parametrize("line", ["ann", "ann p1 p2", "ann *", "ann **", "ann a/b"])
def test_a_line_that_is_no_pair_is_named(line):
    result = run("convert", "access-matrix", "-", stdin=f"bob p\n{line}\n")
    assert result.returncode == 3
    assert result.stdout == ""
    assert result.stderr.startswith("sentinel: -:2: ")


def test_files_that_cannot_be_used(tmp_path):
    assert run("convert", "access-matrix", tmp_path / "missing").returncode == 3
    assert run("convert", "access-matrix", "-", "-o", tmp_path / "no" / "policy.yaml", stdin=MATRIX).returncode == 2
