"""`sentinel who-can`, `resources` and `actions`."""

import json

from conftest import DOCKED, run


def test_who_can_lists_exactly_those_that_check_allows(policy):
    result = run("who-can", "-p", policy, "read", "app/ops")
    assert result.returncode == 0
    assert result.stdout.split() == ["inspector", "reader"]
    assert result.stderr == "2 subjects\n"
    for user in ("inspector", "reader", "locked", "night"):
        assert (run("check", "-p", policy, user, "read", "app/ops").returncode == 0) == (user in result.stdout.split())


def test_who_can_with_attributes_and_time(policy):
    assert run("who-can", "-p", policy, "update", "vessel/v1").stdout == ""
    assert run("who-can", "-p", policy, "update", "vessel/v1", "--attributes", DOCKED).stdout == "inspector\n"
    assert "night" in run("who-can", "-p", policy, "read", "app/ops", "--time", "2030-01-01T00:00:30Z").stdout


def test_who_can_as_json(policy):
    result = run("who-can", "-p", policy, "--action", "read", "--type", "app", "--id", "ops", "--json")
    assert json.loads(result.stdout) == {"subjects": [{"user_id": "inspector"}, {"user_id": "reader"}], "revision": 1}
    assert result.stderr == ""


def test_resources_lists_the_registered_ones_that_are_allowed(policy):
    result = run("resources", "-p", policy, "reader", "read", "app")
    assert result.returncode == 0
    assert result.stdout == "app/ops\n"
    assert result.stderr == "1 resource\n"
    (resource,) = json.loads(run("resources", "-p", policy, "reader", "read", "app", "--json").stdout)["resources"]
    assert resource["resource"] == "app/ops"
    assert len(resource["id"]) == 36


def test_resources_takes_a_type_only(policy):
    assert run("resources", "-p", policy, "reader", "read", "app/ops").returncode == 2


def test_actions_lists_every_action_of_the_policy(policy):
    listed = json.loads(run("actions", "-p", policy, "reader", "app/ops", "--json").stdout)["actions"]
    assert {row["action"]: row["allowed"] for row in listed} == {"delete": False, "read": True, "update": False}
    assert all(set(row) == {"action", "allowed", "reason_code", "requires_approval"} for row in listed)
    assert "allowed  read  granted\n" in run("actions", "-p", policy, "reader", "app/ops").stdout


def test_errors_are_those_of_check(policy, broken_policy):
    assert run("who-can", "-p", policy, "READ", "app/ops").returncode == 2
    assert run("who-can", "-p", policy, "read").returncode == 2
    assert run("resources", "-p", policy, "nobody", "read", "app").returncode == 2
    assert run("actions", "-p", policy, "nobody", "app/ops").returncode == 2
    for command in (["who-can", "read", "app/ops"], ["resources", "reader", "read", "app"], ["actions", "reader", "app/ops"]):
        assert run(command[0], "-p", broken_policy, *command[1:]).returncode == 3
