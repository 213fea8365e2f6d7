"""People (spec 03): create."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from blackbox.people import address, role_names
from blackbox.routes import role_id_of
from blackbox.world import PASSWORD, error_of, faults_of, ok, unique


def test_create(tenant, manager, sql):
    email = address()
    sent = {"email": email, "username": unique("Ann."), "password": PASSWORD, "attributes": {"region": "APAC", "level": 3},
            "preferences": {"theme": "dark"}, "roles": ["viewer", role_id_of(tenant, "auditor")]}
    revision = tenant.revision()
    answer = manager.post("/users", json=sent)
    made = ok(answer, 201)
    assert answer.headers["Location"] == f"/api/v1/users/{made['id']}" and answer.headers["ETag"] == '"1"'
    assert answer.headers["X-Policy-Revision"] == str(tenant.revision()) and tenant.revision() == revision + 1
    assert (made["email"], made["username"], made["tenant_id"]) == (email, sent["username"].lower(), tenant.id)
    assert made["attributes"] == sent["attributes"] and made["preferences"] == sent["preferences"]
    assert made["status"] == "active" and made["is_active"] and not made["is_service_account"] and made["last_login"] is None
    assert role_names(made["roles"]) == {"viewer", "auditor"} and {role["held_as"] for role in made["roles"]} == {"direct"}
    row = sql("select * from sentinel.users where id = %s", made["id"])[0]
    stored = repr(row)
    assert email not in stored and email.lower() not in stored and "APAC" not in stored, "personal data lies encrypted"
    assert row["password_hash"].startswith("$argon2id$v=19$m=64,t=1,p=1$")
    record = tenant.audit("user.create", made["id"])[0]
    assert record["request_id"] == answer.headers["X-Request-ID"]
    assert email not in repr(record) and PASSWORD not in repr(record)
    assert len([row for row in tenant.audit("role.assign") if row["request_id"] == record["request_id"]]) in (0, 1, 2)


def test_create_without_password_is_invited(tenant, manager):
    email = address()
    made = ok(manager.post("/users", json={"email": email}), 201)
    assert made["status"] == "invited"
    with tenant.world.anonymous() as client:
        answer = client.post("/auth/login", json={"email": email, "password": PASSWORD, "tenant_code": tenant.code})
    error_of(answer, 401, "AUTH_FAILED")


def test_create_inactive(tenant, manager):
    email = address()
    made = ok(manager.post("/users", json={"email": email, "password": PASSWORD, "is_active": False}), 201)
    assert made["status"] == "inactive"
    with tenant.world.anonymous() as client:
        answer = client.post("/auth/login", json={"email": email, "password": PASSWORD, "tenant_code": tenant.code})
    error_of(answer, 401, "AUTH_FAILED")


@pytest.mark.parametrize("change, fault", [
    ({"email": None}, ("/email", "type")), ({"email": ""}, None), ({"email": "nobody"}, ("/email", "format")),
    ({"email": "a@b@c"}, ("/email", "format")), ({"email": "@b.example"}, ("/email", "format")), ({"email": "a@"}, ("/email", "format")),
    ({"email": "a" * 250 + "@b.example"}, ("/email", "max_length")), ({"email": 7}, ("/email", "type")),
    ({"email": "a\n@b.example"}, None),
    ({"username": "ab"}, ("/username", "min_length")), ({"username": "x" * 101}, ("/username", "max_length")),
    ({"username": "-abc"}, ("/username", "pattern")), ({"username": "äbc"}, ("/username", "pattern")),
    ({"username": "a b c"}, ("/username", "pattern")), ({"username": "a@b"}, ("/username", "pattern")),
    ({"password": 12}, ("/password", "type")),
    ({"attributes": []}, ("/attributes", "type")), ({"attributes": {"a": "x" * 65536}}, ("/attributes", "size")),
    ({"preferences": "x"}, ("/preferences", "type")), ({"is_active": 1}, ("/is_active", "type")),
    ({"roles": "viewer"}, ("/roles", "type")), ({"roles": ["viewer"] * 51}, ("/roles", "max_items")),
    ({"roles": ["nothing-of-the-kind"]}, ("/roles/0", "reference")), ({"roles": [7]}, ("/roles/0", "type")),
    ({"must_change_password": "x"}, ("/must_change_password", "type")),
    ({"service_account_key": "svc_x"}, None),
    ({"is_service_account": True, "password": PASSWORD, "username": "svc-one"}, None),
])
def test_create_refuses(manager, change, fault):
    faults = faults_of(manager.post("/users", json={"email": address(), **change}))
    assert (fault in faults) if fault else faults


@pytest.mark.parametrize("password", [
    "Short-1", "x" * 129, "nouppercase-1-here", "NOLOWERCASE-1-HERE", "No-Digits-Are-Here", "NoSpecialCharacters1", "Aaaa-1111-Bcdef-Zz",
    "            ", "Password123!",
])
def test_create_holds_the_password_to_the_policy(manager, password):
    faults = faults_of(manager.post("/users", json={"email": address(), "password": password}))
    assert {pointer for pointer, _ in faults} == {"/password"}


def test_password_must_not_contain_who_one_is(manager):
    for sent in ({"email": "violetta@users.example", "password": "My-VIOLETTA-77"}, {"email": address(), "username": "hafenmeister",
                 "password": "Der-Hafenmeister-1"}):
        assert {pointer for pointer, _ in faults_of(manager.post("/users", json=sent))} == {"/password"}


def test_every_broken_rule_of_a_password_is_told(manager):
    answer = manager.post("/users", json={"email": address(), "password": "abc"})
    assert len(error_of(answer, 400, "VALIDATION_ERROR")["errors"]) >= 4


def test_tenants_own_minimum_holds(tenants):
    one = tenants(security_settings={"password_min_length": 30})
    faults = faults_of(one.admin.post("/users", json={"email": address(), "password": PASSWORD}))
    assert faults == {("/password", "min_length")}


def test_allowed_domains_hold_for_people(tenants):
    one = tenants(security_settings={"allowed_email_domains": ["good.example"]})
    assert {pointer for pointer, _ in faults_of(one.admin.post("/users", json={"email": "a@bad.example"}))} == {"/email"}
    ok(one.admin.post("/users", json={"email": "a@GOOD.example"}), 201)
    one.new_account()


@pytest.mark.parametrize("spell", [str.upper, str.lower, lambda text: text.replace("M", "Ｍ"), lambda text: f" {text}"])
def test_address_is_taken_however_spelt(manager, spell):
    email = address()
    ok(manager.post("/users", json={"email": email}), 201)
    answer = manager.post("/users", json={"email": spell(email)})
    if spell(email).startswith(" "):
        assert answer.status_code in (400, 409)
        return
    details = error_of(answer, 409, "CONFLICT", "duplicate")
    assert details["pointer"] == "/email"


def test_username_is_taken_in_any_case(manager):
    name = unique("name-")
    ok(manager.post("/users", json={"email": address(), "username": name}), 201)
    details = error_of(manager.post("/users", json={"email": address(), "username": name.upper()}), 409, "CONFLICT", "duplicate")
    assert details["pointer"] == "/username"


def test_same_address_in_two_tenants(tenant, other):
    email = address()
    for one in (tenant, other):
        ok(one.client().post("/users", json={"email": email}), 201)


def test_one_refused_role_means_no_user(tenant, manager, sql):
    """Rule 4."""
    before = tenant.revision(), sql("select users_count from sentinel_private.tenant_state where tenant_id = %s", tenant.id)
    assert ("/roles/1", "reference") in faults_of(manager.post("/users", json={"email": address(), "roles": ["viewer", "nope"]}))
    assert before == (tenant.revision(), sql("select users_count from sentinel_private.tenant_state where tenant_id = %s", tenant.id))


def test_role_of_another_tenant_is_unknown(manager, other):
    answer = manager.post("/users", json={"email": address(), "roles": [role_id_of(other, "viewer")]})
    assert ("/roles/0", "reference") in faults_of(answer)


def test_everyone_and_super_admin_cannot_be_given(manager):
    answer = manager.post("/users", json={"email": address(), "roles": ["everyone"]})
    assert answer.status_code in (400, 409), answer.text
    assert ("/roles/0", "reference") in faults_of(manager.post("/users", json={"email": address(), "roles": ["super_admin"]}))


def test_parallel_creates_of_one_address(world, tenant, manager):
    email = address()

    def create(_):
        with world.client_for(manager.token) as client:
            return client.post("/users", json={"email": email}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(create, range(8))) == [201] + [409] * 7


def test_quota_is_counted_in_the_transaction(world, tenants, sql):
    """01 rule 13: 100 parallel creates at limit - 1 give one success."""
    one = tenants(settings={"max_users": 3})
    for _ in range(2):
        one.new_person()

    def create(_):
        with world.client_for(world.admin.token, tenant=one.id) as client:
            return client.post("/users", json={"email": address()})

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(create, range(100)))
    assert sorted(answer.status_code for answer in answers).count(201) == 1
    refused = next(answer for answer in answers if answer.status_code == 409)
    details = error_of(refused, 409, "QUOTA_EXCEEDED")
    assert (details["quota"], details["limit"], details["used"]) == ("max_users", 3, 3)
    assert sql("select users_count as n from sentinel_private.tenant_state where tenant_id = %s", one.id)[0]["n"] == 3


def test_deleted_people_do_not_count(tenants):
    one = tenants(settings={"max_users": 1})
    person = one.new_person()
    error_of(one.admin.post("/users", json={"email": address()}), 409, "QUOTA_EXCEEDED")
    ok(one.admin.delete(f"/users/{person.id}"), 204)
    one.new_person()
