"""S24: pages and cursors, on every list."""

import base64

import pytest

from blackbox.world import faults_of, ok

LISTS = {"/users": "users", "/tenants": "tenants", "/service-accounts": "service_accounts"}
every_list = pytest.mark.parametrize("path", LISTS)


@pytest.fixture(scope="module")
def client(tenant):
    for _ in range(4):
        tenant.new_person()
        tenant.new_account()
        tenant.new_child()
    return tenant.client()


@every_list
@pytest.mark.parametrize("params", [
    {"page": "0"}, {"page": "-1"}, {"page": str(2**63)}, {"page": str(2**64 + 1)}, {"page": "1.5"}, {"page": "1e3"}, {"page": " 1"},
    {"page": "0x1"}, {"page": ""}, {"limit": "0"}, {"limit": "-5"}, {"limit": "101"}, {"limit": "1000000000"}, {"limit": "5x"},
    {"page": "1001", "limit": "100"}, {"page": str(2**62), "limit": "100"}, {"page": ["1", "2"]}, {"limit": ["1", "1"]},
    {"sort": "nothing"}, {"order": "ASC;"}, {"cursor": ""}, {"cursor": "x"}, {"cursor": "A" * 5000}, {"cursor": "null"},
])
def test_s24_refused(client, path, params):
    assert faults_of(client.get(path, params=params))


@every_list
def test_s24_cursor_holds_only_for_its_query(client, path, world):
    one = ok(client.get(path, params={"limit": 2}))
    cursor = one["pagination"]["next_cursor"]
    assert cursor
    ok(client.get(path, params={"limit": 2, "cursor": cursor}))
    ok(client.get(path, params={"limit": 3, "cursor": cursor}))
    for params in ({"order": "asc"}, {"page": 1}, {"is_active": "true"}):
        faults_of(client.get(path, params={"limit": 2, "cursor": cursor, **params}))
    for elsewhere in LISTS:
        if elsewhere != path:
            faults_of(client.get(elsewhere, params={"limit": 2, "cursor": cursor}))


@every_list
def test_s24_altered_cursor(client, path):
    cursor = ok(client.get(path, params={"limit": 2}))["pagination"]["next_cursor"]
    for place in range(0, len(cursor), 5):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1:]
        faults_of(client.get(path, params={"limit": 2, "cursor": changed}))
    for changed in (cursor[:-1], cursor + "A", cursor + "=", cursor.swapcase()):
        faults_of(client.get(path, params={"limit": 2, "cursor": changed}))


@every_list
def test_s24_cursor_tells_nothing(client, path, tenant):
    cursor = ok(client.get(path, params={"limit": 2}))["pagination"]["next_cursor"]
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert b"select" not in raw.lower() and b".example" not in raw


@every_list
def test_s24_rows_made_meanwhile_disturb_nobody(client, path, tenant):
    name = LISTS[path]
    before = {row["id"] for row in ok(client.get(path, params={"limit": 100}))[name]}
    seen, cursor = [], None
    while True:
        page = ok(client.get(path, params={"limit": 2} | ({"cursor": cursor} if cursor else {})))
        seen += [row["id"] for row in page[name]]
        tenant.new_person() if path == "/users" else tenant.new_account() if path == "/service-accounts" else tenant.new_child()
        cursor = page["pagination"]["next_cursor"]
        if cursor is None or len(seen) > 200:
            break
    assert len(seen) == len(set(seen)) and before <= set(seen)


@every_list
def test_s24_past_the_end(client, path):
    page = ok(client.get(path, params={"page": 900}))
    assert page[LISTS[path]] == [] and page["pagination"]["page"] == 900
