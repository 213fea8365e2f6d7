"""`sentinel validate`."""

import json

from conftest import run


def test_a_valid_policy(policy):
    result = run("validate", policy)
    assert result.returncode == 0
    assert result.stdout == f"{policy}: valid\n"


def test_every_problem_has_its_line_and_pointer(broken_policy, policy):
    result = run("validate", broken_policy, policy)
    assert result.returncode == 3
    lines = result.stdout.splitlines()
    for start in (f"{broken_policy}:4: /roles/a/priority: ", f"{broken_policy}:5: /roles/b/parent: ", f"{broken_policy}:6: /colour: "):
        assert any(line.startswith(start) for line in lines), (start, lines)
    assert f"{policy}: valid" in lines


def test_json(broken_policy, policy):
    assert json.loads(run("validate", policy, "--json").stdout) == {"valid": True, "problems": [], "warnings": []}
    result = run("validate", broken_policy, "--json")
    assert result.returncode == 3
    report = json.loads(result.stdout)
    assert report["valid"] is False
    assert {problem["pointer"] for problem in report["problems"]} >= {"/roles/a/priority", "/roles/b/parent", "/colour"}
    assert all(set(problem) == {"file", "line", "pointer", "code", "message"} for problem in report["problems"])


def test_a_file_that_cannot_be_read_does_not_hide_the_others(broken_policy):
    result = run("validate", "missing.yaml", broken_policy)
    assert result.returncode == 3
    assert result.stdout.startswith("missing.yaml: cannot be opened")
    assert "/colour" in result.stdout


def test_syntax_errors_have_a_line():
    result = run("validate", "-", stdin="version: 1\nroles: [\n")
    assert result.returncode == 3
    assert result.stdout.startswith("-:")


def test_warnings_have_a_line_and_leave_the_document_valid():
    text = 'version: 1\npermissions:\n  p: {resource_type: "*", actions: [read], resource_path: "/docs/secret*"}\n'
    result = run("validate", "-", stdin=text)
    assert result.returncode == 0
    assert result.stdout.startswith("-:3: warning: /permissions/p/resource_path: ")
    report = json.loads(run("validate", "-", "--json", stdin=text).stdout)
    assert report["valid"] is True
    assert [warning["code"] for warning in report["warnings"]] == ["unreachable"]
