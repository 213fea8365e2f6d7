"""A database that went back in time under a running server (spec 15: incarnation): a lagging replica is promoted, a backup restored.
What the server remembers of the lost writes must open nothing; what it remembers as ended must stay ended."""

import time

import pytest

from blackbox.cluster import Clusters
from blackbox.faults import RECOVERY, ready
from blackbox.server import wait_until
from blackbox.world import World, error_of, ok


@pytest.fixture
def clusters(template):
    clusters = Clusters(template)
    yield clusters
    clusters.remove()


def promoted_replica(clusters) -> None:
    """It has missed the last writes: its primary was out of reach."""
    clusters.stop("new", "fast")
    yield
    clusters.start("new")
    clusters.promote("new")


def restored_backup(clusters) -> None:
    clusters.stop("new", "fast")
    (clusters.data("new") / "standby.signal").unlink()
    (clusters.data("new") / "recovery.signal").touch()
    yield
    clusters.start("new")
    wait_until(lambda: clusters.value("new", "select not pg_is_in_recovery()"), "the end of recovery")


def copied_files(clusters) -> None:
    """Started without recovery: neither identifier nor timeline tell, only the lower revision does."""
    clusters.stop("new", "fast")
    (clusters.data("new") / "standby.signal").unlink()
    yield
    clusters.start("new")


@pytest.mark.parametrize("way", [promoted_replica, restored_backup, copied_files])
def test_database_that_went_back(clusters, way):
    clusters.take_over("old")
    clusters.start("old")
    clusters.switch("old")
    server = clusters.server(MAX_STALENESS_SECONDS="3", DB_POOL_TIMEOUT="2")
    try:
        server.start()
        world = World(server)
        one = world.new_tenant()
        raised, lowered, leaving = one.new_person(), one.new_person(["user_manager"]), one.new_person(["user_manager"])
        for person in (raised, lowered, leaving):
            ok(person.client.get("/auth/me"))
        clusters.copy("old", "new", "-R", "-X", "stream")
        clusters.start("new")
        old_point = one_revision(clusters, "old", one)
        wait_until(lambda: one_revision(clusters, "new", one) == old_point, "the replica to have all")
        change = way(clusters)
        next(change)

        # What will be lost.
        granted = one.admin.post(f"/users/{raised.id}/roles", json={"roles": ["user_manager"]})
        ok(granted, 201)
        role = ok(lowered.client.get(f"/users/{lowered.id}/roles"))["roles"][0]["id"]
        ok(one.admin.delete(f"/users/{lowered.id}/roles/{role}"), 204)
        leaver = leaving.fresh_client()
        ok(leaver.post("/auth/logout"))
        stayed = leaving.client
        ok(one.admin.post(f"/users/{leaving.id}/lock", json={"reason": "gone"}), 204)
        wait_until(lambda: raised.client.get("/users").status_code == 200, "the new role")
        error_of(lowered.client.get("/users"), 403, "PERMISSION_DENIED")
        error_of(leaver.get("/auth/me"), 401, "INVALID_TOKEN")

        clusters.stop("old")
        next(change, None)
        if way is not copied_files:  # as many writes as were lost: the revision alone tells nothing
            lost = 5
            clusters.value("new", "update sentinel_private.tenant_state set policy_revision = policy_revision + %s where tenant_id = %s",
                           lost, one.id)
            assert one_revision(clusters, "new", one) >= old_point + lost
        clusters.switch("new")
        start = time.monotonic()
        wait_until(lambda: raised.client.get("/users").status_code == 403, "the role that was never given to be gone", 20)
        assert time.monotonic() - start < RECOVERY
        wait_until(lambda: ready(server) == 200, "readiness", 20)
        assert time.monotonic() - start < RECOVERY
        ok(lowered.client.get("/users"))
        error_of(raised.client.get("/users"), 403, "PERMISSION_DENIED")
        error_of(leaver.get("/auth/me"), 401, "INVALID_TOKEN")  # ended once is ended for good
        error_of(stayed.get("/auth/me"), 401, "INVALID_TOKEN")

        again = one.admin.post(f"/users/{raised.id}/roles", json={"roles": ["user_manager"]})
        ok(again, 201)
        if way is not copied_files:
            assert again.headers["X-Policy-Incarnation"] != granted.headers["X-Policy-Incarnation"]
        wait_until(lambda: raised.client.get("/users").status_code == 200, "writes to take effect again")
        server.stop()
    finally:
        server.remove()


def one_revision(clusters, name: str, tenant) -> int:
    return clusters.value(name, "select policy_revision from sentinel_private.tenant_state where tenant_id = %s", tenant.id)
