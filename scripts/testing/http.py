"""The HTTP server over raw sockets: limits, attacks and the request corpora, at full speed and under sanitizers."""

from .black_box import _fresh_result, _record_junit
from .context import ROOT, Context, run_program
from .units import ASAN_OPTIONS, SANITIZER_ENVIRONMENT, program_path

SERVER = "http_test_server"
WAITING_TESTS_A_CORE = 2  # most of the time they wait for a time-out of the server


def run(context: Context) -> None:
    for preset, options in (("release", ()), ("asan", ASAN_OPTIONS)):
        if context.build("http", preset, [SERVER], options):
            _run_against(context, preset)


def _run_against(context: Context, preset: str) -> None:
    result = _fresh_result(f"http-{preset}")
    command = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", context.jobs * WAITING_TESTS_A_CORE,
               f"--junit-xml={result}", "-rs", ROOT / "tests/http"]
    if context.name_filter:
        command += ["-k", context.name_filter]
    environment = {**SANITIZER_ENVIRONMENT, "HTTP_TEST_SERVER": str(program_path(preset, SERVER)),
                   "SENTINEL_LONG": "1" if context.long else "0"}
    finished = run_program(command, environment=environment)
    if context.name_filter and finished.code == 5:  # pytest: nothing was selected
        finished.code = 0
    _record_junit(context, f"http ({preset})", result, finished)
