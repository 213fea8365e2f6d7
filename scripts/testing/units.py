"""GoogleTest programs: found through ctest, each case counted by name."""

import json
import shutil
import time
from pathlib import Path

from . import junit
from .context import BUILD, RELEASE_TARGETS, RESULTS, Context, run_program
from .report import FAILED, PASSED, Outcome

CONCURRENCY_TEST = "engine_concurrency_test"
# Code that threads share. Compiling the access state's takes minutes under ThreadSanitizer.
SHARED_BY_THREADS = [CONCURRENCY_TEST, "platform_crypto_test"]
SHARED_BY_THREADS_LONG = ["platform_access_test", "platform_access_database_test", "platform_telemetry_test"]
# One build serves the unit tests, their coverage and the fuzz targets: compiling is most of the time that ./test takes.
ASAN_OPTIONS = ("-DSENTINEL_FUZZ=ON", "-DSENTINEL_COVERAGE=ON")
PROFILES = BUILD / "asan/profiles"
SANITIZER_ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "LLVM_PROFILE_FILE": str(PROFILES / "%p.profraw"),
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


def registered_programs(preset: str) -> list[str]:
    """Names of the GoogleTest programs that CMake registered (sentinel_test: the name of test and target is one)."""
    listing = run_program(["ctest", "--test-dir", BUILD / preset, "--show-only=json-v1"])
    if not listing.ok:
        raise RuntimeError(f"ctest cannot list the tests of build/{preset}: {listing.output}")
    document = json.loads(listing.output[listing.output.index("{"):])
    return sorted(test["name"] for test in document["tests"] if test["name"].endswith("_test"))


def program_path(preset: str, name: str) -> Path:
    found = [path for path in (BUILD / preset).glob(f"**/{name}") if path.is_file()]
    if not found:
        raise RuntimeError(f"build/{preset} has no program {name}")
    return found[0]


def run_cases(context: Context, stage: str, preset: str, names: list[str], environment: dict | None = None) -> None:
    """Runs each program, as many at a time as there are cores."""
    def one(name: str) -> tuple[str, list[Outcome], float]:
        start = time.monotonic()
        return name, _run_program_cases(context, stage, program_path(preset, name), environment), time.monotonic() - start

    for name, outcomes, seconds in context.in_parallel(one, names):
        for outcome in outcomes:
            context.report.add(outcome)
        if outcomes:
            passed = sum(outcome.status == PASSED for outcome in outcomes)
            context.report.say(f"  {name}: {passed} of {len(outcomes)} passed in {seconds:.1f} s")


def _run_program_cases(context: Context, stage: str, program: Path, environment: dict | None) -> list[Outcome]:
    result = RESULTS / stage / f"{program.name}.xml"
    result.parent.mkdir(parents=True, exist_ok=True)
    result.unlink(missing_ok=True)
    command = [program, f"--gtest_output=xml:{result}", "--gtest_brief=1"]
    if context.name_filter:
        command.append(f"--gtest_filter=*{context.name_filter}*")
    finished = run_program(command, environment=environment)
    outcomes = junit.read(result, stage, f"{program.name}: ") if result.exists() else []
    if not finished.ok and not any(outcome.status == FAILED for outcome in outcomes):
        outcomes.append(Outcome(stage, program.name, FAILED, finished.seconds, f"exit code {finished.code}\n{finished.output}"))
    return outcomes


def sanitized_programs() -> list[str]:
    """All but the threads' test: those are ThreadSanitizer's subject. REQUIRES: build/asan is configured."""
    return [name for name in registered_programs("asan") if name != CONCURRENCY_TEST]


def run(context: Context) -> None:
    configured = context.configure("asan", ASAN_OPTIONS)
    if not configured.ok:
        context.record("unit", "configure asan", configured)
        return
    names = sanitized_programs()
    if context.build("unit", "asan", names, ASAN_OPTIONS):
        shutil.rmtree(PROFILES, ignore_errors=True)
        context.unit_tests_ran = True
        run_cases(context, "unit", "asan", names, SANITIZER_ENVIRONMENT)


def concurrency(context: Context) -> None:
    """With its real timing, too: a sanitizer slows the threads down, and so changes who meets whom."""
    if context.build("concurrency", "release", RELEASE_TARGETS):
        run_cases(context, "concurrency", "release", [CONCURRENCY_TEST])


def tsan(context: Context) -> None:
    names = SHARED_BY_THREADS + (SHARED_BY_THREADS_LONG if context.long else [])
    if context.build("tsan", "tsan", names):
        run_cases(context, "tsan", "tsan", names, SANITIZER_ENVIRONMENT)
