"""What has ended is removed by the server itself (spec 02 rule 24, spec 15 section 8); which rows of which table: platform/upkeep."""

from blackbox.server import wait_until
from blackbox.world import World


def test_first_run_follows_the_start_and_the_next_is_planned(start_server):
    server = start_server()
    tenant = World(server).new_tenant()
    server.stop()
    server.start()  # nothing is due: the next run stands in the table
    find_jobs = "select state, run_at > now() + interval '50 minutes' as later, result from sentinel_private.jobs where kind = 'upkeep.hourly'"
    wait_until(lambda: {row["state"] for row in server.rows(find_jobs)} == {"done", "queued"}, "the first run")
    assert [row["later"] for row in server.rows(find_jobs) if row["state"] == "queued"] == [True]
    server.rows("insert into sentinel.idempotency_keys (tenant_id, id, principal_id, route, key_hash, request_hash, status, expires_at) "
                "values (%s, gen_random_uuid(), gen_random_uuid(), 'x', sha256(''), sha256(''), 200, now() - interval '2 hours')", tenant.id)
    server.rows("update sentinel_private.jobs set run_at = now() where kind = 'upkeep.hourly' and state = 'queued'")
    wait_until(lambda: server.value("select count(*) from sentinel.idempotency_keys where expires_at < now()") == 0, "the row to go")
    wait_until(lambda: sorted(row["state"] for row in server.rows(find_jobs)) == ["done", "done", "queued"], "the run's end")
    assert max(row["result"]["removed"] for row in server.rows(find_jobs) if row["result"]) >= 1
    server.stop()
