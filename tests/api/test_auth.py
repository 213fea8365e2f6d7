"""Authentication (spec 02): login, refresh, logout, revoke, me, validate, API keys, JWKS."""

import json
import time

import jwt
import pytest

from blackbox.server import PLATFORM_TENANT, wait_until
from blackbox.sessions import claims_of, client_of, header_of, refresh
from blackbox.world import PASSWORD, Client, error_of, faults_of, ok, random_id, unique


@pytest.fixture
def person(tenant):
    return tenant.new_person(["viewer", "auditor"], username=unique("name-"))


# -- login -----------------------------------------------------------------------------------------------------------------------


def test_login(tenant, person, world):
    answer = person.try_login()
    tokens = ok(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert tokens["token_type"] == "Bearer" and tokens["expires_in"] == 1800 and tokens["restricted"] is None
    assert tokens["refresh_token"].startswith("srt_")
    user = tokens["user"]
    assert (user["id"], user["email"], user["is_service_account"]) == (person.id, person.email, False)
    assert user["tenant"] == {"id": tenant.id, "name": tenant.row["name"], "code": tenant.code}
    assert set(user["roles"]) - {"everyone"} == {"auditor", "viewer"}
    ok(client_of(world, tokens).get("/auth/me"))


def test_login_by_tenant_id_and_by_code_in_any_case(world, tenant, person):
    with world.anonymous() as client:
        ok(client.post("/auth/login", json={"email": person.email, "password": PASSWORD, "tenant_id": tenant.id}))
        ok(client.post("/auth/login", json={"email": person.email.upper(), "password": PASSWORD, "tenant_code": tenant.code.lower()}))


def test_access_token_is_as_the_page_says(world, tenant, person, anonymous):
    tokens = person.login()
    keys = ok(anonymous.outside("/.well-known/jwks.json"))["keys"]
    header = header_of(tokens["access_token"])
    key = next(key for key in keys if key["kid"] == header["kid"])
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": key["kid"]}
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig") and "d" not in key
    claims = jwt.decode(tokens["access_token"], jwt.PyJWK(key).key, algorithms=["ES256"], audience="sentinel",
                        issuer="https://sentinel.example")
    assert claims["sub"] == person.id and claims["type"] == "access"
    assert claims["tenant_id"] == tenant.id and claims["tenant_code"] == tenant.code
    assert claims["session_id"] == tokens["session_id"] and claims["is_service_account"] is False
    assert claims["exp"] - claims["iat"] == 1800 and claims["nbf"] == claims["iat"] and abs(claims["iat"] - time.time()) < 10
    assert all(type(claims[name]) is int for name in ("exp", "iat", "nbf", "epoch", "auth_time"))
    assert claims["amr"] == ["pwd"] and "scope" not in claims and "act" not in claims
    assert set(claims["roles"]) - {"everyone"} == {"auditor", "viewer"}
    assert person.email not in json.dumps(claims)
    assert set(claims) == {"iss", "aud", "sub", "exp", "iat", "nbf", "jti", "type", "tenant_id", "tenant_code", "session_id",
                           "is_service_account", "roles", "epoch", "amr", "auth_time"}


def test_login_is_recorded(tenant, person, sql):
    before = sql("select login_count, last_login, version from sentinel.users where id = %s", person.id)[0]
    answer = person.try_login(device_name="My \u2028 laptop")
    after = sql("select login_count, last_login, version, failed_login_count from sentinel.users where id = %s", person.id)[0]
    assert after["login_count"] == before["login_count"] + 1 and after["last_login"] is not None
    assert after["version"] == before["version"], "a login is no change of the row"
    request = answer.headers["X-Request-ID"]
    rows = wait_until(lambda: [row for row in tenant.audit("auth.login") if row["request_id"] == request], "auth.login", 3)
    assert len(rows) == 1 and str(rows[0]["actor_id"]) == person.id
    session = sql("select * from sentinel.sessions where id = %s", ok(answer)["session_id"])[0]
    assert b"laptop" not in bytes(session["device_info_encrypted"]) and session["amr"] == ["pwd"]
    stored = sql("select token_hash from sentinel.refresh_tokens where session_id = %s", session["id"])
    assert len(stored) == 1 and len(stored[0]["token_hash"]) == 32


@pytest.mark.parametrize("change, fault", [
    ({"email": None}, ("/email", "type")), ({"email": ""}, ("/email", "min_length")), ({"email": "x" * 255}, ("/email", "max_length")),
    ({"password": ""}, ("/password", "min_length")), ({"password": "x" * 129}, ("/password", "max_length")),
    ({"password": 1}, ("/password", "type")),
    ({"tenant_id": PLATFORM_TENANT}, ("/tenant_code", "exclusive")), ({"tenant_code": None}, None),
    ({"tenant_id": "x"}, None), ({"remember_me": "x"}, ("/remember_me", "type")), ({"device_name": "x" * 101}, ("/device_name", "max_length")),
    ({"user_id": "x"}, ("/user_id", "unknown")),
])
def test_login_refuses(anonymous, tenant, person, change, fault):
    sent = {"email": person.email, "password": PASSWORD, "tenant_code": tenant.code, **change}
    faults = faults_of(anonymous.post("/auth/login", json=sent))
    assert (fault in faults) if fault else faults


def test_login_needs_all_members(anonymous):
    faults = faults_of(anonymous.post("/auth/login", json={}))
    assert {("/email", "required"), ("/password", "required")} <= faults


def test_no_secret_is_echoed(anonymous):
    answer = anonymous.post("/auth/login", json={"email": "a", "password": ["hunter2hunter2"], "tenant_code": "X"})
    assert "hunter2" not in answer.text


def test_restricted_session(world, tenant):
    """Rule 9: must_change_password."""
    person = tenant.new_person(["tenant_admin"], must_change_password=True)
    tokens = person.login()
    assert tokens["restricted"] == "password_change" and tokens["refresh_token"] is None and tokens["expires_in"] <= 900
    client = client_of(world, tokens)
    assert ok(client.get("/auth/me"))["session"]["restricted"] == "password_change"
    for path in ("/users", "/users/me", f"/users/{person.id}", "/tenants", "/auth/validate"):
        error_of(client.get(path), 403, "PASSWORD_CHANGE_REQUIRED")
    ok(client.post(f"/users/{person.id}/change-password", json={"current_password": PASSWORD, "new_password": "Other-Kettle-43-Orbit"}), 204)
    error_of(client.get("/auth/me"), 401, "INVALID_TOKEN")
    person.password = "Other-Kettle-43-Orbit"
    assert person.login()["restricted"] is None


def test_remember_me_lives_longer(person, sql):
    tokens = person.login(remember_me=True)
    row = sql("select extract(epoch from expires_at - created_at) as life from sentinel.sessions where id = %s", tokens["session_id"])[0]
    assert abs(float(row["life"]) - 90 * 86400) < 60


def test_tenant_shortens_sessions(tenants, sql):
    one = tenants(security_settings={"session_timeout_hours": 2})
    tokens = one.new_person().login(remember_me=True)
    row = sql("select extract(epoch from expires_at - created_at) as life from sentinel.sessions where id = %s", tokens["session_id"])[0]
    assert abs(float(row["life"]) - 2 * 3600) < 60


def test_fiftieth_session_pushes_out_the_longest_idle(tenant, sql):
    """Rule 14."""
    person = tenant.new_person()
    first = person.login()
    for _ in range(50):
        last = person.login()
    rows = sql("select id::text, ended_at from sentinel.sessions where user_id = %s", person.id)
    assert sum(row["ended_at"] is None for row in rows) == 50
    ended = {row["id"] for row in rows if row["ended_at"] is not None}
    assert ended == {first["session_id"]} and last["session_id"] not in ended
    error_of(client_of(tenant.world, first).get("/auth/me"), 401, "INVALID_TOKEN")


# -- refresh ---------------------------------------------------------------------------------------------------------------------


def test_refresh_rotates(world, person):
    one = person.login()
    two = ok(refresh(world, one["refresh_token"]))
    assert two["session_id"] == one["session_id"] and two["refresh_token"] != one["refresh_token"]
    assert claims_of(two["access_token"])["jti"] != claims_of(one["access_token"])["jti"]
    assert claims_of(two["access_token"])["auth_time"] == claims_of(one["access_token"])["auth_time"]
    for tokens in (one, two):
        ok(client_of(world, tokens).get("/auth/me"))


@pytest.mark.parametrize("token", ["x", "srt_", "srt_" + "A" * 86, "srp_" + "A" * 86, "svc_" + "A" * 60, "srt_!!!"])
def test_refresh_refuses_what_is_none(world, token):
    error_of(refresh(world, token), 401, "INVALID_TOKEN")


def test_refresh_takes_no_access_token(world, person):
    error_of(refresh(world, person.login()["access_token"]), 401, "INVALID_TOKEN")


def test_refresh_after_the_idle_end(world, person, server):
    tokens = person.login()
    with server.connection() as connection:
        connection.execute("update sentinel.sessions set idle_expires_at = now() - interval '1 second' where id = %s", [tokens["session_id"]])
        connection.execute("update sentinel.refresh_tokens set expires_at = created_at + interval '1 microsecond' where session_id = %s",
                           [tokens["session_id"]])
    error_of(refresh(world, tokens["refresh_token"]), 401, "INVALID_TOKEN")


@pytest.mark.parametrize("what", ["deactivate", "lock", "delete"])
def test_refresh_repeats_the_checks_of_login(world, tenant, what):
    """Rule 11."""
    person = tenant.new_person()
    tokens = person.login()
    if what == "deactivate":
        ok(tenant.client().patch(f"/users/{person.id}", json={"is_active": False}))
    elif what == "lock":
        ok(tenant.client().post(f"/users/{person.id}/lock", json={}), 204)
    else:
        ok(tenant.client().delete(f"/users/{person.id}"), 204)
    error_of(refresh(world, tokens["refresh_token"]), 401, "INVALID_TOKEN")
    error_of(client_of(world, tokens).get("/auth/me"), 401, "INVALID_TOKEN")


# -- logout and revoke -----------------------------------------------------------------------------------------------------------


def test_logout(world, tenant, person):
    tokens = person.login()
    client = client_of(world, tokens)
    assert ok(client.post("/auth/logout")) == {"sessions_ended": 1}
    error_of(client.get("/auth/me"), 401, "INVALID_TOKEN")
    error_of(client.post("/auth/logout"), 401, "INVALID_TOKEN")
    error_of(refresh(world, tokens["refresh_token"]), 401, "INVALID_TOKEN")
    assert tenant.audit("auth.logout")


def test_logout_everywhere(world, person):
    sessions = [person.login() for _ in range(3)]
    assert ok(client_of(world, sessions[0]).post("/auth/logout", json={"revoke_all_devices": True})) == {"sessions_ended": 3}
    for tokens in sessions:
        error_of(client_of(world, tokens).get("/auth/me"), 401, "INVALID_TOKEN")
        error_of(refresh(world, tokens["refresh_token"]), 401, "INVALID_TOKEN")


def test_revoke_an_access_token(world, tenant, person, anonymous):
    tokens = person.login()
    assert ok(anonymous.post("/auth/revoke", json={"token": tokens["access_token"]})) == {"revoked": True}
    error_of(client_of(world, tokens).get("/auth/me"), 401, "INVALID_TOKEN")
    assert tenant.audit("token.revoke")


def test_revoke_a_refresh_token_ends_its_session(world, person, anonymous):
    tokens = person.login()
    sent = {"token": tokens["refresh_token"], "token_type": "refresh_token"}
    assert ok(anonymous.post("/auth/revoke", json=sent)) == {"revoked": True}
    error_of(client_of(world, tokens).get("/auth/me"), 401, "INVALID_TOKEN")
    error_of(refresh(world, tokens["refresh_token"]), 401, "INVALID_TOKEN")


@pytest.mark.parametrize("token", ["x", "a.b.c", "srt_" + "A" * 86])
def test_revoking_an_unknown_token_looks_the_same(anonymous, token):
    assert ok(anonymous.post("/auth/revoke", json={"token": token})) == {"revoked": True}
    assert ok(anonymous.post("/auth/revoke", json={"token": token, "token_type": "refresh_token"})) == {"revoked": True}


def test_revoke_by_jti(world, tenant, person, anonymous):
    tokens = person.login()
    jti = claims_of(tokens["access_token"])["jti"]
    error_of(anonymous.post("/auth/revoke", json={"jti": jti}), 401, "AUTHENTICATION_REQUIRED")
    error_of(tenant.client("viewer").post("/auth/revoke", json={"jti": jti}), 403, "PERMISSION_DENIED")
    ok(client_of(world, tokens).get("/auth/me"))
    ok(tenant.client("user_manager").post("/auth/revoke", json={"jti": jti}))
    error_of(client_of(world, tokens).get("/auth/me"), 401, "INVALID_TOKEN")


def test_revoke_refuses(anonymous):
    assert ("/token", "required") in faults_of(anonymous.post("/auth/revoke", json={}))
    assert ("/token_type", "enum") in faults_of(anonymous.post("/auth/revoke", json={"token": "x", "token_type": "id_token"}))
    assert ("/jti", "exclusive") in faults_of(anonymous.post("/auth/revoke", json={"token": "x", "jti": random_id()}))


# -- me, validate, requirements, keys --------------------------------------------------------------------------------------------


def test_me(world, tenant, person):
    tokens = person.login()
    me = ok(client_of(world, tokens).get("/auth/me"))
    assert me["user"]["id"] == person.id and me["tenant"]["id"] == tenant.id and me["actor"] is None
    assert {role["name"] for role in me["roles"]} - {"everyone"} == {"auditor", "viewer"}
    assert "user:read" in me["scopes"] and "audit:write" in me["scopes"] and "user:write" not in me["scopes"]
    assert me["session"]["id"] == tokens["session_id"] and me["session"]["amr"] == ["pwd"]


def test_me_while_acting_elsewhere(world, tenant):
    me = ok(tenant.admin.get("/auth/me"))
    assert me["tenant"]["id"] == PLATFORM_TENANT and me["acting_tenant"]["id"] == tenant.id


def test_validate(world, tenant, person):
    tokens = person.login()
    answer = ok(client_of(world, tokens).get("/auth/validate"))
    assert answer["valid"] and answer["user_id"] == person.id and answer["tenant_id"] == tenant.id
    assert not answer["is_service_account"] and "user:read" in answer["scopes"]


def test_password_requirements(anonymous):
    assert ok(anonymous.get("/auth/password-requirements")) == {
        "min_length": 12, "max_length": 128, "require_uppercase": True, "require_lowercase": True, "require_numbers": True,
        "require_symbols": True, "history": 5}


def test_jwks(anonymous):
    answer = anonymous.outside("/.well-known/jwks.json")
    keys = ok(answer)["keys"]
    assert "max-age=300" in answer.headers["Cache-Control"]
    for key in keys:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}


# -- service accounts ------------------------------------------------------------------------------------------------------------


def test_api_key_gives_a_token(world, tenant):
    account = tenant.new_account(["viewer", "auditor"])
    answer = account.try_token()
    made = ok(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert made["token_type"] == "Bearer" and made["expires_in"] == 7200
    assert made["service_account"]["id"] == account.id and made["service_account"]["is_service_account"] is True
    claims = claims_of(made["access_token"])
    assert claims["is_service_account"] is True and claims["key_id"] == account.made["keys"][0]["key_id"] and "session_id" not in claims
    client = world.client_for(made["access_token"])
    ok(client.get("/users"))
    error_of(client.post("/users", json={"email": "a@b.example"}), 403, "PERMISSION_DENIED")


def test_token_may_be_narrowed(world, tenant):
    account = tenant.new_account(["auditor"])
    made = ok(account.try_token(scope="user:read tenant:write"))
    assert made["scope"].split() == ["user:read"], "what is not held is dropped"
    assert claims_of(made["access_token"])["scope"] == "user:read"
    client = world.client_for(made["access_token"])
    ok(client.get("/users"))
    error_of(client.get("/tenants"), 403, "PERMISSION_DENIED")
    error_of(account.try_token(scope="user:admin"), 401, "SERVICE_ACCOUNT_INVALID")


@pytest.mark.parametrize("form", ["json", "form", "basic", "api_key"])
def test_client_credentials(world, tenant, anonymous, form):
    account = tenant.new_account(["viewer"])
    credentials = {"grant_type": "client_credentials", "client_id": account.client_id, "client_secret": account.key}
    if form == "json":
        answer = anonymous.post("/auth/token", json=credentials)
    elif form == "form":
        answer = anonymous.post("/auth/token", data=credentials)
    elif form == "basic":
        answer = anonymous.post("/auth/token", data={"grant_type": "client_credentials"}, auth=(account.client_id, account.key))
    else:
        answer = anonymous.post("/auth/token", json={"api_key": account.key, "tenant_id": tenant.id})
    assert ok(answer)["service_account"]["id"] == account.id


def test_bad_keys_are_all_the_same(world, tenant, other):
    account = tenant.new_account(["viewer"])
    key = account.key
    swapped = key[:20] + ("a" if key[20] != "a" else "b") + key[21:]
    answers = [account.try_token(key=bad) for bad in (
        "x", "svc_", swapped, key[:-1], key + "0", key.upper(), "svc_" + "0" * 60, other.new_account(["viewer"]).key)]
    with world.anonymous() as client:
        answers.append(client.post("/auth/service-account/token", json={"api_key": key, "tenant_code": other.code}))
        answers.append(client.post("/auth/service-account/token", json={"api_key": key, "tenant_code": "NOWHERE"}))
        answers.append(client.post("/auth/service-account/token", json={"api_key": key, "tenant_id": random_id()}))
        answers.append(client.post("/auth/token", data={"grant_type": "client_credentials", "client_id": "X.y", "client_secret": key}))
    errors = [answer.json()["error"] for answer in answers]
    for answer in answers:
        error_of(answer, 401, "SERVICE_ACCOUNT_INVALID")
    assert all(error == errors[0] for error in errors)


def test_key_from_a_forbidden_address(world, tenant):
    account = tenant.new_account(["viewer"], allowed_ips=["192.0.2.0/24"])
    error_of(account.try_token(address="198.51.100.1"), 401, "SERVICE_ACCOUNT_INVALID")
    token = ok(account.try_token(address="192.0.2.7"))["access_token"]
    ok(Client(world.server, world.contract, token, address="192.0.2.8").get("/auth/me"))
    assert Client(world.server, world.contract, token, address="198.51.100.1").get("/auth/me").status_code == 401, "at every request"


def test_key_of_an_inactive_account(tenant):
    account = tenant.new_account(["viewer"])
    client = account.client()
    ok(tenant.client().patch(f"/service-accounts/{account.id}", json={"is_active": False}))
    error_of(client.get("/auth/me"), 401, "INVALID_TOKEN")
    error_of(account.try_token(), 401, "SERVICE_ACCOUNT_INVALID")


def test_token_never_outlives_its_key(tenant, server):
    account = tenant.new_account(["viewer"])
    with server.connection() as connection:
        connection.execute("update sentinel.service_account_keys set expires_at = now() + interval '90 seconds' where user_id = %s",
                           [account.id])
    made = ok(account.try_token())
    assert made["expires_in"] <= 90
    with server.connection() as connection:
        connection.execute("update sentinel.service_account_keys set expires_at = now() - interval '1 second' where user_id = %s",
                           [account.id])
    error_of(account.try_token(), 401, "SERVICE_ACCOUNT_INVALID")


def test_last_use_is_noted_once_a_minute(tenant, sql):
    account = tenant.new_account(["viewer"])
    account.token()
    first = sql("select last_used_at, last_used_ip_encrypted from sentinel.service_account_keys where user_id = %s", account.id)[0]
    assert first["last_used_at"] is not None and first["last_used_ip_encrypted"] is not None
    account.token()
    assert sql("select last_used_at from sentinel.service_account_keys where user_id = %s", account.id)[0]["last_used_at"] == first["last_used_at"]


def test_service_account_cannot_log_in_with_a_password(anonymous, tenant):
    account = tenant.new_account(["viewer"])
    answer = anonymous.post("/auth/login", json={"email": account.made["email"], "password": PASSWORD, "tenant_code": tenant.code})
    error_of(answer, 401, "AUTH_FAILED")


def test_issue_is_recorded(tenant):
    account = tenant.new_account(["viewer"])
    request = account.try_token().headers["X-Request-ID"]
    rows = wait_until(lambda: [row for row in tenant.audit("token.issue") if row["request_id"] == request], "token.issue", 3)
    assert str(rows[0]["actor_id"]) == account.id and rows[0]["actor_type"] == "service_account"
    assert account.key not in json.dumps(rows[0], default=str)
