"""Tools of attackers against the whole server: proxies in front, floods, slow clients, injections. Minutes; with --long only."""

import resource
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "api"))

from blackbox.fixtures import *  # noqa: E402,F401,F403

DESCRIPTORS = 16384


@pytest.fixture(scope="session", autouse=True)
def many_descriptors():
    """For this process, and so for each server that it starts."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, max(DESCRIPTORS, before[1])))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[0], max(DESCRIPTORS, before[1])))
