#!/usr/bin/env python3
"""Runs Sentinel's tests, stage by stage; ./test calls it after installing what it needs."""

import argparse
import os
import signal
import sys
import time

from testing import black_box, coverage, differential, fuzz, http, style, units
from testing.context import RESULTS, Context
from testing.report import Report

# In the order of a run: first what one release build serves, quickest first; each further build is a matter of minutes.
STAGES = {
    "format": ("clang-format of all C++ sources", style.formatting),
    "scenarios": ("tests/scenarios and examples, in the engine and in the reference", black_box.scenarios),
    "schema": ("the published JSON Schema against the examples", black_box.policy_schema),
    "cli": ("the command line as a black box", black_box.command_line),
    "readme": ("the README's tour as it stands", black_box.readme),
    "embed": ("the example that embeds the engine in a project of its own", black_box.embed),
    "http": ("the HTTP server over raw sockets, at full speed and under AddressSanitizer", http.run),
    "openapi": ("the OpenAPI document against the rules of OpenAPI 3.1", black_box.openapi),
    "api": ("the whole server over HTTP, each answer held against /openapi.json; kills and faults", black_box.api),
    "security": ("the cases of ../shared/security-cases.md against the whole server", black_box.security),
    "datasets": ("public data sets of ../shared (skipped where that is absent)", black_box.data_sets),
    "concurrency": ("readers on all cores while a writer publishes, at full speed", units.concurrency),
    "small-worlds": ("engine and reference on every small world", differential.small_worlds),
    "laws": ("the laws of the semantics on random tenants", differential.laws),
    "differential": ("engine and reference on 5 million random cases (50 million with --long)", differential.random_cases),
    "unit": ("every GoogleTest case under AddressSanitizer and UndefinedBehaviorSanitizer", units.run),
    "coverage": ("of those: 95 % of lines, 90 % of branches of src/engine and src/policy", coverage.run),
    "tsan": ("what threads share under ThreadSanitizer (with --long the access state, too)", units.tsan),
    "fuzz": ("each libFuzzer target for 30 s (15 min with --long)", fuzz.run),
    "tidy": ("only with --long: clang-tidy of what changed since it was last clean", style.tidy),
    "hostile": ("only with --long: nginx and haproxy in front, 10,000 connections, slowhttptest, sqlmap", black_box.hostile),
    "contributing": ("only with --long: an endpoint and a module added in a copy, as docs/contributing.md says", black_box.contributing),
    "planted": ("only with --long: each planted bug is found", differential.planted_bugs),
}
LONG_ONLY = {"tidy", "planted", "hostile", "contributing"}
# Stages whose tests have names worth filtering by.
NAMED_TESTS = ("unit", "scenarios", "cli", "readme", "http", "openapi", "api", "security", "hostile", "contributing",
               "datasets")


def arguments() -> argparse.Namespace:
    stages = "\n".join(f"  {name:13} {text}" for name, (text, _) in STAGES.items())
    parser = argparse.ArgumentParser(prog="./test", formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description="Builds and runs every test; the last line is `N passed, N failed`.",
                                     epilog=f"stages, in order:\n{stages}\n\nlogs and results: build/test-results")
    parser.add_argument("--long", action="store_true", help="the long tiers as well (hours)")
    parser.add_argument("--filter", metavar="X", default="", help="only the stages whose name contains X; where none does, only "
                        f"the tests of {', '.join(NAMED_TESTS)} whose name contains X")
    parser.add_argument("--verbose", action="store_true", help="name each test that passed, too")
    return parser.parse_args()


def chosen_stages(filter_text: str, long: bool) -> tuple[list[str], str]:
    """The stages to run, and the part of a test's name to select by ("" = all tests)."""
    if not filter_text:
        return [name for name in STAGES if long or name not in LONG_ONLY], ""
    by_stage = [name for name in STAGES if filter_text in name]
    return (by_stage, "") if by_stage else ([name for name in NAMED_TESTS if long or name not in LONG_ONLY], filter_text)


def main() -> int:
    options = arguments()
    stages, name_filter = chosen_stages(options.filter, options.long)
    report = Report(options.verbose)
    context = Context(report, options.long, len(os.sched_getaffinity(0)), name_filter)
    start = time.monotonic()
    for name in stages:
        report.run_stage(name, lambda: STAGES[name][1](context))
    report.say(f"all in {time.monotonic() - start:.0f} s")
    return report.finish(RESULTS / "all.json")


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
