"""People (spec 03): create, read, list, change, delete, lock, passwords, roles."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from blackbox.routes import role_id_of
from blackbox.server import PLATFORM_TENANT, wait_until
from blackbox.world import PASSWORD, TENANT_ROLES, error_of, faults_of, ok, random_id, unique

NEW_PASSWORD = "Other-Kettle-43-Orbit"


def in_time(**more) -> str:
    return (datetime.now(timezone.utc) + timedelta(**more)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def address() -> str:
    return f"{unique('Mail')}@users.example"


def role_names(rows) -> set[str]:
    return {row["name"] for row in rows}


@pytest.fixture(scope="module")
def manager(tenant):
    return tenant.client("tenant_admin")


# -- create ------------------------------------------------------------------------------------------------------------------


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


# -- escalation ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in TENANT_ROLES if role not in ("user_manager", "viewer", "enforcement_point")])
def test_user_manager_gives_no_more_than_held(tenant, role):
    client = tenant.client("user_manager")
    error_of(client.post("/users", json={"email": address(), "roles": [role]}), 403, "ESCALATION")
    person = tenant.new_person()
    error_of(client.post(f"/users/{person.id}/roles", json={"roles": [role]}), 403, "ESCALATION")
    assert role_names(ok(tenant.client().get(f"/users/{person.id}/roles"))["roles"]) == set()
    wait_until(lambda: tenant.audit("denied.escalation"), "denied.escalation", 3)


def test_user_manager_cannot_act_on_who_holds_more(tenant):
    client = tenant.client("user_manager")
    target = tenant.new_person(["tenant_admin"])
    path = f"/users/{target.id}"
    for answer in (client.patch(path, json={"email": address()}), client.patch(path, json={"is_active": False}),
                   client.patch(path, json={"attributes": {"a": 1}}), client.delete(path), client.post(f"{path}/lock", json={})):
        error_of(answer, 403, "ESCALATION")
    detail = ok(tenant.client().get(path))
    assert detail["version"] == 1 and detail["status"] == "active"


def test_nobody_changes_the_own_attributes_state_or_lock(tenant):
    person = tenant.new_person(["tenant_admin"])
    client = person.fresh_client()
    path = f"/users/{person.id}"
    for answer in (client.patch(path, json={"attributes": {"clearance": 9}}), client.patch(path, json={"is_active": False}),
                   client.post(f"{path}/lock", json={})):
        error_of(answer, 403, "ESCALATION")
    ok(client.patch(path, json={"preferences": {"a": 1}}))


# -- read ------------------------------------------------------------------------------------------------------------------------


def test_own_profile_needs_no_scope(tenant):
    person = tenant.new_person()
    client = person.fresh_client()
    mine = ok(client.get("/users/me"))
    assert mine["id"] == person.id
    detail = ok(client.get(f"/users/{person.id}"))
    assert detail["failed_login_count"] is None and detail["locked_until"] is None and detail["lock_kind"] is None, "rule 25"
    ok(client.get(f"/users/{person.id}/roles"))
    error_of(client.get(f"/users/{tenant.person('viewer').id}"), 403, "PERMISSION_DENIED")
    assert ok(tenant.client().get(f"/users/{person.id}"))["failed_login_count"] == 0


def test_change_of_the_own_profile(tenant):
    person = tenant.new_person()
    client = person.fresh_client()
    revision = tenant.revision()
    changed = ok(client.patch("/users/me", json={"preferences": {"theme": "dark", "deep": {"a": 1}}}))
    assert changed["preferences"] == {"theme": "dark", "deep": {"a": 1}} and tenant.revision() == revision
    changed = ok(client.patch("/users/me", json={"preferences": {"theme": None, "deep": {"b": 2}}}))
    assert changed["preferences"] == {"deep": {"a": 1, "b": 2}}, "merged member by member"
    name = unique("me.")
    assert ok(client.patch("/users/me", json={"username": name}))["username"] == name
    for member in ("attributes", "is_active", "roles", "id", "tenant_id", "must_change_password"):
        assert (f"/{member}", "unknown") in faults_of(client.patch("/users/me", json={member: {}}))


def test_merge_patch_media_type(tenant):
    client = tenant.new_person().fresh_client()
    ok(client.send_body("PATCH", "/users/me", b'{"preferences":{"a":1}}', "application/merge-patch+json"))
    error_of(client.send_body("PATCH", "/users/me", b"[]", "application/json-patch+json"), 415, "UNSUPPORTED_MEDIA_TYPE")


# -- list ------------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def crowd(world):
    one = world.new_tenant()
    people = {}
    for name, more in (("anna", {"username": "anna.berg"}), ("bert", {"username": "bert_100"}), ("carl", {"roles": ["viewer"]}),
                       ("dora", {"roles": ["viewer", "auditor"]}), ("emil", {"is_active": False}), ("fred", {"password": None}),
                       ("gina", {"username": "x.annabel"})):
        people[name] = one.new_person(email=f"{name}@{'north' if name < 'd' else 'south'}.example", **more)
    people["emma"] = one.new_person(["tenant_admin"], email="Emma.Admin@south.example")
    one.new_account(name="anna-robot")
    one._of_role["tenant_admin"] = people["emma"]  # who asks is one of them
    return one, people


def names(answer) -> list[str]:
    return [row["email"].split("@")[0] for row in ok(answer)["users"]]


@pytest.mark.parametrize("params, expected", [
    ({"is_service_account": "false"}, {"anna", "bert", "carl", "dora", "emil", "fred", "gina", "Emma.Admin"}),
    ({"is_service_account": "true"}, {"anna-robot"}),
    ({"role": "viewer"}, {"carl", "dora"}),
    ({"role": ["viewer", "tenant_admin"]}, {"carl", "dora", "Emma.Admin"}),
    ({"role": "viewer,tenant_admin"}, {"carl", "dora", "Emma.Admin"}),
    ({"is_active": "false"}, {"emil"}),
    ({"status": "invited"}, {"fred"}),
    ({"status": "inactive,invited"}, {"emil", "fred"}),
    ({"mfa_enabled": "true"}, set()),
    ({"search": "anna", "is_service_account": "false"}, {"anna", "gina"}),
    ({"search": "ANNA.B"}, {"anna"}),
    ({"search": "emma.admin@SOUTH.example"}, {"Emma.Admin"}),
    ({"search": "north.example"}, {"anna", "bert", "carl"}),
    ({"search": "emma.admin@so"}, {"Emma.Admin"}),
    ({"search": "_100"}, {"bert"}),
    ({"search": "%"}, set()),
    ({"search": "south"}, set()),
    ({"role": "no-such-role"}, set()),
    ({"from_created_at": "2099-01-01T00:00:00Z"}, set()),
])
def test_filters_and_search(crowd, params, expected):
    one, _ = crowd
    assert set(names(one.client().get("/users", params=params))) == expected


def test_filter_by_a_foreign_tenant(crowd, other):
    one, _ = crowd
    ok(one.client().get("/users", params={"tenant_id": one.id}))
    error_of(one.client().get("/users", params={"tenant_id": other.id}), 403, "PERMISSION_DENIED")


@pytest.mark.parametrize("sort", ["email", "username", "created_at", "last_login", "login_count"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_every_sort_walks_each_row_once(crowd, sort, order):
    one, people = crowd
    client = one.client()
    everything = names(client.get("/users", params={"sort": sort, "order": order}))
    assert len(everything) == len(set(everything)) == 9
    by_page = [name for page in range(1, 6) for name in names(client.get("/users", params={"sort": sort, "order": order, "page": page, "limit": 2}))]
    assert by_page == everything
    by_cursor, cursor = [], None
    for _ in range(10):
        answer = client.get("/users", params={"sort": sort, "order": order, "limit": 2} | ({"cursor": cursor} if cursor else {}))
        by_cursor += names(answer)
        cursor = answer.json()["pagination"]["next_cursor"]
        if cursor is None:
            break
    assert by_cursor == everything


def test_address_sorts_folded(crowd):
    one, _ = crowd
    rows = [row["email"] for row in ok(one.client().get("/users", params={"sort": "email"}))["users"]]
    assert rows == sorted(rows, key=str.casefold)


def test_total_counts_people_and_accounts(crowd):
    one, _ = crowd
    answer = one.client().get("/users")
    assert answer.json()["pagination"]["total"] == 9 and answer.headers["X-Total-Count"] == "9"


@pytest.mark.parametrize("params", [
    {"page": 0}, {"limit": 0}, {"limit": 101}, {"sort": "password_hash"}, {"sort": "attributes"}, {"order": "up"}, {"search": ""},
    {"search": "x" * 101}, {"status": "dead"}, {"is_active": "1"}, {"from_created_at": "yesterday"}, {"from_last_login": "2026-01-01"},
    {"cursor": "x"}, {"attributes.region": "APAC"}, {"page": 2, "cursor": "abc"},
])
def test_list_refuses(crowd, params):
    one, _ = crowd
    faults_of(one.client().get("/users", params=params))


def test_deleted_ones_need_user_admin(crowd):
    one, _ = crowd
    person = one.new_person(email="gone@east.example")
    ok(one.client().delete(f"/users/{person.id}"), 204)
    assert "gone" not in names(one.client().get("/users"))
    assert "gone" in names(one.client().get("/users", params={"include_deleted": "true"}))
    error_of(one.client("auditor").get("/users", params={"include_deleted": "true"}), 403, "PERMISSION_DENIED")


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


# -- last administrator ----------------------------------------------------------------------------------------------------------


def take_away(client, way: str, person, one):
    path = f"/users/{person.id}"
    if way == "delete":
        return client.delete(path)
    if way == "deactivate":
        return client.patch(path, json={"is_active": False})
    if way == "lock":
        return client.post(f"{path}/lock", json={"indefinite": True})
    return client.delete(f"{path}/roles/{role_id_of(one, 'tenant_admin')}")


@pytest.mark.parametrize("way", ["delete", "deactivate", "lock", "unassign"])
def test_last_administrator_stays(tenants, way):
    one = tenants()
    last = one.new_person(["tenant_admin"])
    second = one.new_person(["tenant_admin"])
    ok(one.admin.delete(f"/users/{second.id}"), 204)
    error_of(take_away(one.admin, way, last, one), 409, "CONFLICT", "last_admin")
    assert ok(one.admin.get(f"/users/{last.id}"))["status"] == "active"
    last.login()


@pytest.mark.parametrize("way", ["delete", "deactivate", "lock", "unassign"])
def test_two_administrators_removing_each_other(world, tenants, way):
    """Rule 6: one succeeds."""
    one = tenants()
    pair = [one.new_person(["tenant_admin"]) for _ in range(2)]
    clients = [person.fresh_client() for person in pair]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda number: take_away(clients[number], way, pair[1 - number], one), range(2)))
    done = [answer for answer in answers if answer.status_code in (200, 204)]
    assert len(done) == 1, [answer.text for answer in answers]
    holders = world.server.rows(
        "select users.id from sentinel.users join sentinel.user_roles on user_roles.tenant_id = users.tenant_id and user_roles.user_id = users.id "
        "join sentinel.roles on roles.tenant_id = user_roles.tenant_id and roles.id = user_roles.role_id where users.tenant_id = %s "
        "and roles.name = 'tenant_admin' and users.is_active and users.deleted_at is null and user_roles.is_active "
        "and users.lock_kind is distinct from 'admin'", one.id)
    assert len(holders) == 1


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


# -- roles of a user -------------------------------------------------------------------------------------------------------------


def test_assign_takes_effect_at_the_next_request(tenant, manager):
    person = tenant.new_person()
    client = person.fresh_client()
    error_of(client.get("/users"), 403, "PERMISSION_DENIED")
    answer = manager.post(f"/users/{person.id}/roles", json={"roles": ["auditor"], "reason": "Year end"})
    rows = ok(answer, 201)["roles"]
    assert role_names(rows) == {"auditor"} and rows[0]["reason"] == "Year end" and rows[0]["granted_by"] == tenant.person("tenant_admin").id
    assert answer.headers["X-Policy-Revision"] == str(tenant.revision())
    ok(client.get("/users"))
    role = role_id_of(tenant, "auditor")
    assert tenant.audit("role.assign")
    ok(manager.delete(f"/users/{person.id}/roles/{role}"), 204)
    error_of(client.get("/users"), 403, "PERMISSION_DENIED")
    error_of(manager.delete(f"/users/{person.id}/roles/{role}"), 404, "RESOURCE_NOT_FOUND")
    assert tenant.audit("role.unassign")


def test_assign_twice(tenant, manager):
    person = tenant.new_person(["viewer"])
    error_of(manager.post(f"/users/{person.id}/roles", json={"role_id": role_id_of(tenant, "viewer")}), 409, "CONFLICT", "duplicate")
    path = f"/users/{person.id}/roles/{role_id_of(tenant, 'viewer')}"
    assert ok(manager.patch(path, json={"is_active": False}))["is_active"] is False
    ok(manager.post(f"/users/{person.id}/roles", json={"role_id": role_id_of(tenant, "viewer")}), 201)
    assert ok(manager.get(f"/users/{person.id}/roles"))["roles"][0]["is_active"] is True


def test_assignment_ends_by_itself(tenant, manager, server):
    """Without a job: expires_at decides at each request."""
    person = tenant.new_person()
    client = person.fresh_client()
    ok(manager.post(f"/users/{person.id}/roles", json={"roles": ["auditor"], "expires_at": in_time(seconds=2)}), 201)
    ok(client.get("/users"))
    wait_until(lambda: client.get("/users").status_code == 403, "the role to expire", 6, 0.1)


def test_effective_roles_hold_everyone(tenant, manager):
    person = tenant.new_person(["viewer"])
    assert role_names(ok(manager.get(f"/users/{person.id}/roles"))["roles"]) == {"viewer"}
    effective = ok(manager.get(f"/users/{person.id}/roles", params={"effective": "true"}))["roles"]
    assert {(row["name"], row["held_as"]) for row in effective} == {("viewer", "direct"), ("everyone", "everyone")}


@pytest.mark.parametrize("sent", [
    {}, {"role_id": "x"}, {"roles": []}, {"roles": ["viewer"], "role_id": "0198b0a0-0000-7000-8000-000000000001"},
    {"roles": ["viewer"], "expires_at": "2020-01-01T00:00:00Z"}, {"roles": ["viewer"], "expires_at": "tomorrow"},
    {"roles": ["viewer"], "reason": 7}, {"roles": ["viewer"] * 51},
])
def test_assign_refuses(tenant, manager, sent):
    faults_of(manager.post(f"/users/{tenant.new_person().id}/roles", json=sent))


def test_assign_an_unknown_or_foreign_role(tenant, manager, other):
    person = tenant.new_person()
    for role in (random_id(), role_id_of(other, "viewer")):
        error_of(manager.post(f"/users/{person.id}/roles", json={"role_id": role}), 404, "RESOURCE_NOT_FOUND")
        error_of(manager.delete(f"/users/{person.id}/roles/{role}"), 404, "RESOURCE_NOT_FOUND")


def test_change_of_an_assignment(tenant, manager):
    person = tenant.new_person(["auditor"])
    client = person.fresh_client()
    path = f"/users/{person.id}/roles/{role_id_of(tenant, 'auditor')}"
    ok(manager.patch(path, json={"is_active": False}))
    error_of(client.get("/users"), 403, "PERMISSION_DENIED")
    later = in_time(days=1)
    changed = ok(manager.patch(path, json={"is_active": True, "expires_at": later, "reason": None}))
    assert changed["expires_at"] == later and changed["reason"] is None
    ok(client.get("/users"))
    faults_of(manager.patch(path, json={"expires_at": "2001-01-01T00:00:00Z"}))
    faults_of(manager.patch(path, json={}))


# -- the platform ------------------------------------------------------------------------------------------------------------------


def test_last_super_admin_stays(world):
    me = world.admin.me["id"]
    answer = world.admin.delete(f"/users/{me}/roles/{role_id_of(world.platform, 'super_admin')}")
    assert answer.status_code in (403, 409), answer.text
    ok(world.admin.get("/tenants"))


def test_first_administrator_is_recorded_as_bootstrap(world, sql):
    rows = sql("select * from sentinel.audit_logs where tenant_id = %s and action = 'user.create' order by seq limit 1", PLATFORM_TENANT)
    assert rows[0]["metadata"]["cause"] == "bootstrap" and rows[0]["actor_type"] == "system"
