"""`sentinel check --questions`: batches of questions in JSON."""

import json
import subprocess

import pytest
from conftest import DOCKED, PROGRAM, run


def question(user, action, kind, identifier, **more):
    return {"user_id": user, "action": action, "resource": {"type": kind, "id": identifier, **more}}


QUESTIONS = [
    question("inspector", "update", "vessel", "v1", attributes=json.loads(DOCKED)),
    question("inspector", "delete", "vessel", "v1"),
    question("reader", "read", "app", "ops"),
    question("locked", "read", "app", "ops"),
    {"user_id": "reader", "action": "read", "resource": {"type": "app", "path": "/fleet/ops"}, "context": {"time": "2026-01-01T00:00:00Z"}},
]
REASONS = ["granted", "denied_by_guardrail", "granted", "subject_inactive", "granted"]


def lines(questions):
    return "".join(json.dumps(each) + "\n" for each in questions)


def answers(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("render", [lines, json.dumps, lambda questions: json.dumps(questions, indent=2),
                                    lambda questions: lines(questions).replace("\n", "\r\n\r\n").strip()])
def test_json_lines_and_arrays_are_answered_in_order(policy, render):
    result = run("check", "-p", policy, "--questions", "-", stdin=render(QUESTIONS))
    assert result.returncode == 0
    assert result.stderr == ""
    given = answers(result)
    assert [answer["reason_code"] for answer in given] == REASONS
    assert all(set(answer) == {"allowed", "reason_code", "matched"} for answer in given)


def test_questions_may_come_from_a_file(policy, tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text(lines(QUESTIONS))
    assert [answer["reason_code"] for answer in answers(run("check", "-p", policy, "-q", path))] == REASONS


def test_full_answers_are_those_of_single_questions(policy):
    result = run("check", "-p", policy, "--full", "-q", "-", stdin=lines(QUESTIONS[:3]))
    for given, asked in zip(answers(result), QUESTIONS):
        resource = asked["resource"]
        single = run("check", "-p", policy, asked["user_id"], asked["action"], f"{resource['type']}/{resource['id']}", "--json",
                     "--attributes", json.dumps(resource.get("attributes", {})))
        assert given == json.loads(single.stdout)


BAD = [("{", "", "json"), ('{"user_id":"inspector","action":"read"}', "/resource", "required"),
       ('{"user_id":"inspector","action":"read","resource":{"type":"app","colour":1}}', "/resource/colour", "unknown_member"),
       ('{"user_id":"inspector","action":"Read","resource":{"type":"app"}}', "/action", None),
       ('{"user_id":"nobody","action":"read","resource":{"type":"app"}}', "/user_id", None), ("7", "", "type")]


@pytest.mark.parametrize("bad, pointer, code", BAD)
def test_a_bad_item_is_an_error_and_the_others_are_answered(policy, bad, pointer, code):
    result = run("check", "-p", policy, "-q", "-", stdin=json.dumps(QUESTIONS[0]) + "\n" + bad + "\n" + json.dumps(QUESTIONS[1]))
    assert result.returncode == 2
    first, error, last = answers(result)
    assert first["reason_code"] == "granted" and last["reason_code"] == "denied_by_guardrail"
    assert list(error) == ["error"]
    assert error["error"]["pointer"] == pointer
    assert error["error"]["message"]
    assert code is None or error["error"]["code"] == code
    assert "1 of 3" in result.stderr


@pytest.mark.parametrize("text", ["[", '[{"user_id":', "[1 2]", "[] x"])
def test_a_broken_array_ends_the_batch(policy, text):
    result = run("check", "-p", policy, "-q", "-", stdin=text)
    assert result.returncode == 2
    assert "array" in result.stderr


def test_an_empty_batch_is_answered(policy):
    for text in ("", "\n\n", "[]"):
        result = run("check", "-p", policy, "-q", "-", stdin=text)
        assert (result.returncode, result.stdout) == (0, "")


def test_time_is_the_clock_of_the_whole_batch(policy):
    result = run("check", "-p", policy, "--time", "2030-01-01T00:00:00Z", "-q", "-", stdin=lines([question("night", "read", "app", "ops")]))
    assert answers(result)[0]["allowed"] is True


def test_a_batch_excludes_a_single_question(policy):
    for single in (["--user", "inspector"], ["inspector"], ["--context", "{}"]):
        result = run("check", "-p", policy, "-q", "-", *single)
        assert result.returncode == 2
        assert result.stderr.startswith("sentinel: --questions: ")
    assert run("check", "-p", policy, "inspector", "read", "app/ops", "--full").returncode == 2


def test_standard_input_is_the_policy_or_the_questions():
    assert run("check", "-p", "-", "-q", "-").returncode == 2


def test_a_missing_file_of_questions(policy):
    result = run("check", "-p", policy, "-q", "missing.jsonl")
    assert result.returncode == 2
    assert "missing.jsonl" in result.stderr


def test_answers_come_as_questions_do(policy):
    """A program may ask, wait for the answer, and ask again."""
    with subprocess.Popen([PROGRAM, "check", "-p", policy, "-q", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as talk:
        for asked, reason in zip(QUESTIONS, REASONS):
            talk.stdin.write(json.dumps(asked) + "\n")
            talk.stdin.flush()
            assert json.loads(talk.stdout.readline())["reason_code"] == reason
        talk.stdin.close()
        assert talk.wait(timeout=30) == 0


def test_a_long_batch_has_an_answer_for_each_question(policy):
    count = 20_000
    result = run("check", "-p", policy, "-q", "-", stdin=lines(QUESTIONS * (count // len(QUESTIONS))))
    assert result.returncode == 0
    assert [answer["reason_code"] for answer in answers(result)] == REASONS * (count // len(REASONS))
