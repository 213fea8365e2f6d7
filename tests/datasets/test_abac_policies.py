"""Real ABAC: for five published policies the triples that Sentinel permits are exactly those of their access-control lists."""

import contextlib
import itertools
import json
import subprocess
import threading
from collections.abc import Iterator

import pytest
from convert_abac import AbacPolicy, read_policy, resource_reference, write_document
from places import PROGRAM, ROOT, data_set

# users, resources, rules, permitted triples as SOURCE.md counts them
POLICIES = {
    "university": (22, 34, 10, 168),
    "healthcare": (21, 16, 6, 43),
    "project-management": (19, 40, 5, 101),
    "workforce": (353, 250, 28, 15858),
    "edocument": (500, 300, 25, 32961),
}

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
    permitted = permitted_triples(policy, write_document(policy, ROOT / "build/abac-policies"))
    assert sorted(permitted - policy.permitted)[:5] == [], "permitted, but not by the list"
    assert sorted(policy.permitted - permitted)[:5] == [], "permitted by the list only"
    assert len(permitted) == POLICIES[name][3]
