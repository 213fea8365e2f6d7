"""S05: leeway, and clocks that are set."""

import pytest

from blackbox.world import error_of, ok
from token_testing import accepted, forge_of, refused


@pytest.fixture(scope="module")
def forge(world, tenant):
    return forge_of(world, tenant)


def test_s05_leeway_is_thirty_seconds(world, forge):
    now = forge.now()
    accepted(world, forge.token(claims={"iat": now - 1000, "nbf": now - 1000, "exp": now - 20}))
    refused(world, forge.token(claims={"iat": now - 1000, "nbf": now - 1000, "exp": now - 35}), "TOKEN_EXPIRED")
    accepted(world, forge.token(claims={"iat": now + 20, "nbf": now + 20, "exp": now + 900}))
    refused(world, forge.token(claims={"iat": now + 45, "nbf": now + 45, "exp": now + 900}))


def test_s05_no_token_lives_longer_than_any_of_ours(world, forge):
    now = forge.now()
    refused(world, forge.token(claims={"iat": now, "nbf": now, "exp": now + 10 * 365 * 86400}))


def test_s05_database_time_ends_sessions(world, tenant, server):
    """Whatever the server's own clock says: what is over in the database is over."""
    person = tenant.new_person()
    tokens = person.login()
    with server.connection() as connection:
        connection.execute("update sentinel.sessions set expires_at = now() - interval '1 second', "
                           "idle_expires_at = now() - interval '1 second' where id = %s", [tokens["session_id"]])
    with world.anonymous() as client:
        for _ in range(2):
            error_of(client.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]}), 401, "INVALID_TOKEN")


def test_s05_access_token_never_outlives_its_session(world, tenants):
    one = tenants(security_settings={"session_timeout_hours": 1})
    tokens = one.new_person().login()
    assert tokens["expires_in"] <= 1800
    ok(world.client_for(tokens["access_token"]).get("/auth/me"))
