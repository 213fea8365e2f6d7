"""The program from outside: scenario files, the command line, the data sets, the README."""

from pathlib import Path

from . import junit
from .context import RELEASE_TARGETS, RESULTS, ROOT, Context, run_program
from .report import FAILED, Outcome

PROGRAM = ROOT / "sentinel"
# Two servers with two databases: much of the time a test waits for one of them. The tests of a file share a tenant.
TWO_SERVERS = ("-n", "2", "--dist", "loadfile")
LIMIT, LONG_LIMIT = 1800, 3 * 3600  # seconds of a stage


def _program_is_built(context: Context, stage: str) -> bool:
    if not context.build(stage, "release", RELEASE_TARGETS):
        return False
    PROGRAM.unlink(missing_ok=True)
    PROGRAM.symlink_to("build/release/src/app/sentinel")
    return True


def _record_junit(context: Context, stage: str, result: Path, finished) -> None:
    """The file's cases; an exit code that they do not explain is a failure of its own."""
    outcomes = junit.read(result, stage) if result.exists() else []
    failed = False
    for outcome in outcomes:
        if context.name_filter.lower() in outcome.name.lower():
            context.report.add(outcome)
            failed = failed or outcome.status == FAILED
    if not finished.ok and not failed:
        detail = f"exit code {finished.code}\n{finished.output}"
        context.report.add(Outcome(stage, f"{stage} as a whole", FAILED, finished.seconds, detail))
    last = finished.output.strip().splitlines()[-1:] or [""]
    context.report.say(f"  {last[0]}")


def _fresh_result(stage: str) -> Path:
    result = RESULTS / f"{stage}.xml"
    result.parent.mkdir(parents=True, exist_ok=True)
    result.unlink(missing_ok=True)
    return result


def scenarios(context: Context) -> None:
    if not _program_is_built(context, "scenarios"):
        return
    files = sorted((ROOT / "tests/scenarios").glob("*.yaml")) + sorted((ROOT / "examples").glob("*.yaml"))
    for evaluator in ("engine", "reference"):
        result = _fresh_result(f"scenarios-{evaluator}")
        command = [PROGRAM, "test", "--evaluator", evaluator, "--junit", result, *files]
        _record_junit(context, f"scenarios ({evaluator})", result, run_program(command))


def _pytest(context: Context, stage: str, target: str, *options: str, environment: dict | None = None) -> None:
    if not (ROOT / target).exists():
        raise RuntimeError(f"{target} is missing")
    if not _program_is_built(context, stage):
        return
    result = _fresh_result(stage)
    command = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={result}", "-rs", *options,
               target]
    if context.name_filter:
        command += ["-k", context.name_filter]
    general = {"SENTINEL": str(PROGRAM), "SENTINEL_TEST_LOGS": str(RESULTS / stage),
               "SENTINEL_LONG": "1" if context.long else "0"}
    finished = run_program(command, LONG_LIMIT if context.long else LIMIT, {**general, **(environment or {})})
    if context.name_filter and finished.code == 5:  # pytest: nothing was selected
        finished.code = 0
    _record_junit(context, stage, result, finished)


def command_line(context: Context) -> None:
    _pytest(context, "cli", "tests/cli")


def api(context: Context) -> None:
    _pytest(context, "api", "tests/api", *TWO_SERVERS)


def security(context: Context) -> None:
    _pytest(context, "security", "tests/security", *TWO_SERVERS)


def hostile(context: Context) -> None:
    """Needs packages that no other stage needs."""
    installed = run_program([ROOT / "scripts/install_packages.sh", "long"])
    if not installed.ok:
        context.record("hostile", "install the packages of the set long", installed)
        return
    figures = RESULTS / "hostile/figures.txt"
    figures.unlink(missing_ok=True)
    _pytest(context, "hostile", "tests/hostile")
    for line in figures.read_text("utf-8").splitlines() if figures.exists() else []:
        context.report.say(f"  {line}")


def contributing(context: Context) -> None:
    _pytest(context, "contributing", "tests/contributing")


def openapi(context: Context) -> None:
    """The rules of OpenAPI 3.1, asked of the unit tests' document and of the program's own."""
    _pytest(context, "openapi", "tests/openapi")
    if not _program_is_built(context, "openapi"):
        return
    document = RESULTS / "openapi.json"
    printed = run_program([PROGRAM, "openapi"])
    if context.record("openapi", "sentinel openapi", printed):
        document.write_text(printed.output, "utf-8")
        _pytest(context, "openapi-own", "tests/openapi", environment={"SENTINEL_OPENAPI": str(document)})


def policy_schema(context: Context) -> None:
    script = ROOT / "tests/policy/test_schema.py"
    context.record("schema", script.name, run_program(["/usr/bin/python3", script]))


def data_sets(context: Context) -> None:
    _pytest(context, "datasets", "tests/datasets")


def readme(context: Context) -> None:
    _pytest(context, "readme", "tests/readme/test_tour.py")


def embed(context: Context) -> None:
    _pytest(context, "embed", "tests/embed")
