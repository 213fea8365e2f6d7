"""`sentinel check` with one question."""

import json

import pytest
from conftest import DOCKED, run


def test_an_allow(policy):
    result = run("check", "--policy", policy, "--user", "inspector", "--action", "update", "--type", "vessel", "--id", "v1",
                 "--attributes", DOCKED)
    assert result.returncode == 0
    assert result.stderr == ""
    assert result.stdout == ("ALLOWED  granted  Granted by permission inspect-docked-vessels of role port_inspector (held direct).\n")


def test_a_deny(policy):
    result = run("check", "-p", policy, "inspector", "update", "vessel/v1")
    assert result.returncode == 1
    assert result.stdout.startswith("DENIED  no_matching_permission  ")


def test_a_guardrail(policy):
    assert "denied_by_guardrail" in run("check", "-p", policy, "inspector", "delete", "vessel/v1").stdout


def test_the_whole_answer_as_json(policy):
    result = run("check", "-p", policy, "inspector", "update", "vessel/v1", "--attributes", DOCKED, "--json")
    answer = json.loads(result.stdout)
    assert result.returncode == 0
    assert set(answer) == {"allowed", "reason", "reason_code", "matched", "matched_conditions", "field_permissions", "requires_approval",
                           "approval_chain_id", "approval_request_id", "approval_levels", "auto_approved", "revision", "ttl"}
    assert answer["allowed"] is True
    assert answer["matched"]["permission_key"] == "inspect-docked-vessels"
    assert set(answer["matched"]) == {"permission_id", "permission_key", "role_id", "role_name", "held_as", "resource_id"}
    assert answer["matched_conditions"] == {"region": "APAC", "vessel_status": "Docked"}
    assert answer["field_permissions"] == {"core": {"imo_number": ["read"]}, "platform_dynamic": {}, "tenant_specific": {}}
    assert answer["ttl"] == 300


def test_a_deny_as_json_matched_nothing(policy):
    result = run("check", "-p", policy, "reader", "read", "vessel/v1", "--json")
    assert result.returncode == 1
    assert json.loads(result.stdout)["matched"] is None


@pytest.mark.parametrize("target, code", [(["app/ops"], 0), (["/fleet/ops", "--type", "app"], 0), (["--type", "app", "--id", "ops"], 0),
                                          (["--type", "app", "--path", "/fleet/ops"], 0), (["page/p", "--parent", "ops"], 0),
                                          (["page", "--parent", "ops"], 0), (["page/p"], 1), (["app/archive"], 1)])
def test_every_way_to_name_a_resource(policy, target, code):
    assert run("check", "-p", policy, "reader", "read", *target).returncode == code


@pytest.mark.parametrize("time, code, ttl", [("2029-12-31T23:59:59Z", 1, 1), ("2030-01-01T00:00:00Z", 0, 100),
                                             ("2030-01-01T00:01:39.5Z", 0, 0), ("2030-01-01T00:01:40Z", 1, 300)])
def test_time_moves_the_clock(policy, time, code, ttl):
    result = run("check", "-p", policy, "night", "read", "app/ops", "--time", time, "--json")
    assert result.returncode == code
    assert json.loads(result.stdout)["ttl"] == ttl


def test_context_time_overrides_the_clock(policy):
    result = run("check", "-p", policy, "night", "read", "app/ops", "--context", '{"time": "2030-01-01T00:00:01Z"}', "--json")
    assert result.returncode == 0
    assert json.loads(result.stdout)["ttl"] == 0


def test_an_unknown_subject(policy):
    result = run("check", "-p", policy, "nobody", "read", "app/ops")
    assert result.returncode == 2
    assert result.stdout == ""
    assert "/user_id" in result.stderr and result.stderr.count("\n") == 1


def test_an_error_as_json(policy):
    result = run("check", "-p", policy, "nobody", "read", "app/ops", "--json")
    assert result.returncode == 2
    error = json.loads(result.stdout)["error"]
    assert error["kind"] == "not_found"
    assert error["pointer"] == "/user_id"


@pytest.mark.parametrize("arguments, named", [(["inspector", "READ", "app/ops"], "/action"), (["inspector", "read", "App/ops"], "/resource/type"),
                                              (["inspector", "read", "/a/../b", "--type", "app"], "/resource/path"),
                                              (["inspector", "read", "page/p", "--parent", "none"], "/resource/parent"),
                                              (["inspector", "read", "/a/b"], "--type"), (["inspector", "read"], "--type"),
                                              (["inspector"], "--action"), ([], "--user"),
                                              (["inspector", "read", "app/ops", "--type", "page"], "--type"),
                                              (["inspector", "read", "app/ops", "--attributes", "{"], "--attributes"),
                                              (["inspector", "read", "app/ops", "--attributes", "[1]"], "--attributes"),
                                              (["inspector", "read", "app/ops", "--context", '{"a":1,"a":2}'], "--context"),
                                              (["inspector", "read", "app/ops", "--context", '{"time": "noon"}'], "/context/time"),
                                              (["inspector", "read", "app/ops", "--time", "noon"], "--time")])
def test_a_malformed_question_names_its_member(policy, arguments, named):
    result = run("check", "-p", policy, *arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert named in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_unreadable_policy(tmp_path, broken_policy):
    for policy in (tmp_path / "missing.yaml", tmp_path, broken_policy):
        result = run("check", "-p", policy, "inspector", "read", "app/ops")
        assert result.returncode == 3
        assert result.stdout == ""
        assert str(policy) in result.stderr
        assert result.stderr.count("\n") == 1


def test_the_policy_may_come_from_standard_input(policy):
    assert run("check", "-p", "-", "reader", "read", "app/ops", stdin=policy.read_text()).returncode == 0


def test_the_policy_may_be_json(tmp_path):
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({"version": 1, "tenant": "X", "users": {"ann": {"roles": ["tenant_admin"]}}}))
    assert run("check", "-p", path, "ann", "read", "app/ops").returncode == 0
    assert run("check", "-p", "-", "ann", "read", "app/ops", stdin=path.read_text()).returncode == 0


def test_no_escape_sequence_of_a_question_reaches_the_terminal(policy):
    for arguments in (["\x1b[31mroot", "read", "app/ops"], ["inspector", "\x1b]0;x", "app/ops"]):
        for command in ("check", "explain"):
            result = run(command, "-p", policy, *arguments)
            assert "\x1b" not in result.stdout + result.stderr
