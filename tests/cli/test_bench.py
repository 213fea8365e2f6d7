"""`sentinel bench`."""

import json

from conftest import run


def test_it_says_what_is_timed(policy):
    result = run("bench", "-p", policy, "--seconds", "0.05")
    assert result.returncode == 0
    for part in ("a second of one core", "99th percentile", "a line parsed, checked, answer written", "bytes, built in", "allowed"):
        assert part in result.stdout


def test_json(policy):
    figures = json.loads(run("bench", "-p", policy, "--seconds", "0.05", "--json").stdout)
    assert figures["checks_per_second"] > 0
    assert figures["json_decisions_per_second"] > 0
    assert figures["snapshot_bytes"] > 0
    assert figures["unanswered"] == 0
    assert 0 < figures["allowed_share"] < 1
    assert figures["subjects"] == 4


def test_errors(tmp_path, broken_policy, policy):
    empty = tmp_path / "empty.yaml"
    empty.write_text("version: 1\ntenant: X\n")
    assert run("bench", "-p", empty).returncode == 3
    assert run("bench", "-p", broken_policy).returncode == 3
    assert run("bench", "-p", policy, "--seconds", "never").returncode == 2
