"""Real ABAC: for five published policies the triples that Sentinel permits are exactly those of their access-control lists."""

import contextlib
import itertools
import json
import random
import subprocess
import threading
from collections.abc import Iterator

import pytest
from convert_abac import AbacPolicy, document_of, read_policy, resource_reference, write_document
from places import PROGRAM, ROOT, data_set

# users, resources, rules, permitted triples as SOURCE.md counts them
POLICIES = {
    "university": (22, 34, 10, 168),
    "healthcare": (21, 16, 6, 43),
    "project-management": (19, 40, 5, 101),
    "workforce": (353, 250, 28, 15858),
    "edocument": (500, 300, 25, 32961),
}

FOLDER = ROOT / "build/abac-policies"
# All questions of the three small policies, a sample of the others: the reference is slow.
REFERENCE_QUESTIONS = 7000

Triple = tuple[str, str, str]


def triples(policy: AbacPolicy) -> Iterator[Triple]:
    return itertools.product(policy.users, policy.resources, policy.actions())


def send_questions(policy: AbacPolicy, stream) -> None:
    """Writes one question for each triple, a user's at a time: the questions of all would fill half a gigabyte."""
    resources = [json.dumps(resource_reference(attributes)) for attributes in policy.resources.values()]
    ends = [f'"action":"{action}","resource":{resource}}}\n' for resource in resources for action in policy.actions()]
    with contextlib.suppress(BrokenPipeError), stream:  # a program that ends early is reported by its missing answers
        for user in policy.users:
            stream.write("".join(f'{{"user_id":"{user}",{end}' for end in ends))


def permitted_triples(policy: AbacPolicy, document) -> set[Triple]:
    command = [str(PROGRAM), "check", "--policy", str(document), "--questions", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as program:
        sender = threading.Thread(target=send_questions, args=(policy, program.stdin))
        sender.start()
        permitted = set()
        for triple, line in itertools.zip_longest(triples(policy), program.stdout):
            assert triple is not None and line is not None, "one answer for each question"
            if line.startswith('{"allowed":true,'):
                permitted.add(triple)
            else:
                assert line.startswith('{"allowed":false,'), f"{triple}: {line}"
        sender.join()
    assert program.returncode == 0
    return permitted


@pytest.mark.parametrize("name", POLICIES)
def test_what_is_permitted_is_what_the_list_says(name):
    policy = read_policy(data_set("abac-policies"), name)
    counted = (len(policy.users), len(policy.resources), len(policy.rules), len(policy.permitted))
    assert counted == POLICIES[name]
    permitted = permitted_triples(policy, write_document(policy, FOLDER))
    assert sorted(permitted - policy.permitted)[:5] == [], "permitted, but not by the list"
    assert sorted(policy.permitted - permitted)[:5] == [], "permitted by the list only"
    assert len(permitted) == POLICIES[name][3]


def scenario_of(policy: AbacPolicy, triple: Triple) -> dict:
    user, resource, action = triple
    question = {"user_id": user, "action": action, "resource": resource_reference(policy.resources[resource])}
    return {"question": question, "expected": {"allowed": triple in policy.permitted}}


@pytest.mark.parametrize("name", POLICIES)
def test_the_reference_agrees(name):
    policy = read_policy(data_set("abac-policies"), name)
    asked = list(triples(policy))
    if len(asked) > REFERENCE_QUESTIONS:
        asked = random.Random(1).sample(asked, REFERENCE_QUESTIONS)
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{name}.scenarios.json"
    file.write_text(json.dumps(document_of(policy) | {"tests": {" ".join(triple): scenario_of(policy, triple) for triple in asked}}))
    done = subprocess.run([PROGRAM, "test", "--evaluator", "reference", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert done.stdout.splitlines()[-1].startswith(f"{len(asked)} scenarios, {len(asked)} expectations, 0 failed"), done.stdout[-200:]
