"""examples/embed: a separate CMake project that uses Sentinel's engine, configured, built and run."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "examples/embed"
BUILD = ROOT / "build/embed"

CONDITION = 'env.time $timeOfDay {"from":"22:00","to":"06:00","tz":"Europe/Berlin"}'
BY_NIGHT = "Granted by permission open-gates-at-night of role night_watch (held direct)."
NOTHING = "No permission applies to this action on this resource."
STORM = "Denied by the guardrail permission closed-in-storms of role everyone (held everyone)."
EXPECTED = f"""\
2026-07-01T12:00:00Z anna may not open the gate: {NOTHING} (revision 1, keep for 300 s)
  open-gates-at-night of night_watch: conditions_false
    false: {CONDITION}, actual "2026-07-01T12:00:00Z"
2026-07-02T03:58:20Z anna may open the gate: {BY_NIGHT} (revision 1, keep for 100 s)
  open-gates-at-night of night_watch: decides
    true: {CONDITION}, actual "2026-07-02T03:58:20Z"
2026-07-02T03:58:20Z bert may not open the gate: {NOTHING} (revision 1, keep for 300 s)
2026-07-02T03:58:20Z bert may open the gate: {BY_NIGHT} (revision 2, keep for 100 s)
  open-gates-at-night of night_watch: decides
    true: {CONDITION}, actual "2026-07-02T03:58:20Z"
who may open it: anna bert
2026-07-02T03:58:20Z bert may not open the gate: {STORM} (revision 4, keep for 100 s)
  closed-in-storms of everyone: decides
  open-gates-at-night of night_watch: applies
    true: {CONDITION}, actual "2026-07-02T03:58:20Z"
who may open it: nobody
"""


def run(*command):
    done = subprocess.run([str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          encoding="utf-8", timeout=1200)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_a_project_of_its_own_embeds_the_engine():
    run("cmake", "-S", SOURCE, "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_COMPILER=clang++-19")
    run("cmake", "--build", BUILD)
    assert run(BUILD / "night_watch") == EXPECTED
    # Who embeds the engine builds neither Sentinel's tests nor its program nor its policy files.
    built = sorted(path.name for path in BUILD.rglob("*.a"))
    assert built == ["libsentinel_core.a", "libsentinel_engine.a"]
