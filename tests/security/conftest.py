"""Cases of security-cases.md, each test named by its case."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "api"))

from blackbox.fixtures import *  # noqa: E402,F401,F403
