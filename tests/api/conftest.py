"""Black-box tests of the HTTP interface: one server, every answer held against /openapi.json."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from blackbox.fixtures import *  # noqa: E402,F401,F403
