"""S08, S09: guessing, and telling who exists. The throttle is in tests/api/test_auth_throttle.py, time in test_s09_timing.py."""

import pytest

from blackbox.server import wait_until
from blackbox.world import PASSWORD, error_of, ok, unique

WRONG = "Wrong-Kettle-42-Orbit"


def login(world, email, password, **tenant):
    with world.anonymous() as client:
        return client.post("/auth/login", json={"email": email, "password": password, **tenant})


@pytest.fixture(scope="module")
def strangers(world):
    """Everyone who must look like an unknown person."""
    one, suspended = world.new_tenant(), world.new_tenant()
    known, inactive = one.new_person(), one.new_person(is_active=False)
    invited, machine = one.new_person(password=None), one.new_account()
    inside = suspended.new_person()
    ok(world.admin.post(f"/tenants/{suspended.id}/deactivate"))
    code = {"tenant_code": one.code}
    return {
        "wrong password": (known.email, WRONG, code), "unknown person": (f"{unique('no')}@x.example", PASSWORD, code),
        "unknown tenant": (known.email, PASSWORD, {"tenant_code": "NO-SUCH"}), "inactive": (inactive.email, PASSWORD, code),
        "invited": (invited.email, PASSWORD, code), "service account": (machine.made["email"], PASSWORD, code),
        "suspended tenant": (inside.email, PASSWORD, {"tenant_code": suspended.code}),
        "unknown tenant id": (known.email, PASSWORD, {"tenant_id": "0198b0a0-0000-7000-8000-000000000001"}),
        "other tenant": (known.email, PASSWORD, {"tenant_code": "PLATFORM"}),
    }


def test_s09_one_answer_for_all(world, strangers):
    answers = {name: login(world, email, password, **tenant) for name, (email, password, tenant) in strangers.items()}
    for answer in answers.values():
        error_of(answer, 401, "AUTH_FAILED")
    bodies = {name: answer.json()["error"] for name, answer in answers.items()}
    assert all(body == bodies["unknown person"] for body in bodies.values()), bodies
    varying = {"x-request-id", "date"}
    headers = [{name: value for name, value in answer.headers.items() if name not in varying} for answer in answers.values()]
    assert all(found == headers[0] for found in headers)


def test_s09_true_reason_is_inside_alone(world, tenant):
    person = tenant.new_person()
    request = person.try_login(password=WRONG).headers["X-Request-ID"]
    rows = wait_until(lambda: [row for row in tenant.audit("auth.login_failed") if row["request_id"] == request], "auth.login_failed", 5)
    assert rows[0]["result"] in ("failure", "denied") and WRONG not in repr(rows[0])
    stranger = f"{unique('ghost')}@x.example"
    request = login(world, stranger, PASSWORD, tenant_code=tenant.code).headers["X-Request-ID"]
    rows = wait_until(lambda: [row for row in tenant.audit("auth.login_failed") if row["request_id"] == request], "auth.login_failed", 5)
    assert stranger not in repr(rows[0]), "unknown identities appear as keyed hashes"
    request = login(world, stranger, PASSWORD, tenant_code="NO-SUCH").headers["X-Request-ID"]
    wait_until(lambda: [row for row in world.platform.audit("auth.login_failed") if row["request_id"] == request], "auth.login_failed", 5)


def test_s08_password_of_change_password_is_throttled_too(tenant):
    person = tenant.new_person()
    client = person.fresh_client()
    answers = [client.post(f"/users/{person.id}/change-password", json={"current_password": WRONG, "new_password": "Other-Kettle-43-Orbit"})
               for _ in range(7)]
    codes = [answer.json()["error"]["code"] for answer in answers]
    assert codes[:5] == ["AUTH_FAILED"] * 5 and set(codes[5:]) <= {"ACCOUNT_LOCKED"}, codes


def test_s08_counters_are_in_the_database(world, tenant, sql):
    """So that a restart or a second node does not forget them."""
    before = sql("select count(*) as n from sentinel_private.rate_limits")[0]["n"]
    person = tenant.new_person()
    person.try_login(password=WRONG)
    rows = sql("select identifier, action_type, attempt_count from sentinel_private.rate_limits")
    assert len(rows) > before
    assert all(len(row["identifier"]) == 32 for row in rows), "keyed hashes"
