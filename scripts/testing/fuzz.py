"""libFuzzer targets under AddressSanitizer and UndefinedBehaviorSanitizer, each from its kept corpus."""

from pathlib import Path

from .context import BUILD, ROOT, Context, run_program
from .units import ASAN_OPTIONS, SANITIZER_ENVIRONMENT, program_path

SEEDS = ROOT / "tests/fuzz/corpus"


def targets() -> list[str]:
    """One source file, one target, one folder of the corpus, all of one name."""
    return sorted(path.stem.removeprefix("fuzz_") for path in (ROOT / "tests/fuzz").glob("fuzz_*.cpp"))


def run(context: Context) -> None:
    names = targets()
    if not names:
        raise RuntimeError("tests/fuzz has no targets")
    if context.build("fuzz", "asan", [f"fuzz_{name}" for name in names], ASAN_OPTIONS):
        seconds = 900 if context.long else 30
        context.in_parallel(lambda name: _fuzz(context, name, seconds), names)


def _fuzz(context: Context, name: str, seconds: int) -> None:
    """New inputs go to build/fuzz/corpus (kept between runs), an input that fails to build/fuzz/found."""
    grown, found = BUILD / "fuzz/corpus" / name, BUILD / "fuzz/found"
    for folder in (grown, found):
        folder.mkdir(parents=True, exist_ok=True)
    seeds: Path = SEEDS / name
    command = [program_path("asan", f"fuzz_{name}"), f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=3000",
               "-max_len=4096", "-print_final_stats=1", "-verbosity=1", f"-artifact_prefix={found}/{name}-", grown, seeds]
    finished = run_program(command, seconds * 2 + 300, SANITIZER_ENVIRONMENT)
    if not any(seeds.glob("*")):
        finished.code, finished.output = 1, f"{seeds} is empty: a target starts from a kept corpus"
    context.record("fuzz", f"{name} for {seconds} s", finished)
    runs = [line.split()[-1] for line in finished.output.splitlines() if "number_of_executed_units" in line]
    context.report.say(f"  {name}: {runs[0] if runs else 'no'} inputs in {finished.seconds:.0f} s")
