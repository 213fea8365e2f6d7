"""What the stages found, how it is printed, and the one line at the end."""

import json
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass
class Outcome:
    """One test: `stage` and `name` are its address, `detail` says why it failed or was skipped."""

    stage: str
    name: str
    status: str
    seconds: float = 0.0
    detail: str = ""


class Report:
    def __init__(self, verbose: bool):
        self.outcomes: list[Outcome] = []
        self.verbose = verbose
        self._lock = threading.RLock()

    def add(self, outcome: Outcome) -> Outcome:
        with self._lock:
            return self._add(outcome)

    def _add(self, outcome: Outcome) -> Outcome:
        self.outcomes.append(outcome)
        if outcome.status == FAILED:
            self.say(f"  FAILED  {outcome.name}  ({outcome.seconds:.1f} s)")
            for line in outcome.detail.strip().splitlines()[-40:]:
                self.say(f"          | {line}")
        elif outcome.status == SKIPPED:
            self.say(f"  skipped {outcome.name}: {outcome.detail.strip() or 'no reason given'}")
        elif self.verbose:
            self.say(f"  passed  {outcome.name}  ({outcome.seconds:.1f} s)")
        return outcome

    def say(self, text: str) -> None:
        with self._lock:
            print(text, flush=True)

    def count(self, status: str) -> int:
        return sum(outcome.status == status for outcome in self.outcomes)

    def run_stage(self, name: str, action) -> None:
        """Runs one stage; whatever it raises is a failure of that stage, never the end of the run."""
        self.say(f"== {name}")
        first, start = len(self.outcomes), time.monotonic()
        try:
            action()
        except KeyboardInterrupt:
            raise
        except Exception as error:  # noqa: BLE001
            self.add(Outcome(name, name, FAILED, time.monotonic() - start, f"{type(error).__name__}: {error}"))
        counts = Counter(outcome.status for outcome in self.outcomes[first:])
        words = (("ok", PASSED), ("failed", FAILED), ("skipped", SKIPPED))
        told = ", ".join(f"{word} {counts[status]}" for word, status in words if counts[status]) or "nothing to run"
        self.say(f"   {told} in {time.monotonic() - start:.1f} s")

    def write(self, path: Path) -> None:
        """Every test by name with its time, for those who want to know more than the console says."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([asdict(outcome) for outcome in self.outcomes], indent=1, ensure_ascii=False) + "\n", "utf-8")

    def finish(self, path: Path) -> int:
        self.write(path)
        skipped, failed = self.count(SKIPPED), self.count(FAILED)
        if skipped:
            self.say(f"{skipped} skipped (each is named above with its reason)")
        for outcome in self.outcomes:
            if outcome.status == FAILED:
                self.say(f"failed: {outcome.stage}: {outcome.name}")
        sys.stderr.flush()
        self.say(f"{self.count(PASSED)} passed, {failed} failed")
        return 1 if failed or not self.count(PASSED) else 0
