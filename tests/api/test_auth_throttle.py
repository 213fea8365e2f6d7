"""Authentication (spec 02): what stops guessing."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from blackbox.server import wait_until
from blackbox.sessions import client_of, refresh
from blackbox.world import World, error_of, new_address, ok, unique


def test_five_failures_lock_the_identity(tenant, sql):
    """Rule 5."""
    person = tenant.new_person()
    for _ in range(5):
        error_of(person.try_login(password="Wrong-Kettle-42-Orbit"), 401, "AUTH_FAILED")
    details = error_of(person.try_login(), 429, "ACCOUNT_LOCKED")
    assert 1700 < details["retry_after"] <= 1800
    row = sql("select lock_kind, locked_until, version, failed_login_count from sentinel.users where id = %s", person.id)[0]
    assert row["lock_kind"] == "auto" and row["locked_until"] is not None and row["version"] == 1 and row["failed_login_count"] == 5
    wait_until(lambda: tenant.audit("auth.lockout"), "auth.lockout", 3)


def test_unknown_identity_locks_alike(world, tenant):
    email = f"{unique('ghost')}@nowhere.example"

    def attempt(code):
        with world.anonymous() as client:
            return client.post("/auth/login", json={"email": email, "password": "Wrong-Kettle-42-Orbit", "tenant_code": code})

    for code in (tenant.code, "NO-SUCH-TENANT"):
        for _ in range(5):
            error_of(attempt(code), 401, "AUTH_FAILED")
        assert 1700 < error_of(attempt(code), 429, "ACCOUNT_LOCKED")["retry_after"] <= 1800


def test_lock_leaves_open_sessions_alone(world, tenant):
    person = tenant.new_person()
    tokens = person.login()
    for _ in range(6):
        person.try_login(password="Wrong-Kettle-42-Orbit")
    ok(client_of(world, tokens).get("/auth/me"))
    ok(refresh(world, tokens["refresh_token"]))


def test_known_address_is_not_stopped_by_others(tenant):
    person = tenant.new_person()
    home = new_address()
    ok(person.try_login(address=home))
    for _ in range(6):
        person.try_login(password="Wrong-Kettle-42-Orbit")
    error_of(person.try_login(), 429, "ACCOUNT_LOCKED")
    ok(person.try_login(address=home))


@pytest.fixture
def unlimited(start_server):
    """A tenant of a server without rate limits: only the counters of failures stop a login."""
    return World(start_server(RATE_LIMIT_ENABLED="false")).new_tenant()


def test_success_sets_the_counter_back(unlimited):
    person = unlimited.new_person()
    address = new_address()
    for _ in range(3):
        for _ in range(4):
            error_of(person.try_login(password="Wrong-Kettle-42-Orbit", address=address), 401, "AUTH_FAILED")
        ok(person.try_login(address=address))


def test_hundred_parallel_guesses_count_as_hundred(tenant, sql):
    """At most five of them are judged; the others are refused unseen."""
    person = tenant.new_person()
    with ThreadPoolExecutor(25) as pool:
        answers = list(pool.map(lambda _: person.try_login(password="Wrong-Kettle-42-Orbit"), range(100)))
    codes = [answer.json()["error"]["code"] for answer in answers]
    assert codes.count("AUTH_FAILED") == 5, codes
    assert set(codes) <= {"AUTH_FAILED", "ACCOUNT_LOCKED", "RATE_LIMIT_EXCEEDED"}
    error_of(person.try_login(), 429, "ACCOUNT_LOCKED")


def test_fifty_failures_of_one_address(unlimited):
    address = new_address()
    for number in range(50):
        person_like = {"email": f"{unique('g')}@x.example", "password": "Wrong-Kettle-42-Orbit", "tenant_code": unlimited.code}
        with unlimited.world.anonymous(address) as client:
            error_of(client.post("/auth/login", json=person_like), 401, "AUTH_FAILED")
    error_of(unlimited.person("viewer").try_login(address=address), 429, "RATE_LIMIT_EXCEEDED")
    ok(unlimited.person("viewer").try_login())


def test_administrators_lock_shows_after_the_right_password_only(tenant):
    """Rule 6."""
    person = tenant.new_person()
    home = new_address()
    ok(person.try_login(address=home))
    ok(tenant.client().post(f"/users/{person.id}/lock", json={"duration_minutes": 60}), 204)
    error_of(person.try_login(password="Wrong-Kettle-42-Orbit", address=home), 401, "AUTH_FAILED")
    error_of(person.try_login(address=home), 429, "ACCOUNT_LOCKED")
    ok(tenant.client().post(f"/users/{person.id}/unlock"), 204)
    ok(person.try_login(address=home))
