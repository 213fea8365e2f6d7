"""The request corpora of ../shared/vectors/http: hostile and sound requests as bytes."""

import base64
import json

from .server import ROOT

SETS = ROOT.parent / "shared/vectors/http"


def rows(name: str) -> list[dict]:
    """The cases of one file; none where the data are absent."""
    path = SETS / name
    return json.loads(path.read_text("utf-8"))["cases"] if path.exists() else []


def request_of(row: dict) -> bytes:
    return base64.b64decode(row["request_base64"])


def name_of(row: dict) -> str:
    return row.get("id") or f"{row['file']}: {row['name']}"[:90]
