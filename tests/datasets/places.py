"""Where the data, the programs and the build folder are; what is absent skips its tests visibly."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("SENTINEL_SHARED", ROOT.parent / "shared"))
PROGRAM = Path(os.environ.get("SENTINEL", ROOT / "sentinel"))


def data_set(name: str) -> Path:
    """The folder of a data set; without it the test is skipped."""
    folder = SHARED / "datasets" / name
    if not folder.is_dir():
        pytest.skip(f"no data set at {folder}")
    return folder


def built_program(path_in_build: str) -> Path:
    """A program from the build that `sentinel` comes from (<build>/src/app/sentinel)."""
    program = PROGRAM.resolve().parents[2] / path_in_build
    assert program.exists(), f"{program} is not built"
    return program
