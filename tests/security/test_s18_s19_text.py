"""S18, S19: Unicode and injection, in every text that is taken."""

import json

import pytest

from blackbox.server import ROOT
from blackbox.world import error_of, faults_of, new_code, ok, unique

VECTORS = ROOT.parent / "shared/vectors"
NAUGHTY = json.loads((VECTORS / "strings/naughty_strings.json").read_text("utf-8"))["strings"] if VECTORS.exists() else []
INJECTIONS = ["'", "';--", "' or '1'='1", "\\", "%", "_", "1;drop table sentinel.users", "$1", "{{7*7}}", "${7*7}", "created_at desc",
              "id) or (1=1", "pg_sleep(5)", "\u02bc", "\uff07", "name\u0000"]


def is_settled(answer) -> None:
    assert answer.status_code < 500, answer.text


def test_s18_naughty_strings_as_username_email_and_search(tenant):
    client = tenant.client()
    for text in NAUGHTY:
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            continue
        is_settled(client.get("/users", params={"search": text}))
        is_settled(client.post("/users", json={"email": text, "username": text, "roles": [text]}))


def test_s18_naughty_strings_come_back_as_they_went(tenant):
    """In a free text, stored NFC, and refused where it holds control characters."""
    import unicodedata

    client, account = tenant.client(), tenant.new_account()
    kept = 0
    for text in NAUGHTY:
        if not text.strip() or len(text) > 900:
            continue
        answer = client.patch(f"/service-accounts/{account.id}", json={"description": text, "attributes": {"text": text}})
        is_settled(answer)
        if answer.status_code == 200:
            kept += 1
            assert answer.json()["description"].strip() == unicodedata.normalize("NFC", text).strip()
            assert answer.json()["attributes"]["text"] == unicodedata.normalize("NFC", text)
        else:
            assert any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text), f"{text!r} was refused: {answer.text}"
    assert kept > 400 or not NAUGHTY


@pytest.mark.parametrize("one, two", [
    ("straße@mail.example", "STRASSE@mail.example"), ("ångström@mail.example", "A\u030angstro\u0308m@mail.example"),
    ("ﬁn@mail.example", "fin@mail.example"), ("Ｗide@mail.example", "wide@mail.example"), ("σας@mail.example", "ΣΑΣ@mail.example"),
])
def test_s18_addresses_that_fold_alike_are_one(tenant, one, two):
    client = tenant.client()
    tag = unique("t")
    ok(client.post("/users", json={"email": tag + one}), 201)
    error_of(client.post("/users", json={"email": tag + two}), 409, "CONFLICT", "duplicate")


@pytest.mark.parametrize("one, two", [("admin@mail.example", "аdmin@mail.example"), ("i@mail.example", "ı@mail.example")])
def test_s18_addresses_that_only_look_alike_are_two(tenant, one, two):
    client = tenant.client()
    tag = unique("t")
    made = [ok(client.post("/users", json={"email": tag + spelt, "password": "Violet-Kettle-42-Orbit"}), 201)["id"] for spelt in (one, two)]
    assert len(set(made)) == 2
    with tenant.world.anonymous() as anonymous:
        tokens = ok(anonymous.post("/auth/login", json={"email": tag + one, "password": "Violet-Kettle-42-Orbit", "tenant_code": tenant.code}))
    assert tokens["user"]["id"] == made[0]


@pytest.mark.parametrize("text", ["zero\u200bwidth@x.example", "right\u202eleft@x.example", "nul\x00l@x.example", "line\n@x.example"])
def test_s18_invisible_letters_in_addresses(tenant, text):
    answer = tenant.client().post("/users", json={"email": unique("u") + text})
    if "\x00" in text or "\n" in text:
        assert {pointer for pointer, _ in faults_of(answer)} == {"/email"}
    else:
        assert answer.status_code in (201, 400)


@pytest.mark.parametrize("body", [
    b'{"email":"a\xff@x.example"}', b'{"email":"a\xc0\xaf@x.example"}', b'{"email":"a\xed\xa0\x80@x.example"}', b'{"email":"a\\ud800@x.example"}',
    b'{"email":"\xf4\x90\x80\x80@x.example"}', b"\xff\xfe{\x00}\x00",
])
def test_s18_invalid_utf8(tenant, body):
    answer = tenant.client().send_body("POST", "/users", body)
    error_of(answer, 400, "MALFORMED_REQUEST")


@pytest.mark.parametrize("text", ["Ａdmin", "аdmin", "ad\u200bmin", "ADMIN ", "admın", "admin\u0301", "me@x.example", "ＴＥＳＴ"])
def test_s18_usernames_and_codes_are_ascii(world, tenant, text):
    faults = faults_of(tenant.client().post("/users", json={"email": f"{unique('u')}@x.example", "username": text}))
    assert {pointer for pointer, _ in faults} == {"/username"}
    faults = faults_of(world.admin.post("/tenants", json={"name": "x", "code": "".join(letter.upper() if letter.isascii() else letter for letter in text)}))
    assert {pointer for pointer, _ in faults} == {"/code"}


def test_s18_no_login_by_a_code_that_only_looks_alike(world, tenant):
    person = tenant.new_person()
    for code in (tenant.code.replace("T", "Ｔ"), tenant.code + "\u200b", tenant.code + " ", tenant.code.replace("T", "Τ")):
        with world.anonymous() as client:
            answer = client.post("/auth/login", json={"email": person.email, "password": person.password, "tenant_code": code})
        assert answer.status_code in (400, 401), answer.text


def test_s18_database_compares_bytes(sql):
    assert sql("select datcollate, pg_encoding_to_char(encoding) as encoding from pg_database where datname = current_database()")[0]["encoding"] == "UTF8"
    wrong = sql("select table_name, column_name, collation_name from information_schema.columns where table_schema like 'sentinel%%' "
                "and data_type = 'text' and collation_name is distinct from 'C' and table_name not like 'audit_logs_%%'")
    assert [row for row in wrong if row["column_name"] in ("code", "username", "name", "email")
            and row["table_name"] not in ("tenants",)] == [], wrong


@pytest.mark.parametrize("text", INJECTIONS)
def test_s19_in_every_parameter_of_a_list(tenant, text):
    client = tenant.client()
    for path, names in (("/users", ("sort", "order", "cursor", "search", "role", "status", "limit", "page", "tenant_id", "from_created_at", "is_active")),
                        ("/service-accounts", ("sort", "search", "owner_id", "expiring_before")),
                        ("/tenants", ("sort", "name", "code", "type", "parent_tenant_id"))):
        for name in names:
            answer = client.get(path, params={name: text})
            is_settled(answer)
            if name in ("sort", "order", "cursor", "limit", "page", "owner_id", "parent_tenant_id", "status", "type"):
                assert answer.status_code == 400, (path, name)


def test_s19_wildcards_are_letters(tenant):
    one = tenant.new_person(username=unique("wild_card-"))
    tenant.new_person(username=unique("wildxcard-"))
    found = ok(tenant.client().get("/users", params={"search": "wild_card"}))["users"]
    assert [row["id"] for row in found] == [one.id]
    assert ok(tenant.client().get("/users", params={"search": "wil%card"}))["users"] == []
    child = tenant.new_child(name="Fifty % of_it")
    for text, hit in (("% of", True), ("of_it", True), ("F%of", False)):
        rows = ok(tenant.client().get("/tenants", params={"name": text}))["tenants"]
        assert (child.id in {row["id"] for row in rows}) == hit, text


def test_s19_in_bodies(world, tenant):
    client = tenant.client()
    for text in INJECTIONS:
        is_settled(client.post("/users", json={"email": f"{text}@x.example", "username": text, "roles": [text], "attributes": {text: text}}))
        is_settled(client.post("/service-accounts", json={"name": text}))
        is_settled(world.admin.post("/tenants", json={"name": text, "code": new_code(), "settings": {text: text}}))
        with world.anonymous() as anonymous:
            is_settled(anonymous.post("/auth/login", json={"email": text, "password": text, "tenant_code": text}))
    assert ok(client.get("/users"))


def test_s19_statement_texts_never_hold_input(start_server):
    """DB_ECHO logs statement texts: none holds what was sent."""
    from blackbox.world import World

    server = start_server(DB_ECHO="true", LOG_LEVEL="DEBUG")
    world = World(server)
    one = world.new_tenant(name="Echo-marker-77")
    person = one.new_person(username="echo.marker.78", email="echo.marker.79@x.example")
    client = one.client()
    ok(client.get("/users", params={"search": "echo.marker.80", "sort": "username"}))
    ok(client.patch(f"/users/{person.id}", json={"attributes": {"echo.marker.81": 1}}))
    log = server.log()
    assert '"statement"' in log or "select" in log.lower(), "nothing was echoed"
    for number in range(77, 82):
        assert f"marker.{number}" not in log and f"marker-{number}" not in log
    assert one.id not in "".join(line for line in log.splitlines() if "statement" in line)
