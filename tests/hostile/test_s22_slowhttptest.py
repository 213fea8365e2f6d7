"""S22: slowhttptest's attacks. Its connections are cut at the page's limits, and others are served as before."""

import subprocess
import time

import pytest

from blackbox.server import wait_until
from blackbox.world import World
from proxies import program
from timing import check_quick, descriptors, milliseconds_of, tell

CONNECTIONS, RATE = 1000, 250
# The limit on it in seconds, where it goes, and the tool's options.
ATTACKS = {
    "slow headers": (10, "/health/live", ["-H", "-i", "1", "-x", "24", "-t", "GET"]),
    # 1 MB announced, 20 bytes a second.
    "slow body": (30, "/api/v1/auth/login", ["-B", "-i", "1", "-x", "10", "-s", "1000000", "-f", "application/json"]),
    # Megabytes asked for, eight bytes taken in five seconds.
    "slow read": (10, "/openapi.json", ["-X", "-w", "10", "-y", "20", "-n", "5", "-z", "8", "-k", "10"]),
}
LATE = 5  # for a sweep of the server, and a busy machine


@pytest.mark.parametrize("attack", ATTACKS)
def test_s22_slowhttptest(start_server, tmp_path, attack):
    limit, path, options = ATTACKS[attack]
    server = start_server()  # 127.0.0.0/8 is trusted: no cap of one address stands in the attack's way
    client = World(server).admin
    idle = milliseconds_of(client, 300)
    before = descriptors(server)
    command = [program("slowhttptest"), "-c", str(CONNECTIONS), "-r", str(RATE), "-l", "240", "-v", "0", *options,
               "-u", server.url + path]
    with (tmp_path / "tool.log").open("wb") as log:
        tool = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: descriptors(server) > before + CONNECTIONS * 3 // 4, "the attack to stand")
        start = time.monotonic()
        taken = milliseconds_of(client, 500, pause=0.01)
        # What the tool itself says of a connection is late: it sees the end only behind the bytes that it has not read yet.
        wait_until(lambda: descriptors(server) <= before + 16, f"the {attack} to be cut", start + limit + LATE - time.monotonic())
        tell(f"{attack}: cut {time.monotonic() - start:.1f} s after three quarters of {CONNECTIONS} stood")
    finally:
        tool.kill()
        tool.wait()
    check_quick(idle, taken, attack)
    server.stop()
