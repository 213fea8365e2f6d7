"""`sentinel test`: scenario files."""

import json
import xml.etree.ElementTree as ElementTree

import pytest
import yaml
from conftest import POLICY, run

TESTS = """\
tests:
  "a reader reads an app":
    suite: apps
    question: {user_id: reader, action: read, resource: {type: app, id: ops}}
    expected: {allowed: true, matched_permission: read-apps, who_can: [inspector, reader], candidates: [read-apps]}
  "an imagined inspector may not delete <vessels>":
    question: {as: {roles: [port_inspector]}, action: delete, resource: {type: vessel, id: v1}}
    expected: {allowed: false, reason_code: denied_by_guardrail, effective_roles: {port_inspector: direct}}
"""


@pytest.fixture
def scenarios(tmp_path):
    path = tmp_path / "good.yaml"
    path.write_text(POLICY + TESTS, encoding="utf-8")
    return path


@pytest.fixture
def failing(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(POLICY + TESTS.replace("allowed: true", "allowed: false").replace("[inspector, reader]", "[reader]"), encoding="utf-8")
    return path


@pytest.mark.parametrize("evaluator", ["engine", "reference"])
def test_all_pass(scenarios, evaluator):
    result = run("test", scenarios, "--evaluator", evaluator)
    assert result.returncode == 0, result.stdout
    assert result.stdout == "2 scenarios, 7 expectations, 0 failed\n"


@pytest.mark.parametrize("evaluator", ["engine", "reference"])
def test_failures_show_expected_and_actual(scenarios, failing, evaluator):
    result = run("test", scenarios, failing, "--evaluator", evaluator)
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert lines[0] == f"FAIL {failing}: a reader reads an app [apps]"
    assert "     allowed: expected false, got true" in lines
    assert '     who_can: expected ["reader"], got ["inspector","reader"]' in lines
    assert lines[-1] == "4 scenarios, 14 expectations, 1 failed"
    assert len(lines) == 4


def test_junit(scenarios, failing, tmp_path, broken_policy):
    report = tmp_path / "report.xml"
    assert run("test", scenarios, failing, broken_policy, "--junit", report).returncode == 3
    suites = ElementTree.parse(report).getroot().findall("testsuite")
    assert [(suite.get("tests"), suite.get("failures"), suite.get("errors")) for suite in suites] == [("2", "0", "0"), ("2", "1", "0"), ("1", "0", "1")]
    cases = suites[1].findall("testcase")
    assert {case.get("name") for case in cases} == {"a reader reads an app", "an imagined inspector may not delete <vessels>"}
    (failure,) = suites[1].iter("failure")
    assert "allowed: expected false, got true" in failure.text


def test_json(failing):
    result = run("test", failing, "--json")
    assert result.returncode == 1
    report = json.loads(result.stdout)
    assert (report["scenarios"], report["expectations"], report["failed"]) == (2, 7, 1)
    (failed,) = [test for test in report["results"] if not test["ok"]]
    assert failed["suite"] == "apps"
    assert {"name": "allowed", "ok": False, "expected": False, "actual": True} in failed["expectations"]


def test_unusable_files_stand_in_the_json(scenarios, broken_policy):
    result = run("test", broken_policy, scenarios, "missing.yaml", "--json")
    assert result.returncode == 3
    report = json.loads(result.stdout)
    assert report["scenarios"] == 2
    assert [row["file"] for row in report["unusable"]] == [str(broken_policy), "missing.yaml"]
    assert report["unusable"][1]["message"].startswith("missing.yaml: cannot be opened")
    assert json.loads(run("test", scenarios, "--json").stdout)["unusable"] == []


def test_junit_is_xml_whatever_the_names_are(tmp_path, policy):
    test = next(iter(yaml.safe_load(TESTS)["tests"].values()))
    name = "a\ufffe\uffff\U0001f6a2 b"
    path = tmp_path / "tests.json"
    path.write_text(json.dumps({"version": 1, "policy": "policy.yaml", "tests": {name: {**test, "suite": "s\uffff"}}}))
    report = tmp_path / "report.xml"
    run("test", path, "--junit", report)
    (case,) = ElementTree.parse(report).getroot().iter("testcase")
    assert case.get("name") == "a\\u{fffe}\\u{ffff}\U0001f6a2 b"


def test_an_unusable_file_does_not_hide_the_others(scenarios, broken_policy):
    result = run("test", broken_policy, scenarios)
    assert result.returncode == 3
    assert str(broken_policy) in result.stderr
    assert result.stdout == "2 scenarios, 7 expectations, 0 failed\n"
    assert run("test", "missing.yaml").returncode == 3


def test_a_file_may_name_its_policy(tmp_path, policy):
    folder = tmp_path / "scenarios"
    folder.mkdir()
    path = folder / "tests.yaml"
    path.write_text("version: 1\npolicy: ../policy.yaml\n" + TESTS, encoding="utf-8")
    result = run("test", path)
    assert result.returncode == 0, result.stdout + result.stderr
    path.write_text("version: 1\npolicy: ../none.yaml\n" + TESTS, encoding="utf-8")
    result = run("test", path)
    assert result.returncode == 3
    assert "none.yaml" in result.stderr


def test_an_unknown_evaluator(scenarios):
    assert run("test", scenarios, "--evaluator", "oracle").returncode == 2


def test_a_report_that_cannot_be_written(scenarios):
    result = run("test", scenarios, "--junit", "/nonexistent/report.xml")
    assert result.returncode == 2
    assert "/nonexistent/report.xml" in result.stderr
