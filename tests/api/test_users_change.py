"""People (spec 03): change and delete."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from blackbox.people import address
from blackbox.world import error_of, faults_of, ok, unique

# -- change ----------------------------------------------------------------------------------------------------------------------


def test_change(tenant, manager):
    person = tenant.new_person(attributes={"region": "APAC", "level": 1})
    email, revision = address(), tenant.revision()
    answer = manager.patch(f"/users/{person.id}", json={"email": email, "attributes": {"level": None, "team": ["a"]}})
    changed = ok(answer)
    assert changed["email"] == email and changed["attributes"] == {"region": "APAC", "team": ["a"]}
    assert answer.headers["ETag"] == '"2"' and answer.headers["X-Policy-Revision"] == str(revision + 1) == str(tenant.revision())
    record = tenant.audit("user.update", person.id)[0]
    assert record["changes"]["email"] == {"from": "[changed]", "to": "[changed]"} or record["changes"]["email"] == "[changed]"
    assert email not in repr(record) and "APAC" not in repr(record)
    person.email = email
    person.login()


def test_change_of_nothing(tenant, manager):
    """Page 00: 200, same version, no record."""
    person = tenant.new_person(attributes={"a": 1}, username=unique("same."))
    detail = ok(manager.get(f"/users/{person.id}"))
    revision = tenant.revision()
    same = {"email": detail["email"], "username": detail["username"], "attributes": {"a": 1}, "is_active": True}
    answer = manager.patch(f"/users/{person.id}", json=same)
    assert ok(answer)["updated_at"] == detail["updated_at"] and answer.headers["ETag"] == '"1"'
    assert tenant.revision() == revision and not tenant.audit("user.update", person.id)
    assert "X-Policy-Revision" not in answer.headers


def test_change_needs_a_member(tenant, manager):
    answer = manager.patch(f"/users/{tenant.new_person().id}", json={})
    assert faults_of(answer)


@pytest.mark.parametrize("member", ["tenant_id", "is_service_account", "password_hash", "password", "failed_login_count", "created_at",
                                    "token_epoch", "id", "version", "deleted_at", "mfa_enabled", "login_count", "roles", "status"])
def test_change_takes_nothing_else(tenant, manager, member):
    person = tenant.new_person()
    answer = manager.patch(f"/users/{person.id}", json={member: None, "preferences": {"a": 1}})
    faults = faults_of(answer)
    assert faults & {(f"/{member}", "unknown"), (f"/{member}", "forbidden"), (f"/{member}", "immutable")}
    assert ok(manager.get(f"/users/{person.id}"))["preferences"] == {}, "nothing of it was done"


def test_clearing(tenant, manager):
    person = tenant.new_person(username=unique("bye."))
    assert ok(manager.patch(f"/users/{person.id}", json={"username": None}))["username"] is None
    assert faults_of(manager.patch(f"/users/{person.id}", json={"email": None})) == {("/email", "type")}


def test_if_match(tenant, manager):
    person = tenant.new_person()
    path = f"/users/{person.id}"
    ok(manager.patch(path, json={"preferences": {"n": 1}}, headers={"If-Match": '"1"'}))
    details = error_of(manager.patch(path, json={"preferences": {"n": 2}}, headers={"If-Match": '"1"'}), 412, "PRECONDITION_FAILED")
    assert details["current_etag"] == '"2"'
    assert ok(manager.get(path))["preferences"] == {"n": 1}
    ok(manager.patch(path, json={"preferences": {"n": 3}}, headers={"If-Match": '"1", "2"'}))
    ok(manager.patch(path, json={"preferences": {"n": 4}}, headers={"If-Match": "*"}))
    error_of(manager.delete(path, headers={"If-Match": '"1"'}), 412, "PRECONDITION_FAILED")
    assert manager.patch(path, json={"preferences": {"n": 5}}, headers={"If-Match": "4"}).status_code in (400, 412)
    ok(manager.delete(path, headers={"If-Match": '"4"'}), 204)


def test_two_changes_with_one_etag(world, tenant, manager):
    """Page 00 rule 3."""
    for _ in range(5):
        person = tenant.new_person()

        def change(number, path=f"/users/{person.id}"):
            with world.client_for(manager.token) as client:
                return client.patch(path, json={"preferences": {"n": number}}, headers={"If-Match": '"1"'}).status_code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(change, range(2))) == [200, 412]


def test_deactivating_ends_everything(world, tenant, manager):
    person = tenant.new_person(["viewer"])
    client = person.fresh_client()
    changed = ok(manager.patch(f"/users/{person.id}", json={"is_active": False}))
    assert changed["status"] == "inactive"
    error_of(client.get("/auth/me"), 401, "INVALID_TOKEN")
    error_of(person.try_login(), 401, "AUTH_FAILED")
    assert tenant.audit("user.deactivate", person.id)
    ok(manager.patch(f"/users/{person.id}", json={"is_active": True}))
    error_of(client.get("/auth/me"), 401, "INVALID_TOKEN")
    person.login()
    assert tenant.audit("user.activate", person.id)


def test_writing_to_a_service_account_here_needs_its_scope_too(tenant):
    """Rule 1."""
    account = tenant.new_account()
    error_of(tenant.client("user_manager").delete(f"/users/{account.id}"), 403, "PERMISSION_DENIED")
    ok(tenant.client("tenant_admin").delete(f"/users/{account.id}"), 204)


# -- delete ----------------------------------------------------------------------------------------------------------------------


def test_delete(tenant, manager, sql):
    person = tenant.new_person(username=unique("gone."))
    client = person.fresh_client()
    name = ok(client.get("/users/me"))["username"]
    ok(manager.delete(f"/users/{person.id}"), 204)
    for path in (f"/users/{person.id}", f"/users/{person.id}/roles"):
        error_of(manager.get(path), 404, "RESOURCE_NOT_FOUND")
    error_of(manager.patch(f"/users/{person.id}", json={"preferences": {"a": 1}}), 404, "RESOURCE_NOT_FOUND")
    error_of(manager.delete(f"/users/{person.id}"), 404, "RESOURCE_NOT_FOUND")
    error_of(client.get("/users/me"), 401, "INVALID_TOKEN")
    error_of(person.try_login(), 401, "AUTH_FAILED")
    ok(manager.post("/users", json={"email": person.email, "username": name}), 201)
    assert tenant.audit("user.delete", person.id)
    assert sql("select deleted_at from sentinel.users where id = %s", person.id)[0]["deleted_at"] is not None


def test_erasing_is_no_parameter_yet(tenant, manager):
    assert ("/hard_delete", "unknown") in faults_of(manager.delete(f"/users/{tenant.new_person().id}", params={"hard_delete": "true"}))


def test_deleting_an_owner_switches_its_accounts_off(tenant, manager):
    """Rule 8."""
    owner = tenant.new_person()
    account = tenant.new_account(["viewer"], owner_id=owner.id)
    token = account.token()
    ok(manager.delete(f"/users/{owner.id}"), 204)
    error_of(tenant.world.client_for(token).get("/auth/me"), 401, "INVALID_TOKEN")
    assert not ok(manager.get(f"/service-accounts/{account.id}"))["is_active"]
