"""S31, S36, S39: what stands in logs, in repeated answers and in errors."""

import json
import re

import pytest

from blackbox.raw_http import exchange, get
from blackbox.server import ADMIN_PASSWORD, wait_until
from blackbox.world import PASSWORD, error_of, ok, random_id, unique

NASTY = ["a\x1b[31mred", 'quote"},{"level":"ERROR', "tab\there", "\u2028line", "\u2029para", "\x7f", "\xff"]


def lines_of(server) -> list[str]:
    return [line for line in server.log().splitlines() if line]


def test_s31_each_line_is_one_event(world, server, tenant):
    before = len(lines_of(server))
    for text in NASTY:
        with world.anonymous() as client:
            client.get("/auth/me", headers={"User-Agent": text.encode("utf-8", "surrogateescape"), "X-Request-ID": text.encode("utf-8")})
            client.post("/auth/login", json={"email": text, "password": "x", "tenant_code": text})
    with world.anonymous() as client:
        client.get("/auth/me", headers={"User-Agent": "u" * 10_000})
        client.get("/" + "%0d%0aX-Injected:%20yes")
    for line in server.log().splitlines()[before:]:
        if not line.startswith("{"):
            continue
        event = json.loads(line)
        assert isinstance(event, dict)
        assert not re.search("[\x00-\x1f\x7f\u2028\u2029]", line), line[:200]
        assert len(line) < 8192
        assert all(len(str(value)) <= 2100 for value in event.values())


def test_s31_every_line_of_the_log_is_json(server):
    outside = [line for line in lines_of(server) if not line.startswith("{")]
    # Before the log there is what `serve` prints for a person: address, administrator, a curl.
    assert all(not re.search(r"(?i)error|exception|terminate|runtime error", line) for line in outside), outside


def test_s31_request_id_that_is_none_is_replaced(world):
    with world.anonymous() as client:
        for bad in ("", "x" * 65, "a b", "ä".encode(), "a/b", "<script>"):
            answer = client.get("/auth/me", headers={"X-Request-ID": bad})
            assert re.match(r"^[0-9a-f-]{36}$", answer.headers["X-Request-ID"])
        assert client.get("/auth/me", headers={"X-Request-ID": "my.id_1-2"}).headers["X-Request-ID"] == "my.id_1-2"


@pytest.mark.parametrize("sent", ["X-Request-ID:  ", "X-Request-ID: \t", "X-Request-ID:", "X-Request-ID: a\tb", "X-Request-ID: \xa0",
                                  "X-Request-ID: one\r\nX-Request-ID: two"])
def test_s31_request_id_that_no_client_library_sends(server, sent):
    """Spaces alone above all."""
    head, _, body = exchange(server, get("/api/v1/auth/me", sent, "Connection: close")).partition(b"\r\n\r\n")
    found = re.findall(rb"(?im)^x-request-id: *(.*?)\r?$", head)
    assert len(found) == 1 and re.fullmatch(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", found[0]), head
    assert head.startswith(b"HTTP/1.1 401 "), head
    assert json.loads(body)["meta"]["request_id"] == found[0].decode()


def test_s31_audit_cuts_long_agents(world, tenant):
    person = tenant.new_person()
    with world.anonymous() as client:
        client.headers["User-Agent"] = "m" * 6000
        request = client.post("/auth/login", json={"email": person.email, "password": PASSWORD, "tenant_code": tenant.code}).headers["X-Request-ID"]
    rows = wait_until(lambda: [row for row in tenant.audit("auth.login") if row["request_id"] == request], "auth.login", 5)
    assert len(rows[0]["security_context"]["user_agent"]) <= 512, "page 12: at most 512"


def test_s31_no_secret_is_logged_or_audited(world, server, tenant):
    person, account = tenant.new_person(), tenant.new_account(["viewer"])
    tokens = person.login()
    access = account.token()
    with world.anonymous() as client:
        client.get("/auth/me", params={"access_token": tokens["access_token"]})
        client.post("/auth/login", json={"email": person.email, "password": "Unlucky-Kettle-99-Try", "tenant_code": tenant.code})
    records = repr(server.rows("select * from sentinel.audit_logs"))
    for secret in (ADMIN_PASSWORD, PASSWORD, "Unlucky-Kettle-99-Try", tokens["refresh_token"], tokens["access_token"], access, account.key,
                   tokens["access_token"].split(".")[2]):
        assert secret not in server.log(), "a secret is in the log"
        assert secret not in records, "a secret is in the audit"


def test_s31_no_secret_lies_in_the_database(world, server, tenant):
    person, account = tenant.new_person(), tenant.new_account(["viewer"])
    tokens = person.login()
    tables = server.rows("select table_schema || '.' || table_name as name from information_schema.tables where table_schema like 'sentinel%%' "
                         "and table_type = 'BASE TABLE'")
    secrets = [PASSWORD.encode(), tokens["refresh_token"].encode(), account.key.encode(), person.email.encode(), tokens["access_token"].encode()]
    with server.connection() as connection:
        for table in tables:
            for row in connection.execute(f"select t::text as row from {table['name']} t"):
                text = row["row"].encode()
                assert not any(secret in text or secret.hex().encode() in text for secret in secrets), table["name"]


# -- S36 -------------------------------------------------------------------------------------------------------------------


def test_s36_same_key_other_body(tenant):
    client, headers = tenant.client(), {"Idempotency-Key": unique("k-")}
    sent = {"email": f"{unique('i')}@x.example"}
    first = client.post("/users", json=sent, headers=headers)
    ok(first, 201)
    error_of(client.post("/users", json={"email": f"{unique('i')}@x.example"}, headers=headers), 422, "IDEMPOTENCY_KEY_REUSED")
    again = client.post("/users", json=sent, headers=headers)
    assert again.content == first.content and again.headers["Idempotency-Replayed"] == "true"


def test_s36_key_belongs_to_caller_route_and_tenant(tenant, other):
    key = unique("k-")
    headers = {"Idempotency-Key": key}
    sent = {"email": f"{unique('i')}@x.example"}
    first = ok(tenant.client("tenant_admin").post("/users", json=sent, headers=headers), 201)
    error_of(tenant.client("user_manager").post("/users", json=sent, headers=headers), 409, "CONFLICT", "duplicate")
    assert ok(other.client().post("/users", json=sent, headers=headers), 201)["id"] != first["id"]
    ok(tenant.client().post("/service-accounts", json={"name": unique("svc-")}, headers=headers), 201)
    child = tenant.new_child()
    assert ok(tenant.client().with_(tenant=child.id).post("/users", json=sent, headers=headers), 201)["id"] != first["id"]


def test_s36_only_a_success_is_kept(tenant, sql):
    client, headers = tenant.client(), {"Idempotency-Key": unique("k-")}
    before = sql("select count(*) as n from sentinel.idempotency_keys where tenant_id = %s", tenant.id)[0]["n"]
    taken = tenant.new_person().email
    error_of(client.post("/users", json={"email": taken}, headers=headers), 409, "CONFLICT", "duplicate")
    assert sql("select count(*) as n from sentinel.idempotency_keys where tenant_id = %s", tenant.id)[0]["n"] == before
    ok(client.post("/users", json={"email": f"{unique('i')}@x.example"}, headers=headers), 201)


def test_s36_replay_checks_the_caller_again(tenant):
    """A stored answer is not shown to someone who may no longer ask."""
    from blackbox.routes import role_id_of

    person = tenant.new_person(["user_manager"])
    client, headers = person.fresh_client(), {"Idempotency-Key": unique("k-")}
    sent = {"email": f"{unique('i')}@x.example"}
    ok(client.post("/users", json=sent, headers=headers), 201)
    ok(tenant.client().delete(f"/users/{person.id}/roles/{role_id_of(tenant, 'user_manager')}"), 204)
    error_of(client.post("/users", json=sent, headers=headers), 403, "PERMISSION_DENIED")


@pytest.mark.parametrize("key", ["", "x" * 256, "ä".encode(), "a\x7fb".encode()])
def test_s36_keys_that_are_none(tenant, key):
    answer = tenant.client().post("/users", json={"email": f"{unique('i')}@x.example"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 400, answer.text


def test_s36_without_a_key_twice_is_two_requests(tenant):
    sent = {"email": f"{unique('i')}@x.example"}
    ok(tenant.client().post("/users", json=sent), 201)
    error_of(tenant.client().post("/users", json=sent), 409, "CONFLICT", "duplicate")


def test_s36_auth_ignores_it(tenant):
    person = tenant.new_person()
    with tenant.world.anonymous() as client:
        sent = {"email": person.email, "password": PASSWORD, "tenant_code": tenant.code}
        answers = [client.post("/auth/login", json=sent, headers={"Idempotency-Key": "same"}) for _ in range(2)]
    assert answers[0].json()["session_id"] != answers[1].json()["session_id"]


# -- S39 -------------------------------------------------------------------------------------------------------------------


def test_s39_refusal_names_the_scope_alone(tenant):
    details = error_of(tenant.client("viewer").get("/users"), 403, "PERMISSION_DENIED")
    assert details == {"required_permission": "user:read"}


def test_s39_unknown_is_unknown(world, tenant):
    with world.anonymous() as client:
        one = client.get("/no/such/route")
        two = client.outside("/.env")
        for answer in (one, two):
            error_of(answer, 404, "RESOURCE_NOT_FOUND")
            assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers
    body = tenant.client().get(f"/users/{random_id()}").json()["error"]
    assert set(body["details"]) <= {"resource_type"}


def test_s39_health_tells_no_hosts_or_faults(world):
    with world.anonymous() as client:
        for path in ("/health", "/health/ready", "/health/live", "/health/startup"):
            answer = client.outside(path)
            assert not re.search(r"(?i)postgres|socket|/tmp|127\.0\.0\.1|sqlstate", answer.text), answer.text


def test_s39_values_are_echoed_only_short_and_never_secret(tenant, anonymous):
    long = "z" * 200
    answer = tenant.client().get("/users", params={"sort": long})
    assert long not in answer.text
    answer = anonymous.post("/auth/refresh", json={"refresh_token": 7, "password": "hunter2hunter2"})
    assert "hunter2" not in answer.text
    answer = tenant.client().post("/users", json={"email": "a@x.example", "password": "short-Secret-1"[:9]})
    assert "short-Sec" not in answer.text
