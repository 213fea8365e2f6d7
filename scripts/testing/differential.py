"""Engine against reference: random cases, small worlds exhaustively, laws; and that planted bugs are found."""

from .context import BUILD, RELEASE_TARGETS, ROOT, Context, Finished, run_program
from .report import FAILED, PASSED, Outcome
from .units import program_path

SEED_COUNTER = ROOT / "tests/differential/seed-counter"
PLANTED = ROOT / "tests/planted"


def _run(context: Context, stage: str, program: str, arguments: list, limit: float = 3600) -> Finished | None:
    if not context.build(stage, "release", RELEASE_TARGETS):
        return None
    finished = run_program([program_path("release", program), *arguments], limit)
    context.record(stage, " ".join([program, *map(str, arguments)]), finished)
    for line in finished.output.strip().splitlines()[-3:]:
        context.report.say(f"  {line}")
    return finished


def random_cases(context: Context) -> None:
    arguments = ["--cases", 5_000_000]
    if context.long:
        arguments = ["--cases", 50_000_000, "--continue-from", SEED_COUNTER]
    finished = _run(context, "differential", "sentinel_differential", arguments, 4 * 3600)
    if finished and finished.ok and ", 0 differences" not in finished.output.strip().splitlines()[-1]:
        context.report.add(Outcome("differential", "final line says 0 differences", FAILED, 0, finished.output))


def small_worlds(context: Context) -> None:
    _run(context, "small-worlds", "small_worlds", [])


def laws(context: Context) -> None:
    _run(context, "laws", "laws", [])


def planted_bugs(context: Context) -> None:
    """Each planted bug must be found: a differential test that finds nothing may be one that cannot."""
    patches = {patch.stem for patch in PLANTED.glob("*.patch")}
    finished = run_program([PLANTED / "check.sh", "--keep", BUILD / "planted"], 2 * 3600)
    for line in finished.output.splitlines():
        verdict, _, name = line.split(":")[0].partition(" ")
        if name.strip() in patches:
            patches.discard(name.strip())
            status = PASSED if verdict == "ok" else FAILED
            context.report.add(Outcome("planted", name.strip(), status, 0, line))
    if patches or not finished.ok:
        detail = f"without a verdict: {', '.join(sorted(patches)) or 'none'}\n{finished.output}"
        context.report.add(Outcome("planted", "every planted bug is found", FAILED, finished.seconds, detail))
