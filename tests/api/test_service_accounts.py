"""Service accounts and their keys (spec 03, 02 rule 21)."""

import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from blackbox.world import PASSWORD, Client, error_of, faults_of, ok, random_id, unique

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def checksum(text: str) -> str:
    number, out = zlib.crc32(text.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        out = DIGITS[digit] + out
    return out


def path(account) -> str:
    return f"/service-accounts/{account.id}"


def days_from_now(text: str) -> float:
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime.now(timezone.utc)) / timedelta(days=1)


def test_create(tenant, manager, sql):
    name = unique("Svc-")
    answer = manager.post("/service-accounts", json={
        "name": name, "description": "Syncs ports", "attributes": {"zone": "A"}, "roles": ["viewer"], "allowed_ips": ["10.0.0.0/8", "2001:db8::/32"]})
    made = ok(answer, 201)
    assert answer.headers["Location"] == f"/api/v1/service-accounts/{made['id']}" and answer.headers["Cache-Control"] == "no-store"
    assert made["name"] == name.lower() and made["client_id"] == f"{tenant.code}.{name.lower()}"
    assert made["email"] == f"{name}@{tenant.code}.service".lower() and made["tenant_id"] == tenant.id
    assert made["owner_id"] == tenant.person("tenant_admin").id, "the creator"
    assert set(made["allowed_ips"]) == {"10.0.0.0/8", "2001:db8::/32"} and made["status"] == "active"
    assert 89.9 < days_from_now(made["key_expires_at"]) <= 90
    key = made["service_account_key"]
    assert len(key) == 64 and key.startswith("svc_") and set(key[4:]) <= set(DIGITS)
    assert key[4:14] == made["keys"][0]["key_id"] and key[58:] == checksum(key[:58])
    rows = sql("select * from sentinel.service_account_keys where user_id = %s", made["id"])
    assert len(rows) == 1 and rows[0]["key_prefix"] == key[4:14] and len(rows[0]["key_hash"]) == 32
    assert key[14:58] not in repr(rows) + repr(tenant.audit())
    record = tenant.audit("service_account.create", made["id"])[0]
    assert record["request_id"] == answer.headers["X-Request-ID"]
    detail = ok(manager.get(f"/service-accounts/{made['id']}"))
    assert "service_account_key" not in detail and {role["name"] for role in detail["roles"]} == {"viewer"}


def test_key_is_repeated_only_to_its_own_retry(manager, sql):
    """The stored answer holds the key, so it lies encrypted."""
    headers = {"Idempotency-Key": unique("k-")}
    sent = {"name": unique("svc-")}
    first = manager.post("/service-accounts", json=sent, headers=headers)
    again = manager.post("/service-accounts", json=sent, headers=headers)
    assert ok(again, 201)["service_account_key"] == ok(first, 201)["service_account_key"]
    stored = sql("select body_encrypted from sentinel.idempotency_keys order by created_at desc limit 5")
    key = first.json()["service_account_key"].encode()
    assert all(key not in bytes(row["body_encrypted"] or b"") for row in stored)


@pytest.mark.parametrize("change, fault", [
    ({"name": None}, ("/name", "type")), ({"name": "ab"}, ("/name", "min_length")), ({"name": "x" * 101}, ("/name", "max_length")),
    ({"name": "a b c"}, ("/name", "pattern")), ({"name": "_abc"}, ("/name", "pattern")), ({"name": "äää"}, ("/name", "pattern")),
    ({"description": "x" * 1001}, ("/description", "max_length")), ({"description": 7}, ("/description", "type")),
    ({"email": "nothing"}, ("/email", "format")), ({"attributes": 1}, ("/attributes", "type")),
    ({"roles": ["nope"]}, ("/roles/0", "reference")), ({"roles": "viewer"}, ("/roles", "type")),
    ({"allowed_ips": ["10.0.0.0/33"]}, ("/allowed_ips/0", "format")), ({"allowed_ips": ["x"]}, ("/allowed_ips/0", "format")),
    ({"allowed_ips": ["10.0.0.1/8"]}, None), ({"allowed_ips": ["10.0.0.0/8"] * 101}, ("/allowed_ips", "max_items")),
    ({"owner_id": "x"}, ("/owner_id", "format")), ({"owner_id": "0198b0a0-0000-7000-8000-000000000001"}, ("/owner_id", "reference")),
    ({"expires_in_days": 0}, ("/expires_in_days", "minimum")), ({"expires_in_days": 366}, ("/expires_in_days", "maximum")),
    ({"is_active": "x"}, ("/is_active", "type")), ({"password": PASSWORD}, ("/password", "unknown")),
    ({"service_account_key": "svc_x"}, ("/service_account_key", "unknown")), ({"tenant_id": "x"}, ("/tenant_id", "unknown")),
])
def test_create_refuses(manager, change, fault):
    answer = manager.post("/service-accounts", json={"name": unique("svc-"), **change})
    if fault is None:
        assert answer.status_code in (201, 400)
        return
    assert fault in faults_of(answer)


def test_name_is_taken_once(tenant, manager):
    account = tenant.new_account()
    answer = manager.post("/service-accounts", json={"name": account.made["name"].upper(), "email": "elsewhere@x.example"})
    assert error_of(answer, 409, "CONFLICT", "duplicate")["pointer"] == "/name"
    person = tenant.new_person()
    answer = manager.post("/service-accounts", json={"name": unique("svc-"), "email": person.email.upper()})
    assert error_of(answer, 409, "CONFLICT", "duplicate")["pointer"] == "/email"


def test_owner_of_another_tenant_is_unknown(manager, other):
    answer = manager.post("/service-accounts", json={"name": unique("svc-"), "owner_id": other.new_person().id})
    assert ("/owner_id", "reference") in faults_of(answer)


def test_quota(world, tenants):
    one = tenants(settings={"max_service_accounts": 2})
    one.new_account()

    def create(_):
        with world.client_for(world.admin.token, tenant=one.id) as client:
            return client.post("/service-accounts", json={"name": unique("svc-")})

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(create, range(20)))
    assert [answer.status_code for answer in answers].count(201) == 1
    details = error_of(next(answer for answer in answers if answer.status_code == 409), 409, "QUOTA_EXCEEDED")
    assert (details["quota"], details["limit"], details["used"]) == ("max_service_accounts", 2, 2)


def test_escalation(tenant):
    client = tenant.client("security_admin")
    error_of(client.post("/service-accounts", json={"name": unique("svc-"), "roles": ["tenant_admin"]}), 403, "ESCALATION")
    strong = tenant.new_account(["tenant_admin"])
    error_of(client.post(f"{path(strong)}/rotate-credentials", json={}), 403, "ESCALATION")
    error_of(client.patch(path(strong), json={"is_active": False}), 403, "ESCALATION")
    error_of(client.delete(path(strong)), 403, "ESCALATION")
    strong.token()


def test_person_is_no_service_account(tenant, manager):
    """An id of a person is 404 here, as one that does not exist."""
    person = tenant.new_person().id
    for answer in (manager.get(f"/service-accounts/{person}"), manager.patch(f"/service-accounts/{person}", json={"description": "x"}),
                   manager.delete(f"/service-accounts/{person}"), manager.post(f"/service-accounts/{person}/rotate-credentials", json={})):
        error_of(answer, 404, "RESOURCE_NOT_FOUND")


def test_list(tenants):
    one = tenants()
    accounts = [one.new_account(name=f"svc-{letter}", is_active=letter != "c") for letter in "abcde"]
    client = one.client()
    found = ok(client.get("/service-accounts", params={"is_active": "false"}))["service_accounts"]
    assert [row["name"] for row in found] == ["svc-c"]
    found = ok(client.get("/service-accounts", params={"search": "vc-d"}))["service_accounts"]
    assert [row["name"] for row in found] == ["svc-d"]
    assert "service_account_key" not in found[0] and found[0]["keys"][0]["key_id"] == accounts[3].key[4:14]
    seen, cursor = [], None
    while True:
        page = ok(client.get("/service-accounts", params={"limit": 2} | ({"cursor": cursor} if cursor else {})))
        seen += [row["id"] for row in page["service_accounts"]]
        cursor = page["pagination"]["next_cursor"]
        if cursor is None:
            break
    assert seen == [account.id for account in reversed(accounts)]
    assert page["pagination"]["total"] in (5, None)
    assert ok(client.get("/service-accounts", params={"page": 9}))["service_accounts"] == []
    for params in ({"limit": 0}, {"sort": "key_hash"}, {"owner_id": "x"}, {"expiring_before": "x"}, {"search": ""}):
        faults_of(client.get("/service-accounts", params=params))


def test_list_by_expiry(tenants):
    one = tenants()
    one.new_account(expires_in_days=100)
    short = one.new_account(expires_in_days=2)
    before = (datetime.now(timezone.utc) + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = ok(one.client().get("/service-accounts", params={"expiring_before": before}))["service_accounts"]
    assert [row["id"] for row in rows] == [short.id]


def test_change(tenant, manager):
    account = tenant.new_account(["viewer"])
    owner = tenant.new_person()
    answer = manager.patch(path(account), json={"description": "New", "allowed_ips": ["192.0.2.0/24"], "owner_id": owner.id, "attributes": {"a": 1}})
    changed = ok(answer)
    assert (changed["description"], changed["allowed_ips"], changed["owner_id"], changed["attributes"]) == ("New", ["192.0.2.0/24"], owner.id, {"a": 1})
    assert answer.headers["ETag"] == '"2"'
    assert tenant.audit("service_account.update", account.id)
    error_of(manager.patch(path(account), json={"description": "z"}, headers={"If-Match": '"1"'}), 412, "PRECONDITION_FAILED")
    name = unique("renamed-")
    renamed = ok(manager.patch(path(account), json={"name": name}))
    assert renamed["name"] == name and renamed["client_id"] == f"{tenant.code}.{name}"


def test_narrowing_addresses_ends_tokens_elsewhere(world, tenant, manager):
    account = tenant.new_account(["viewer"])
    token = account.token()
    here = Client(world.server, world.contract, token, address="192.0.2.9")
    there = Client(world.server, world.contract, token, address="198.51.100.9")
    ok(here.get("/auth/me")), ok(there.get("/auth/me"))
    ok(manager.patch(path(account), json={"allowed_ips": ["192.0.2.0/24"]}))
    ok(here.get("/auth/me"))
    assert there.get("/auth/me").status_code == 401


def test_delete(tenant, manager):
    account = tenant.new_account(["viewer"])
    client = account.client()
    ok(manager.delete(path(account)), 204)
    error_of(client.get("/auth/me"), 401, "INVALID_TOKEN")
    error_of(account.try_token(), 401, "SERVICE_ACCOUNT_INVALID")
    error_of(manager.get(path(account)), 404, "RESOURCE_NOT_FOUND")
    error_of(manager.delete(path(account)), 404, "RESOURCE_NOT_FOUND")
    assert tenant.audit("service_account.delete", account.id)


# -- keys --------------------------------------------------------------------------------------------------------------------------


def test_rotation_at_once(tenant, manager):
    account = tenant.new_account(["viewer"])
    old = account.client()
    answer = manager.post(f"{path(account)}/rotate-credentials", json={})
    rotated = ok(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert rotated["id"] == account.id and rotated["client_id"] == account.client_id
    assert rotated["key_id"] == rotated["new_api_key"][4:14] != account.key[4:14]
    error_of(old.get("/auth/me"), 401, "INVALID_TOKEN")
    error_of(account.try_token(), 401, "SERVICE_ACCOUNT_INVALID")
    ok(account.try_token(key=rotated["new_api_key"]))
    assert tenant.audit("service_account.rotate_credentials", account.id)


def test_rotation_with_overlap(tenant, manager):
    account = tenant.new_account(["viewer"])
    old = account.client()
    rotated = ok(manager.post(f"{path(account)}/rotate-credentials", json={"overlap_minutes": 10, "expires_in_days": 30}))
    assert 29.9 < days_from_now(rotated["expires_at"]) <= 30
    assert 9 / 1440 < days_from_now(rotated["previous_expires_at"]) <= 10 / 1440
    ok(old.get("/auth/me"))
    assert ok(account.try_token())["expires_in"] <= 600
    ok(account.try_token(key=rotated["new_api_key"]))
    error_of(manager.post(f"{path(account)}/rotate-credentials", json={"overlap_minutes": 10}), 409, "CONFLICT", "state")
    ok(manager.delete(f"{path(account)}/keys/{account.key[4:14]}"), 204)
    error_of(old.get("/auth/me"), 401, "INVALID_TOKEN")
    error_of(account.try_token(), 401, "SERVICE_ACCOUNT_INVALID")
    error_of(manager.delete(f"{path(account)}/keys/{account.key[4:14]}"), 404, "RESOURCE_NOT_FOUND")
    ok(manager.post(f"{path(account)}/rotate-credentials", json={"overlap_minutes": 10}))


def test_parallel_rotations(world, tenant, manager):
    account = tenant.new_account(["viewer"])

    def rotate(_):
        with world.client_for(manager.token) as client:
            return client.post(f"{path(account)}/rotate-credentials", json={"overlap_minutes": 60}).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(rotate, range(6))) == [200] + [409] * 5


def test_rotation_of_an_inactive_account(tenant, manager):
    account = tenant.new_account(["viewer"])
    ok(manager.patch(path(account), json={"is_active": False}))
    error_of(manager.post(f"{path(account)}/rotate-credentials", json={}), 409, "CONFLICT", "state")


@pytest.mark.parametrize("sent, fault", [
    ({"overlap_minutes": -1}, ("/overlap_minutes", "minimum")), ({"overlap_minutes": 10081}, ("/overlap_minutes", "maximum")),
    ({"expires_in_days": 0}, ("/expires_in_days", "minimum")), ({"expires_in_days": 366}, ("/expires_in_days", "maximum")),
    ({"revoke_existing": "x"}, ("/revoke_existing", "type")), ({"new_api_key": "x"}, ("/new_api_key", "unknown")),
])
def test_rotation_refuses(tenant, manager, sent, fault):
    assert fault in faults_of(manager.post(f"{path(tenant.new_account())}/rotate-credentials", json=sent))


def test_key_of_another_account(tenant, manager):
    one, two = tenant.new_account(), tenant.new_account()
    for key in (two.key[4:14], "0000000000"):
        error_of(manager.delete(f"{path(one)}/keys/{key}"), 404, "RESOURCE_NOT_FOUND")
    error_of(manager.delete(f"/service-accounts/{random_id()}/keys/{two.key[4:14]}"), 404, "RESOURCE_NOT_FOUND")
    two.token()


def test_through_users(tenant, manager):
    """POST /users makes the same account."""
    name = unique("svc-")
    made = ok(manager.post("/users", json={"email": f"{name}@machines.example", "username": name, "is_service_account": True}), 201)
    assert made["service_account_key"].startswith("svc_") and made["key_expires_at"]
    ok(manager.get(f"/service-accounts/{made['id']}"))
    error_of(tenant.client("user_manager").post("/users", json={"email": f"x{name}@machines.example", "username": f"x{name}",
                                                                 "is_service_account": True}), 403, "PERMISSION_DENIED")
