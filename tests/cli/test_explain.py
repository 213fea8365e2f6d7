"""`sentinel explain`: the tree and its JSON form."""

import json
import os
import pty
import subprocess

from conftest import DOCKED, PROGRAM, run


def explain(policy, *arguments, **more):
    return run("explain", "-p", policy, *arguments, **more)


def test_the_tree_shows_verdict_subject_candidates_conditions_and_fields(policy):
    result = explain(policy, "inspector", "update", "vessel/v1", "--attributes", DOCKED)
    assert result.returncode == 0
    text = result.stdout
    for part in ("ALLOWED  granted", "Granted by permission inspect-docked-vessels", "may inspector update vessel/v1?", "inspector, active person",
                 "port_inspector", "priority 500", "direct", "inherited:port_inspector", "everyone", "▶ inspect-docked-vessels", "decides",
                 "vessel_status", '$in ["In Port","Docked"]', 'actual "Docked"', "true", "imo_number", "read", "ttl 300 s", "policy revision 1"):
        assert part in text, part


def test_a_candidate_that_does_not_apply_says_why(policy):
    text = explain(policy, "inspector", "update", "vessel/v1", "--attributes", '{"vessel_status": "At Sea"}').stdout
    assert "○ inspect-docked-vessels" in text
    assert "does not apply: its conditions are false" in text
    assert 'actual "At Sea"' in text
    assert "missing" in text and "unknown" in text


def test_a_guardrail_is_marked(policy):
    result = explain(policy, "inspector", "delete", "vessel/v1")
    assert result.returncode == 1
    assert "▶ never-delete-vessels  guardrail" in result.stdout


def test_nothing_that_reaches_is_said(policy):
    assert "none: no permission" in explain(policy, "reader", "approve", "app/ops").stdout


def test_the_resource_that_was_reached_is_named(policy):
    assert "reached at product_family/fleet" in explain(policy, "reader", "read", "page/p", "--parent", "ops").stdout


def test_json_has_the_answer_and_the_explanation(policy):
    result = explain(policy, "inspector", "update", "vessel/v1", "--attributes", '{"vessel_status": null}', "--json")
    assert result.returncode == 1
    answer = json.loads(result.stdout)
    explanation = answer["explanation"]
    assert [role["name"] for role in explanation["effective_roles"]] == ["port_inspector", "app_reader", "everyone"]
    (candidate,) = explanation["candidates"]
    assert candidate["position"] == 1
    assert candidate["applies"] is False
    assert candidate["because"] == "conditions_unknown"
    leaves = {leaf["path"]: leaf for leaf in candidate["conditions"]}
    assert "actual" not in leaves["region"]
    assert leaves["vessel_status"]["actual"] is None
    assert explanation["conditions"] == []


def test_no_colour_when_piped(policy):
    assert "\x1b" not in explain(policy, "inspector", "delete", "vessel/v1").stdout


def on_a_terminal(arguments, **environment):
    """What the program writes to a terminal."""
    controller, terminal = pty.openpty()
    variables = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=terminal, stderr=terminal, env={**variables, "TERM": "xterm", **environment})
    os.close(terminal)
    text = b""
    while True:
        try:
            part = os.read(controller, 65536)
        except OSError:
            break
        if not part:
            break
        text += part
    process.wait()
    os.close(controller)
    return text.decode()


def test_colours_on_a_terminal_unless_unwanted(policy):
    arguments = ["explain", "-p", policy, "inspector", "delete", "vessel/v1"]
    assert "\x1b[1;31mDENIED\x1b[0m" in on_a_terminal(arguments)
    assert "\x1b" not in on_a_terminal(arguments, NO_COLOR="1")
    assert "\x1b" not in on_a_terminal(arguments, TERM="dumb")
    assert "\x1b" not in on_a_terminal(arguments + ["--json"])


def test_text_of_the_policy_cannot_steer_the_terminal(tmp_path):
    path = tmp_path / "evil.json"
    path.write_text(json.dumps({
        "version": 1, "tenant": "X",
        "permissions": {"p": {"resource_type": "vessel", "resource_path": "vessel/*", "actions": ["read"], "conditions": {"a\u202eb": "\x1b[2J\u009b"}}},
        "roles": {"r": {"priority": 1, "permissions": ["p"]}},
        "users": {"ann\x1b[31m": {"roles": ["r"]}}}))
    result = run("explain", "-p", path, "ann\x1b[31m", "read", "vessel/v", "--attributes", json.dumps({"a\u202eb": "\u009b\x7f"}))
    assert result.returncode == 1
    assert "ann\\u{1b}[31m" in result.stdout
    for character in "\x1b\u202e\u009b\x7f":
        assert character not in result.stdout


def test_the_permission_of_a_tenant_admin_is_named(policy):
    text = policy.read_text(encoding="utf-8") + "  boss: {roles: [tenant_admin]}\n"
    policy.write_text(text, encoding="utf-8")
    asked = ("-p", policy, "boss", "read", "app/ops")
    assert "permission $tenant_admin of role tenant_admin" in run("check", *asked).stdout
    assert "▶ $tenant_admin" in run("explain", *asked).stdout
    question = json.dumps({"user_id": "boss", "action": "read", "resource": {"type": "app", "id": "ops"}})
    for result in (run("check", *asked, "--json"), run("explain", *asked, "--json"), run("check", "-p", policy, "-q", "-", stdin=question)):
        assert json.loads(result.stdout)["matched"]["permission_key"] == "$tenant_admin"
    (candidate,) = json.loads(run("explain", *asked, "--json").stdout)["explanation"]["candidates"]
    assert candidate["permission_key"] == "$tenant_admin"
