"""Tenants (spec 01): create, sub-tenant, get, list."""

import pytest

from blackbox.server import PLATFORM_TENANT
from blackbox.tenants import body, branch, in_parallel
from blackbox.world import error_of, faults_of, new_code, ok, random_id

FEATURES = ["advanced_audit", "sso"]


# -- create ----------------------------------------------------------------------------------------------------------------------


def test_create_root(admin, sql):
    sent = body(settings={"timezone": "Asia/Singapore", "of_our_own": [1, {"a": None}]}, features=["sso", "advanced_audit"],
                metadata={"k": "v"}, security_settings={"mfa_required": False, "password_min_length": 14})
    answer = admin.post("/tenants", json=sent)
    made = ok(answer, 201)
    assert answer.headers["Location"] == f"/api/v1/tenants/{made['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert int(answer.headers["X-Policy-Revision"]) >= 1 and answer.headers["X-Policy-Incarnation"]
    assert {name: made[name] for name in ("name", "code", "settings", "metadata", "security_settings")} == \
        {name: sent[name] for name in ("name", "code", "settings", "metadata", "security_settings")}
    assert made["features"] == FEATURES, "kept sorted"
    assert (made["type"], made["parent_tenant_id"], made["ancestors"], made["isolation_mode"]) == ("root", None, [], "shared")
    assert made["is_active"] and made["suspended_at"] is None and made["deleted_at"] is None and made["version"] == 1
    state = sql("select * from sentinel_private.tenant_state where tenant_id = %s", made["id"])[0]
    assert (state["policy_revision"], state["users_count"], state["is_active"]) == (1, 0, True)
    assert sql("select count(*) as n from sentinel_private.tenant_keys where tenant_id = %s", made["id"])[0]["n"] >= 1
    roles = sql("select name from sentinel.roles where tenant_id = %s", made["id"])
    assert len(roles) == 10 and {"name": "super_admin"} not in roles


def test_create_is_audited_with_it(admin, tenant, sql):
    answer = admin.post("/tenants", json=branch(tenant.id))
    made = ok(answer, 201)
    request = answer.headers["X-Request-ID"]
    in_new = sql("select * from sentinel.audit_logs where tenant_id = %s", made["id"])
    assert [row["action"] for row in in_new] == ["tenant.create"]
    assert (in_new[0]["request_id"], in_new[0]["resource_id"], in_new[0]["result"]) == (request, made["id"], "success")
    assert in_new[0]["actor_details"]["actor_tenant_id"] == PLATFORM_TENANT
    in_parent = sql("select * from sentinel.audit_logs where tenant_id = %s and request_id = %s", tenant.id, request)
    assert [row["action"] for row in in_parent] == ["tenant.sub_create"]
    own = sql("select action from sentinel.audit_logs where tenant_id = %s and request_id = %s", PLATFORM_TENANT, request)
    assert [row["action"] for row in own], "for P also in the actor's own tenant"


def test_both_ways_of_making_a_sub_tenant_give_the_same(admin, tenant):
    sent = body(settings={"max_users": 5}, features=["sso"], metadata={"a": 1})
    one = ok(admin.post(f"/tenants/{tenant.id}/sub-tenants", json=sent), 201)
    two = ok(admin.post("/tenants", json={**sent, "code": new_code(), "type": "sub_tenant", "parent_tenant_id": tenant.id}), 201)
    for made in (one, two):
        assert made["type"] == "sub_tenant" and made["parent_tenant_id"] == tenant.id and made["ancestors"] == [tenant.id]
    different = {"id", "code", "created_at", "updated_at"}
    assert {key: one[key] for key in one if key not in different} == {key: two[key] for key in two if key not in different}


@pytest.mark.parametrize("change, fault", [
    ({"name": None}, ("/name", "type")),
    ({"name": ""}, ("/name", "min_length")),
    ({"name": "   "}, ("/name", "min_length")),
    ({"name": "x" * 256}, ("/name", "max_length")),
    ({"name": 1}, ("/name", "type")),
    ({"name": "a\x00b"}, ("/name", "format")),
    ({"code": "lower"}, ("/code", "pattern")),
    ({"code": "-A"}, ("/code", "pattern")),
    ({"code": "A B"}, ("/code", "pattern")),
    ({"code": "ÄÖ"}, ("/code", "pattern")),
    ({"code": "Ａ"}, ("/code", "pattern")),
    ({"code": "A\n"}, ("/code", "format")),
    ({"code": "A" * 51}, ("/code", "max_length")),
    ({"code": ""}, ("/code", "min_length")),
    ({"type": "branch"}, ("/type", "enum")),
    ({"type": "sub_tenant"}, ("/parent_tenant_id", "required")),
    ({"parent_tenant_id": "0198b0a0-0000-7000-8000-000000000001"}, ("/parent_tenant_id", "exclusive")),
    ({"parent_tenant_id": "x", "type": "sub_tenant"}, ("/parent_tenant_id", "format")),
    ({"isolation_mode": "none"}, ("/isolation_mode", "enum")),
    ({"features": ["sso", "sso"]}, ("/features", "unique")),
    ({"features": ["flying"]}, ("/features/0", "enum")),
    ({"features": "sso"}, ("/features", "type")),
    ({"settings": []}, ("/settings", "type")),
    ({"settings": {"max_users": 0}}, ("/settings/max_users", "minimum")),
    ({"settings": {"max_users": 1_000_001}}, ("/settings/max_users", "maximum")),
    ({"settings": {"max_users": "5"}}, ("/settings/max_users", "type")),
    ({"settings": {"max_sub_tenants": 1001}}, ("/settings/max_sub_tenants", "maximum")),
    ({"settings": {"max_service_accounts": -1}}, ("/settings/max_service_accounts", "minimum")),
    ({"settings": {"decision_log": "some"}}, ("/settings/decision_log", "enum")),
    ({"settings": {"decision_log_sample": 0}}, ("/settings/decision_log_sample", "minimum")),
    ({"settings": {"inherit_permissions": True}}, ("/settings/inherit_permissions", "forbidden")),
    ({"settings": {"is_platform_tenant": True}}, ("/settings/is_platform_tenant", "forbidden")),
    ({"settings": {"terminology_config": {}}}, ("/settings/terminology_config", "forbidden")),
    ({"security_settings": {"unheard_of": 1}}, ("/security_settings/unheard_of", "unknown")),
    ({"security_settings": {"encryption_enabled": False}}, ("/security_settings/encryption_enabled", "enum")),
    ({"security_settings": {"password_min_length": 7}}, ("/security_settings/password_min_length", "minimum")),
    ({"security_settings": {"password_history": 25}}, ("/security_settings/password_history", "maximum")),
    ({"security_settings": {"max_login_attempts": 101}}, ("/security_settings/max_login_attempts", "maximum")),
    ({"security_settings": {"lockout_duration_minutes": 0}}, ("/security_settings/lockout_duration_minutes", "minimum")),
    ({"security_settings": {"session_timeout_hours": 721}}, ("/security_settings/session_timeout_hours", "maximum")),
    ({"metadata": 3}, ("/metadata", "type")),
    ({"id": "0198b0a0-0000-7000-8000-000000000001"}, ("/id", "unknown")),
    ({"is_active": False}, ("/is_active", "unknown")),
    ({"version": 7}, ("/version", "unknown")),
    ({"tenant_salt_encrypted": "x"}, ("/tenant_salt_encrypted", "unknown")),
])
def test_create_refuses(admin, change, fault):
    assert faults_of(admin.post("/tenants", json=body(**change))) == {fault}


def test_create_reports_every_fault_at_once(admin):
    answer = admin.post("/tenants", json={"name": 5, "code": "a b", "type": "x", "zzz": 1})
    assert faults_of(answer) == {("/name", "type"), ("/code", "pattern"), ("/type", "enum"), ("/zzz", "unknown")}


def test_create_needs_name_and_code(admin):
    assert faults_of(admin.post("/tenants", json={})) == {("/name", "required"), ("/code", "required")}


@pytest.mark.parametrize("document, rule", [
    ({"a": "x" * 65536}, "size"),
    ({f"m{number}": 1 for number in range(1001)}, "size"),
])
def test_metadata_has_limits(admin, document, rule):
    pointer, found = next(iter(faults_of(admin.post("/tenants", json=body(metadata=document)))))
    assert pointer == "/metadata" and found in (rule, "max_items")


def test_metadata_has_a_depth(admin):
    deep: dict = {}
    for _ in range(17):
        deep = {"a": deep}
    assert {rule for _, rule in faults_of(admin.post("/tenants", json=body(metadata=deep)))} == {"depth"}


def test_code_is_taken_once(admin, tenant):
    details = error_of(admin.post("/tenants", json=body(code=tenant.code)), 409, "CONFLICT", "duplicate")
    assert details["pointer"] == "/code"


def test_code_of_an_invisible_tenant_is_taken_too(tenant, other):
    answer = tenant.client().post(f"/tenants/{tenant.id}/sub-tenants", json=body(code=other.code))
    details = error_of(answer, 409, "CONFLICT", "duplicate")
    assert "existing_id" not in details


def test_one_code_in_parallel_is_made_once(world, tenant):
    code = new_code()
    client = tenant.client()

    def create(_):
        with world.client_for(client.token) as own:
            return own.post(f"/tenants/{tenant.id}/sub-tenants", json=body(code=code)).status_code

    assert sorted(in_parallel(8, create)) == [201] + [409] * 7


def test_one_idempotency_key_in_parallel_makes_one(world, admin, sql):
    """Page 00 rule 2."""
    sent = body()

    def create(_):
        with world.client_for(admin.token) as own:
            return own.post("/tenants", json=sent, headers={"Idempotency-Key": sent["code"]})

    answers = in_parallel(20, create)
    made = [answer for answer in answers if answer.status_code == 201]
    assert made and len({answer.content for answer in made}) == 1
    assert all(answer.json()["error"]["code"] == "IDEMPOTENCY_IN_PROGRESS" for answer in answers if answer.status_code == 409)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert sql("select count(*) as n from sentinel.tenants where code = %s", sent["code"])[0]["n"] == 1


def test_root_needs_platform_admin(tenant):
    error_of(tenant.client("tenant_admin").post("/tenants", json=body()), 403, "PERMISSION_DENIED")


def test_parent_must_be_visible(tenant, other):
    client = tenant.client("tenant_admin")
    for parent in (other.id, random_id(), PLATFORM_TENANT):
        details = error_of(client.post("/tenants", json=branch(parent)), 404, "RESOURCE_NOT_FOUND")
        assert details["pointer"] == "/parent_tenant_id"
        error_of(client.post(f"/tenants/{parent}/sub-tenants", json=body()), 404, "RESOURCE_NOT_FOUND")


def test_parent_must_be_active(world, tenants):
    parent = tenants()
    ok(world.admin.post(f"/tenants/{parent.id}/deactivate"))
    error_of(world.admin.post("/tenants", json=branch(parent.id)), 409, "CONFLICT", "state")
    error_of(world.admin.post(f"/tenants/{parent.id}/sub-tenants", json=body()), 409, "CONFLICT", "state")


def test_sub_tenants_route_takes_no_root(admin, tenant):
    answer = admin.post(f"/tenants/{tenant.id}/sub-tenants", json=body(type="root"))
    assert faults_of(answer) == {("/type", "enum")}


def test_depth_ends_at_32(world, tenants):
    path = [tenants()]
    for _ in range(31):
        path.append(path[-1].new_child())
    details = error_of(world.admin.post("/tenants", json=branch(path[-1].id)), 409, "CYCLE")
    assert details["path"] == [step.id for step in path]
    deepest = ok(world.admin.get(f"/tenants/{path[-1].id}"))
    assert [step["id"] for step in deepest["hierarchy"]] == [step.id for step in path]


def test_quota_of_sub_tenants(world, tenants):
    parent = tenants(settings={"max_sub_tenants": 2})
    parent.new_child()
    answers = in_parallel(6, lambda _: world.admin.post("/tenants", json=branch(parent.id)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    refused = next(answer for answer in answers if answer.status_code == 409)
    details = error_of(refused, 409, "QUOTA_EXCEEDED")
    assert (details["quota"], details["limit"], details["used"]) == ("max_sub_tenants", 2, 2)


@pytest.mark.parametrize("settings", [{"max_users": 11}, {"max_service_accounts": 4}])
def test_ancestor_gives_no_more_than_it_has(tenants, settings):
    parent = tenants(settings={"max_users": 10, "max_service_accounts": 3}, features=["sso"])
    client = parent.client("tenant_admin")
    error_of(client.post(f"/tenants/{parent.id}/sub-tenants", json=body(settings=settings)), 403, "ESCALATION")
    error_of(client.post(f"/tenants/{parent.id}/sub-tenants", json=body(features=["biometrics"])), 403, "ESCALATION")
    ok(client.post(f"/tenants/{parent.id}/sub-tenants", json=body(features=["sso"], settings={"max_users": 10})), 201)


def test_rate_limits_are_written_by_the_platform_alone(world, tenants):
    parent = tenants()
    sent = body(settings={"rate_limits": {"tenant": 10}})
    error_of(parent.client("tenant_admin").post(f"/tenants/{parent.id}/sub-tenants", json=sent), 403, "PERMISSION_DENIED")
    ok(world.admin.post(f"/tenants/{parent.id}/sub-tenants", json=sent), 201)


# -- read ------------------------------------------------------------------------------------------------------------------------


def test_get_shows_what_is_in_force(tenants, world):
    parent = tenants(settings={"max_users": 7}, security_settings={"password_min_length": 16, "session_timeout_hours": 8})
    child = parent.new_child(security_settings={"password_min_length": 14, "session_timeout_hours": 4})
    parent.new_person()
    parent.new_account()
    detail = ok(world.admin.get(f"/tenants/{parent.id}"))
    assert (detail["sub_tenants_count"], detail["users_count"], detail["service_accounts_count"]) == (1, 1, 1)
    assert detail["effective_settings"]["max_users"] == 7 and detail["effective_settings"]["max_service_accounts"] == 100
    assert detail["placement"] == "shared"
    below = ok(world.admin.get(f"/tenants/{child.id}"))
    assert below["effective_security_settings"]["password_min_length"] == 16
    assert below["effective_security_settings"]["session_timeout_hours"] == 4
    assert [step["code"] for step in below["hierarchy"]] == [parent.code, child.code]


def test_get_answers_304_for_a_known_version(world, tenant):
    first = world.admin.get(f"/tenants/{tenant.id}")
    again = world.admin.get(f"/tenants/{tenant.id}", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.content


def test_security_settings_are_for_those_who_may(tenant):
    assert ok(tenant.client("tenant_admin").get(f"/tenants/{tenant.id}"))["security_settings"] is not None
    assert ok(tenant.client("auditor").get(f"/tenants/{tenant.id}"))["security_settings"] is None


def test_who_sees_whom(world, tenant, other):
    child = tenant.new_child()
    grandchild = child.new_child()
    above, below = tenant.client("tenant_admin"), child.client("tenant_admin")
    for seen in (tenant, child, grandchild):
        ok(above.get(f"/tenants/{seen.id}"))
        ok(world.admin.get(f"/tenants/{seen.id}"))
    for hidden in (tenant.id, other.id, PLATFORM_TENANT, random_id()):
        error_of(below.get(f"/tenants/{hidden}"), 404, "RESOURCE_NOT_FOUND")
    ok(below.get(f"/tenants/{grandchild.id}"))
    shown = ok(below.get(f"/tenants/{child.id}"))["hierarchy"][0]
    assert set(shown) == {"id", "code", "name"}, "of ancestors only these"


# -- list ------------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def family(world):
    parent = world.new_tenant(name="Zz Family")
    names = ["alpha", "Bravo", "charlie", "Delta", "echo", "100%_wide", "foxtrot"]
    children = [parent.new_child(name=name) for name in names]
    return parent, children


def ids(answer) -> list[str]:
    return [row["id"] for row in ok(answer)["tenants"]]


def test_list_holds_own_and_descendants(family, other):
    parent, children = family
    assert set(ids(parent.client().get("/tenants"))) == {parent.id} | {child.id for child in children}


def test_list_by_page_and_by_cursor_gives_each_row_once(family):
    parent, children = family
    client = parent.client()
    everything = ids(client.get("/tenants", params={"sort": "name", "order": "asc"}))
    by_page = []
    for page in range(1, 5):
        answer = client.get("/tenants", params={"sort": "name", "order": "asc", "page": page, "limit": 3})
        by_page += ids(answer)
        pagination = answer.json()["pagination"]
        assert (pagination["page"], pagination["limit"], pagination["total"], pagination["pages"]) == (page, 3, 8, 3)
        assert answer.headers["X-Total-Count"] == "8" and answer.headers["X-Page-Count"] == "3"
        assert answer.headers["X-Current-Page"] == str(page) and answer.headers["X-Per-Page"] == "3"
        relations = {part.split("rel=")[1].strip('"') for part in answer.headers["Link"].split(", ")}
        assert ("next" in relations) == (page < 3) and ("prev" in relations) == (page > 1) and {"first", "last"} <= relations
    assert by_page == everything
    by_cursor, cursor = [], None
    while True:
        params = {"sort": "name", "order": "asc", "limit": 3} | ({"cursor": cursor} if cursor else {})
        answer = client.get("/tenants", params=params)
        by_cursor += ids(answer)
        cursor = answer.json()["pagination"]["next_cursor"]
        assert answer.json()["pagination"]["page"] == (1 if len(by_cursor) == 3 else None)
        if cursor is None:
            break
    assert by_cursor == everything


def test_names_sort_after_case_folding(family):
    parent, _ = family
    rows = ok(parent.client().get("/tenants", params={"sort": "name"}))["tenants"]
    assert [row["name"] for row in rows] == ["100%_wide", "alpha", "Bravo", "charlie", "Delta", "echo", "foxtrot", "Zz Family"]
    rows = ok(parent.client().get("/tenants", params={"sort": "name", "order": "desc"}))["tenants"]
    assert rows[0]["name"] == "Zz Family"


def test_times_sort_newest_first(family):
    parent, children = family
    assert ids(parent.client().get("/tenants")) == [child.id for child in reversed(children)] + [parent.id]


@pytest.mark.parametrize("params, expected", [
    ({"name": "RAV"}, ["Bravo"]),
    ({"name": "%"}, ["100%_wide"]),
    ({"name": "_"}, ["100%_wide"]),
    ({"name": "a_p"}, []),
    ({"type": "root"}, ["Zz Family"]),
    ({"is_active": "false"}, []),
])
def test_filters(family, params, expected):
    parent, _ = family
    assert [row["name"] for row in ok(parent.client().get("/tenants", params=params))["tenants"]] == expected


def test_filter_by_parent(family, other):
    parent, children = family
    assert len(ids(parent.client().get("/tenants", params={"parent_tenant_id": parent.id}))) == 7
    assert ids(parent.client().get("/tenants", params={"parent_tenant_id": other.id})) == []
    assert ids(parent.client().get("/tenants", params={"code": children[0].code.lower()})) == [children[0].id]


@pytest.mark.parametrize("params, fault", [
    ({"page": 0}, ("/page", "minimum")),
    ({"page": -1}, ("/page", "minimum")),
    ({"page": 2**63}, None),
    ({"page": "x"}, None),
    ({"limit": 0}, ("/limit", "minimum")),
    ({"limit": 101}, ("/limit", "maximum")),
    ({"limit": 10**9}, ("/limit", "maximum")),
    ({"page": 2001, "limit": 50}, ("/page", "maximum")),
    ({"sort": "password_hash"}, ("/sort", "enum")),
    ({"sort": "name;drop table"}, ("/sort", "enum")),
    ({"order": "sideways"}, ("/order", "enum")),
    ({"is_active": "yes"}, None),
    ({"name": ""}, ("/name", "min_length")),
    ({"name": "x" * 101}, ("/name", "max_length")),
    ({"parent_tenant_id": "x"}, ("/parent_tenant_id", "format")),
    ({"type": "leaf"}, ("/type", "enum")),
])
def test_list_refuses(family, params, fault):
    parent, _ = family
    faults = faults_of(parent.client().get("/tenants", params=params))
    assert (fault in faults) if fault else faults


def test_page_past_the_end_is_empty(family):
    parent, _ = family
    answer = parent.client().get("/tenants", params={"page": 50})
    assert ids(answer) == [] and answer.json()["pagination"]["total"] == 8


def test_empty_list_has_no_pages(family):
    parent, _ = family
    pagination = ok(parent.client().get("/tenants", params={"name": "nobody is called so"}))["pagination"]
    assert (pagination["total"], pagination["pages"], pagination["next_cursor"]) == (0, 0, None)


def test_deleted_ones_are_for_the_platform(tenant, admin):
    error_of(tenant.client().get("/tenants", params={"include_deleted": "true"}), 403, "PERMISSION_DENIED")
    ok(admin.get("/tenants", params={"include_deleted": "true"}))
