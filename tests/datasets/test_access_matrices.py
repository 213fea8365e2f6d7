"""Real access: each user x permission question of HP's role-mining matrices, answered exactly as the matrix says."""

import os
import re
import subprocess

import pytest
from places import built_program, data_set

# users, permissions, assignments as SOURCE.md counts them
MATRICES = {
    "healthcare.txt": (46, 46, 1486),
    "domino.txt": (79, 231, 730),
    "emea.txt": (35, 3046, 7220),
    "firewall1.txt.xz": (365, 709, 31951),
    "firewall2.txt.xz": (325, 590, 36428),
    "apj.txt": (2044, 1164, 6841),
    "customer.txt.xz": (10021, 277, 45427),
    "americas_small.txt.xz": (3477, 1587, 105205),
    "americas_large.txt.xz": (3485, 10127, 185294),
}
LONG = {"americas_large.txt.xz"}

WHOLE = re.compile(r"(\w+): (\d+) x (\d+) = (\d+), allowed (\d+), differences (\d+), rate (\d+)/s")
SAMPLE = re.compile(r"(\w+): reference (\d+) sampled, differences (\d+), ")


@pytest.mark.parametrize("file", MATRICES)
def test_every_answer_is_that_of_the_matrix(file):
    if file in LONG and os.environ.get("SENTINEL_LONG") != "1":
        pytest.skip(f"{file} is 35 million questions: SENTINEL_LONG=1 runs it")
    matrix = data_set("role-mining-hp") / file
    program = built_program("tests/datasets/access_matrix_check")
    done = subprocess.run([program, matrix], capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    whole, sample = done.stdout.splitlines()
    users, permissions, assignments = MATRICES[file]
    found = [int(number) for number in WHOLE.fullmatch(whole).groups()[1:6]]
    assert found == [users, permissions, users * permissions, assignments, 0]
    sampled, differences = (int(number) for number in SAMPLE.match(sample).groups()[1:])
    assert sampled > 0
    assert differences == 0
