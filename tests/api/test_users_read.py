"""People (spec 03): read and list."""

import pytest

from blackbox.world import error_of, faults_of, ok, unique

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
