"""Runs the benchmarks and writes docs/benchmarks.md: medians of several runs with their spread, and ratios to the reference."""

import json
import subprocess
import sys

import page
from page import ROOT

PROGRAM = ROOT / "build/release/bench/engine_bench"
REPETITIONS = 5

CASES = [
    ("plain_interned_matched", "plain_reference", "one unconditional permission on a type"),
    ("three_conditions_depth_5_interned_matched", "three_conditions_depth_5_reference",
     "three conditions (`$in`, `$eq` with `$ref`, `$gte`) on a node five levels above"),
    ("deny_interned_matched", "plain_reference", "an action that nothing names"),
    ("plain_strings_answer", "plain_reference", "the first again, from text to the whole answer"),
    ("three_conditions_depth_5_strings_answer", "three_conditions_depth_5_reference", "the second again, from text to the whole answer"),
    ("plain_cold_strings_answer", "plain_reference", "the first question of a role set: its table is merged"),
]


def run(pattern, repetitions=REPETITIONS):
    """name -> list of (cpu time in ns, counters), one for each repetition."""
    command = [PROGRAM, f"--benchmark_filter={pattern}", f"--benchmark_repetitions={repetitions}", "--benchmark_format=json",
               "--benchmark_min_time=0.3", "--benchmark_enable_random_interleaving=true"]
    print("running", pattern, file=sys.stderr)
    output = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    scale = {"ns": 1, "us": 1e3, "ms": 1e6}
    runs = {}
    for row in output["benchmarks"]:
        if row["run_type"] == "iteration":
            runs.setdefault(row["run_name"], []).append((row["cpu_time"] * scale[row["time_unit"]], row))
    return runs


def spread(times):
    ordered = sorted(time for time, _ in times)
    return ordered[0], ordered[len(ordered) // 2], ordered[-1]


def nanoseconds(value):
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def usual_table(runs):
    yield "| case | what | ns: median (min-max) | times the reference |"
    yield "|---|---|---|---|"
    for name, reference, what in CASES:
        low, median, high = spread(runs[name])
        ratio = spread(runs[reference])[1] / median
        yield f"| {name} | {what} | {nanoseconds(median)} ({nanoseconds(low)}-{nanoseconds(high)}) | {ratio:,.0f} |"
    for name in ("plain_reference", "three_conditions_depth_5_reference"):
        low, median, high = spread(runs[name])
        yield f"| {name} | the slow evaluator, same tenant, same question | {nanoseconds(median)} ({nanoseconds(low)}-{nanoseconds(high)}) | 1 |"


def other_table(runs):
    yield "| case | ns: median (min-max) |"
    yield "|---|---|"
    for name, divisor, what in (("batch_of_100_strings_answer", 100, "a batch of 100, from text to whole answers, each"),
                                ("who_can_strings", 10_000, "who-can over 10,000 users, each user"),
                                ("patch_one_user", 1, "a patch of one user: the next snapshot")):
        low, median, high = (value / divisor for value in spread(runs[name]))
        yield f"| {what} | {nanoseconds(median)} ({nanoseconds(low)}-{nanoseconds(high)}) |"


def growth_table(runs, title, rows):
    counted = [name for name in ("snapshot_bytes_a_user", "heap_bytes_a_user") if name in runs[rows[0]][0][1]]
    yield "| " + " | ".join([title, "ns: median (min-max)", *(name.replace("_", " ") for name in counted)]) + " |"
    yield "|---" * (2 + len(counted)) + "|"
    for name in rows:
        low, median, high = spread(runs[name])
        cells = [f"{int(name.rsplit('/', 1)[1]):,}", f"{nanoseconds(median)} ({nanoseconds(low)}-{nanoseconds(high)})"]
        cells += [f"{runs[name][-1][1][counter]:,.0f}" for counter in counted]
        yield "| " + " | ".join(cells) + " |"


def json_batch():
    """Decisions a second from JSON text to JSON text, as the program itself measures them."""
    policy = ROOT / "examples/pacific-shipping-lines.yaml"
    command = [ROOT / "build/release/src/app/sentinel", "bench", "--policy", policy]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main():
    quick = "--quick" in sys.argv[1:]
    usual = run("interned_matched|strings|cold|patch|reference")
    users = run("^grow_users/" + ("1000(0*)$" if not quick else "10{3,6}$"), 3)
    shapes = run("^grow_(permissions|roles|depth)", 3)
    of = lambda prefix, runs: sorted((name for name in runs if name.startswith(prefix)), key=lambda name: int(name.rsplit("/", 1)[1]))
    lines = [
        "# Benchmarks", "",
        f"Made by `bench/run` on {page.machine()}; one thread; processor time, "
        f"{REPETITIONS} runs in random order (growth: 3). Read them as ratios: machines differ and are busy.", "",
        "The tenant: 10,000 users, 1,000 permissions in 50 roles, two roles a user, a resource tree five deep; 512 users ask in turn, so that "
        "their tables are warm but not all in the first cache. `interned` begins at names looked up before, `strings` at the question as text "
        "(form checked, names looked up). `matched` ends at the decision with what decided it, by reference; `answer` at the whole copied "
        "answer with fields and ttl.", "",
        *usual_table(usual), "", *other_table(usual), "",
        "## From JSON to JSON", "", "`sentinel bench --policy examples/pacific-shipping-lines.yaml`:", "", "```", json_batch(), "```", "",
        "## Growth", "", "Plain check, interned, with users:", "", *growth_table(users, "users", of("grow_users", users)), "",
        "Three conditions at full depth, interned, with permissions a role:", "",
        *growth_table(shapes, "permissions a role", of("grow_permissions", shapes)), "", "… with roles a user:", "",
        *growth_table(shapes, "roles a user", of("grow_roles", shapes)), "", "… with the depth of the tree:", "",
        *growth_table(shapes, "depth", of("grow_depth", shapes)), "",
    ]
    page.write_all_but_server("\n".join(lines))
    print("wrote docs/benchmarks.md", file=sys.stderr)


if __name__ == "__main__":
    main()
