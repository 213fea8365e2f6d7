"""Fixtures of tests/api and tests/security."""

import os
from pathlib import Path

import pytest

from .server import PROGRAM, Server, copy_of, new_folder
from .world import Tenant, World


@pytest.fixture(scope="session")
def template():
    """Data of a server that has run once: cluster, schema, keys, first administrator."""
    if not os.access(PROGRAM, os.X_OK):
        pytest.exit(f"{PROGRAM} is missing: build it, or name another in SENTINEL_PROGRAM", 2)
    server = Server(new_folder())
    try:
        server.start(seconds=120)
        server.stop()
        yield server.folder
    finally:
        server.remove()


@pytest.fixture(scope="session")
def server(template):
    server = Server(copy_of(template))
    try:
        server.start()
        yield server
        server.stop()
    finally:
        keep_log(server)
        server.remove()


def keep_log(server: Server) -> None:
    """Beside the results, for whoever reads a failure."""
    folder = os.environ.get("SENTINEL_TEST_LOGS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"server-{os.getpid()}.log").write_text(server.log(), "utf-8")


@pytest.fixture(scope="session")
def world(server) -> World:
    return World(server)


@pytest.fixture
def start_server(template):
    """Starts further servers, each with a database of its own: start_server(RATE_LIMIT_PER_MINUTE="60")."""
    servers: list[Server] = []

    def start(wait: bool = True, **settings) -> Server:
        one = Server(copy_of(template), settings)
        servers.append(one)
        return one.start() if wait else one

    yield start
    for one in servers:
        one.remove()


@pytest.fixture
def admin(world):
    return world.admin


@pytest.fixture
def anonymous(world):
    with world.anonymous() as client:
        yield client


@pytest.fixture(scope="session")
def tenants(world):
    """A factory: each call makes a tenant of its own."""
    return world.new_tenant


@pytest.fixture(scope="module")
def tenant(world) -> Tenant:
    """One tenant for the tests of a file that do not suspend it."""
    return world.new_tenant()


@pytest.fixture(scope="module")
def other(world) -> Tenant:
    """Another root, of which the first must know nothing."""
    return world.new_tenant()


@pytest.fixture(scope="module")
def manager(tenant):
    """The tenant's own administrator."""
    return tenant.client("tenant_admin")


@pytest.fixture
def service_account(tenant):
    return tenant.new_account


@pytest.fixture
def client_for(world):
    return world.client_for


@pytest.fixture
def sql(server):
    """rows(statement, *values) as the owner of the tables."""
    return server.rows


@pytest.fixture
def node(start_server):
    """(server, world, tenant): a server that gives up soon."""
    server = start_server(DB_POOL_TIMEOUT="2", MAX_STALENESS_SECONDS="3", REQUEST_TIMEOUT_SECONDS="5")
    world = World(server)
    one = world.new_tenant()
    one.client()
    return server, world, one


@pytest.fixture
def pair(start_server):
    """Two nodes on one database; the first keeps it."""
    first = start_server()
    second = Server(new_folder(), {"DATABASE_URL": first.database_url("sentinel_app"), "DATABASE_OWNER_URL": first.database_url(),
                                   "MASTER_KEY": (first.data / "master.key").read_text("ascii").strip(), "MAX_STALENESS_SECONDS": "3",
                                   "DB_POOL_TIMEOUT": "2", "AUTO_MIGRATE": "false"})
    try:
        yield first, second.start()
    finally:
        second.remove()
