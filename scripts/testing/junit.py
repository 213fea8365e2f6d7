"""JUnit files, as pytest and `sentinel test` write them, as outcomes."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from .report import FAILED, PASSED, SKIPPED, Outcome


def read(path: Path, stage: str) -> list[Outcome]:
    return [_outcome(case, stage) for case in ElementTree.parse(path).getroot().iter("testcase")]


def _outcome(case: ElementTree.Element, stage: str) -> Outcome:
    name = "::".join(part for part in (case.get("classname"), case.get("name")) if part)
    status, detail = PASSED, ""
    for child in case:
        if child.tag in ("failure", "error", "skipped"):
            status = SKIPPED if child.tag == "skipped" else FAILED
            detail = "\n".join(part for part in (child.get("message"), child.text if child.tag != "skipped" else "") if part)
    return Outcome(stage, name, status, float(case.get("time") or 0), detail)
