"""People (spec 03): lock and passwords."""

from datetime import datetime, timedelta, timezone

import pytest

from blackbox.people import NEW_PASSWORD
from blackbox.world import PASSWORD, error_of, faults_of, ok

# -- lock ------------------------------------------------------------------------------------------------------------------------


def test_lock_and_unlock(tenant, manager):
    person = tenant.new_person(["viewer"])
    client = person.fresh_client()
    ok(manager.post(f"/users/{person.id}/lock", json={"duration_minutes": 10, "reason": "Lost laptop"}), 204)
    detail = ok(manager.get(f"/users/{person.id}"))
    assert detail["status"] == "locked" and detail["lock_kind"] in ("admin",) and detail["locked_until"]
    error_of(client.get("/auth/me"), 401, "INVALID_TOKEN")
    assert tenant.audit("user.lock", person.id)
    ok(manager.post(f"/users/{person.id}/unlock"), 204)
    ok(manager.post(f"/users/{person.id}/unlock"), 204)
    assert len(tenant.audit("user.unlock", person.id)) == 1
    error_of(client.get("/auth/me"), 401, "INVALID_TOKEN")
    person.login()


def test_lock_by_default_and_for_ever(tenant, manager):
    one, two, three = (tenant.new_person() for _ in range(3))
    ok(manager.post(f"/users/{one.id}/lock"), 204)
    ok(manager.post(f"/users/{two.id}/lock", json={"indefinite": True}), 204)
    ok(manager.post(f"/users/{three.id}/lock", params={"duration_minutes": 5}), 204)
    until = [datetime.fromisoformat(ok(manager.get(f"/users/{person.id}"))["locked_until"].replace("Z", "+00:00")) for person in (one, two, three)]
    now = datetime.now(timezone.utc)
    assert timedelta(minutes=29) < until[0] - now < timedelta(minutes=31)
    assert until[1].year == 9999
    assert timedelta(minutes=4) < until[2] - now < timedelta(minutes=6)


def test_unlock_sets_failures_back(tenant, manager):
    person = tenant.new_person()
    for _ in range(5):
        person.try_login(password=NEW_PASSWORD)
    error_of(person.try_login(), 429, "ACCOUNT_LOCKED")
    ok(manager.post(f"/users/{person.id}/unlock"), 204)
    assert ok(manager.get(f"/users/{person.id}"))["failed_login_count"] == 0
    person.login()


@pytest.mark.parametrize("sent, fault", [
    ({"duration_minutes": 0}, ("/duration_minutes", "minimum")), ({"duration_minutes": 1441}, ("/duration_minutes", "maximum")),
    ({"duration_minutes": 1.5}, ("/duration_minutes", "type")), ({"reason": "x" * 201}, ("/reason", "max_length")),
    ({"indefinite": 1}, ("/indefinite", "type")),
])
def test_lock_refuses(tenant, manager, sent, fault):
    assert faults_of(manager.post(f"/users/{tenant.new_person().id}/lock", json=sent)) == {fault}


# -- passwords -------------------------------------------------------------------------------------------------------------------


def test_change_password(world, tenant):
    person = tenant.new_person()
    client = person.fresh_client()
    second = person.fresh_client()
    ok(client.post(f"/users/{person.id}/change-password", json={"current_password": PASSWORD, "new_password": NEW_PASSWORD}), 204)
    for ended in (client, second):
        error_of(ended.get("/auth/me"), 401, "INVALID_TOKEN")
    error_of(person.try_login(), 401, "AUTH_FAILED")
    ok(person.try_login(password=NEW_PASSWORD))
    assert tenant.audit("password.change", person.id)


def test_change_password_is_for_oneself_alone(tenant, manager):
    answer = manager.post(f"/users/{tenant.new_person().id}/change-password", json={"current_password": PASSWORD, "new_password": NEW_PASSWORD})
    assert answer.status_code == 403


def test_wrong_current_password_counts_as_a_failure(tenant, manager):
    person = tenant.new_person()
    client = person.fresh_client()
    answer = client.post(f"/users/{person.id}/change-password", json={"current_password": NEW_PASSWORD, "new_password": NEW_PASSWORD})
    error_of(answer, 401, "AUTH_FAILED")
    assert ok(manager.get(f"/users/{person.id}"))["failed_login_count"] == 1
    ok(client.get("/auth/me"))


def test_old_passwords_are_refused(tenant):
    person = tenant.new_person()
    past = [PASSWORD]
    for number in range(3):
        new = f"Fresh-Kettle-{number}7-Orbit"
        client = person.fresh_client()
        for old in past:
            answer = client.post(f"/users/{person.id}/change-password", json={"current_password": person.password, "new_password": old})
            assert {pointer for pointer, _ in faults_of(answer)} == {"/new_password"}
        ok(client.post(f"/users/{person.id}/change-password", json={"current_password": person.password, "new_password": new}), 204)
        past.append(new)
        person.password = new
