"""JUnit files, as GoogleTest, pytest and `sentinel test` write them, as outcomes."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from .report import FAILED, PASSED, SKIPPED, Outcome


def read(path: Path, stage: str, prefix: str = "") -> list[Outcome]:
    # GoogleTest writes the bytes of a hostile parameter as they are: no UTF-8, and characters that XML cannot hold.
    text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\N{REPLACEMENT CHARACTER}", path.read_bytes().decode("utf-8", "replace"))
    cases = ElementTree.fromstring(re.sub(r"^<\?xml[^>]*>", "", text)).iter("testcase")
    # GoogleTest lists what its filter left out as well.
    return [_outcome(case, stage, prefix) for case in cases if case.get("status") != "notrun"]


def _outcome(case: ElementTree.Element, stage: str, prefix: str) -> Outcome:
    name = prefix + ".".join(part for part in (case.get("classname"), case.get("name")) if part)
    status, detail = PASSED, ""
    for child in case:
        if child.tag in ("failure", "error"):
            status = FAILED
            detail += "\n".join(part for part in (child.get("message"), child.text) if part) + "\n"
        elif child.tag == "skipped" and status == PASSED:
            status, detail = SKIPPED, (child.get("message") or "").strip().replace("\n", ": ")
    return Outcome(stage, name, status, float(case.get("time") or 0), detail)
