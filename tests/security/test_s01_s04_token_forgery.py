"""S01 to S04: each attack of ../shared/vectors/jose/jwt_attacks.json as one mutation of a token of our own that passes."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from blackbox.own_tokens import ABSENT, decode, encode
from blackbox.server import ROOT, wait_until
from blackbox.world import error_of, new_address, ok, unique
from token_testing import accepted, forge_of, refused

SET = ROOT.parent / "shared/vectors/jose/jwt_attacks.json"
DATA = json.loads(SET.read_text("utf-8")) if SET.exists() else {"cases": [], "now": 0}
CASES = {case["id"]: case for case in DATA["cases"]}
needs_set = pytest.mark.skipif(not CASES, reason=f"no conformance data at {SET}")
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# In the set's own terms these pass; our tokens must have them otherwise (README of the set).
REFUSED_HERE = {"ok-exp-fraction", "ok-no-nbf", "ok-aud-list"}


@pytest.fixture(scope="module")
def forge(world, tenant):
    return forge_of(world, tenant)


def parts_of(case_id: str) -> tuple[bytes, bytes]:
    header, payload = CASES[case_id]["token"].split(".")[:2]
    return decode(header), decode(payload)


def our_header(forge, text: bytes) -> bytes:
    """The attack's header with our kid and type, and our algorithm where the attack is not about that."""
    for kid in (b'"hs-1"', b'"rs-1"', b'"es-1"', b'"ed-1"'):
        text = text.replace(kid, json.dumps(forge.key.kid).encode())
    return text.replace(b'"JWT"', b'"at+jwt"')


def with_our_algorithm(text: bytes) -> bytes:
    for name in (b'"HS256"', b'"RS256"', b'"EdDSA"'):
        text = text.replace(name, b'"ES256"')
    return text


def our_claims(forge, payload: bytes) -> dict:
    """Our claims with the one difference that the attack's payload has to the set's good one; times moved to ours."""
    base = json.loads(parts_of("ok-HS256")[1])
    attack = json.loads(payload)
    claims = dict(forge.claims)
    for name in set(base) | set(attack):
        if name not in attack:
            claims[name] = ABSENT
        elif attack[name] != base.get(name) or type(attack[name]) is not type(base.get(name)):
            value = attack[name]
            if name in ("exp", "nbf", "iat") and type(value) in (int, float) and abs(value - DATA["now"]) < 10**8:
                value += forge.now() - DATA["now"]
            elif name in ("exp", "nbf", "iat") and isinstance(value, str) and value.isdigit():
                value = str(int(value) + forge.now() - DATA["now"])
            claims[name] = value
    return claims


def text_of(claims: dict) -> bytes:
    return json.dumps({name: value for name, value in claims.items() if value is not ABSENT}).encode()


def mac(key: bytes, digest=hashlib.sha256):
    return lambda text: hmac.new(key, text, digest).digest()


def signature_variants(forge) -> dict[str, str]:
    good = forge.token()
    head, payload, signature = good.split(".")
    raw = decode(signature)
    flipped = bytes([raw[0] ^ 1]) + raw[1:]
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    trailing = signature[:-1] + last[(last.index(signature[-1]) & ~15) | ((last.index(signature[-1]) + 1) & 15)]
    plus = signature.replace("-", "+").replace("_", "/")
    while plus == signature:  # a signature without a letter that the alphabets write differently
        head, payload, signature = forge.token().split(".")
        plus = signature.replace("-", "+").replace("_", "/")
    r, s = raw[:32], raw[32:]
    half = (P256_ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")
    assert half
    order = P256_ORDER.to_bytes(32, "big")
    part = ".".join(good.split(".")[:2])
    text = part.encode()
    return {
        "sig-empty": f"{part}.", "sig-cut": good[:-4], "sig-missing-part": part, "sig-four-parts": f"{good}.{encode(b'x')}",
        "sig-five-parts": f"{good}.a.b", "sig-padded": f"{good}==", "sig-space": f"{good[:-5]} {good[-5:]}",
        "sig-newline": good, "sig-inner-newline": good, "sig-std-alphabet": f"{head}.{payload}.{plus}",
        "sig-trailing-bits": f"{part}.{trailing}", "sig-flip": f"{part}.{encode(flipped)}", "sig-zero": f"{part}.{encode(bytes(64))}",
        "payload-flip": good.split(".")[0] + "." + encode(text_of({**forge.claims, "is_service_account": True})) + "." + good.split(".")[2],
        "es-zero": f"{part}.{encode(bytes(64))}", "es-empty": f"{part}.", "es-der": f"{part}.{encode(forge.key.sign(text, der=True))}",
        "es-n": f"{part}.{encode(order + order)}", "es-65": f"{part}.{encode(bytes(1) + r + s)}", "es-63": f"{part}.{encode((r + s)[:63])}",
    }


def confusion_key(forge, case_id: str) -> bytes:
    return {"confusion-pem": forge.key.public_pem, "confusion-pem-trimmed": forge.key.public_pem.strip(),
            "confusion-der": forge.key.public_der, "confusion-pkcs1": b"\n" + forge.key.public_pem,
            "confusion-n": decode(forge.key.public_jwk()["x"]), "confusion-jwk": json.dumps(forge.key.public_jwk()).encode(),
            "confusion-ec": forge.key.public_der[-65:], "confusion-ed": decode(forge.key.public_jwk()["y"])}.get(case_id, forge.key.public_pem)


def mutation_of(forge, case_id: str) -> str:
    if case_id in (variants := signature_variants(forge)):
        return variants[case_id]
    header, payload = (parts_of(case_id) + (b"", b""))[:2] if CASES[case_id]["token"].count(".") >= 2 and not case_id.startswith("form") \
        else (b"", b"")
    kind = case_id.split("-")[0]
    if kind == "none":
        signature = None if case_id.endswith("with-sig") else b""
        return forge.token(our_header(forge, header), signature=signature)
    if kind == "confusion":
        digest = hashlib.sha512 if "hs512" in case_id else hashlib.sha256
        return forge.token(our_header(forge, header), signature=mac(confusion_key(forge, case_id), digest))
    if kind == "alg":
        return forge.token(our_header(forge, header))
    if kind == "key":
        return forge.token(our_header(forge, header), signature=mac(case_id.removeprefix("key-").encode()))
    if kind in ("kid", "embed", "crit", "b64", "zip", "enc", "cty", "typ"):
        return forge.token(with_our_algorithm(our_header(forge, header)))
    if kind == "dup" and "alg" in case_id:
        return forge.token(with_our_algorithm(our_header(forge, header)))
    if kind == "dup":
        name = {"dup-sub": "sub", "dup-exp": "exp", "dup-escaped": "sub"}[case_id]
        second = '"s\\u0075b"' if case_id == "dup-escaped" else json.dumps(name)
        return forge.token(claims=text_of(forge.claims)[:-1] + f", {second}: {json.dumps(forge.claims[name])}}}".encode())
    if kind == "payload":
        ours = text_of(forge.claims)
        changed = {"payload-trailing": ours + b"x", "payload-bom": b"\xef\xbb\xbf" + ours, "payload-utf16": ours.decode().encode("utf-16-le"),
                   "payload-badutf8": ours[:-1] + b', "x": "\xff"}', "payload-surrogate": ours[:-1] + b', "x": "\\ud800"}',
                   "payload-comment": ours[:-1] + b"/**/}", "payload-deep": ours[:-1] + b', "x": ' + b"[" * 2000 + b"]" * 2000 + b"}"}
        return forge.token(claims=changed.get(case_id, payload))
    if kind == "header":
        return forge.token(with_our_algorithm(our_header(forge, header)) if header else b"")
    if kind == "form":
        return {"form-bearer": "Bearer " + forge.token(), "form-comma": forge.token() + ", " + forge.token(),
                "form-nul": forge.token() + "%00"}.get(case_id, CASES[case_id]["token"])
    return forge.token(claims=text_of(our_claims(forge, payload)))


def test_s01_a_token_made_here_passes(world, forge):
    """Else every refusal below would prove nothing."""
    assert accepted(world, forge.token())["user"]["id"] == forge.claims["sub"]


@needs_set
@pytest.mark.parametrize("case_id", [case for case in CASES if case.startswith("ok-")])
def test_s04_accepted_ones(world, forge, case_id):
    header, payload = parts_of(case_id)
    token = forge.token(claims=text_of(our_claims(forge, payload)))
    refused(world, token) if case_id in REFUSED_HERE else accepted(world, token)


@needs_set
@pytest.mark.parametrize("case_id", [case for case in CASES if not case.startswith("ok-")])
def test_s01_s02_s03_s04_attack(world, forge, case_id):
    token = mutation_of(forge, case_id)
    if case_id in ("sig-newline", "sig-inner-newline"):  # a line break ends the header: HTTP refuses it
        from blackbox.raw_http import exchange, get, statuses
        broken = token + "\n" if case_id == "sig-newline" else token[:40] + "\n" + token[40:]
        assert statuses(exchange(world.server, get("/api/v1/auth/me", f"Authorization: Bearer {broken}"))) in ([400], [401])
        return
    with world.anonymous() as client:
        try:
            value = b"Bearer " + token.encode("utf-8")
            answer = client.get("/auth/me", headers={"Authorization": value})
        except Exception as error:  # what the client itself refuses to send
            assert "illegal" in str(error).lower() or "LocalProtocolError" in type(error).__name__, error
            return
    assert answer.status_code in (401, 400, 431), f"{case_id}: {CASES[case_id]['why']}: {answer.status_code}"
    if answer.status_code == 401:
        assert answer.json()["error"]["code"] in ("INVALID_TOKEN", "TOKEN_EXPIRED", "AUTHENTICATION_REQUIRED")


def test_s01_forgery_is_recorded_in_the_platform_tenant(world, forge):
    with world.anonymous() as client:
        request = client.get("/auth/me", headers={"Authorization": f"Bearer {forge.token(signature=bytes(64))}"}).headers["X-Request-ID"]
    rows = wait_until(lambda: [row for row in world.platform.audit("token.invalid") if row["request_id"] == request], "token.invalid", 5)
    assert rows[0]["actor_type"] == "system" and rows[0]["actor_details"].get("anonymous") is True


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "exp", "iat", "nbf", "jti", "type", "tenant_id", "tenant_code", "session_id",
                                  "is_service_account", "epoch", "amr", "auth_time"])
def test_s04_every_claim_must_be_there(world, forge, name):
    refused(world, forge.token(claims={name: ABSENT}))


@pytest.mark.parametrize("change", [
    {"iss": "https://elsewhere.example"}, {"iss": "https://sentinel.example/"}, {"iss": None}, {"aud": "other"}, {"aud": ["sentinel"]},
    {"aud": ""}, {"type": "refresh"}, {"type": "Access"}, {"type": ["access"]}, {"sub": "x"}, {"sub": 1}, {"jti": ""}, {"epoch": -1},
    {"epoch": "0"}, {"epoch": 0.5}, {"tenant_id": "x"}, {"is_service_account": "false"}, {"is_service_account": 1}, {"amr": "pwd"},
    {"exp": "9999999999"}, {"exp": 1e300}, {"exp": 2**63}, {"exp": True}, {"iat": None}, {"nbf": 2**53},
    {"session_id": None}, {"scope": 7}, {"roles": "auditor"},
])
def test_s04_wrong_claims(world, forge, change):
    refused(world, forge.token(claims=change))


def test_s04_genuine_but_long_past_its_end(world, forge):
    refused(world, forge.token(claims={"exp": -1}), "TOKEN_EXPIRED")


def test_s04_of_another_tenant_or_kind_of_subject(world, forge, other):
    """A right signature over claims that do not belong together."""
    stranger = other.person("viewer")
    for change in ({"tenant_id": other.id}, {"sub": stranger.id}, {"tenant_id": other.id, "sub": stranger.id, "tenant_code": other.code},
                   {"session_id": forge.claims["jti"]}):
        token = forge.token(claims=change)
        with world.anonymous() as client:
            answer = client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
        if answer.status_code == 200:  # a session id that no one has ended is not looked up: page 02 rule 2 refuses ended ones
            assert set(change) in ({"session_id"}, {"sub", "tenant_id", "tenant_code"}), change
        else:
            error_of(answer, 401, "INVALID_TOKEN")


def test_s04_one_kind_of_token_at_each_door(world, tenant):
    person = tenant.new_person(["viewer"])
    tokens = person.login()
    account = tenant.new_account(["viewer"])
    refused(world, tokens["refresh_token"])
    refused(world, account.key)
    with world.anonymous() as client:
        for wrong in (tokens["access_token"], account.key, account.token()):
            error_of(client.post("/auth/refresh", json={"refresh_token": wrong}), 401, "INVALID_TOKEN")
        for wrong in (tokens["access_token"][:120], tokens["refresh_token"]):
            error_of(client.post("/auth/service-account/token", json={"api_key": wrong, "tenant_code": tenant.code}), 401, "SERVICE_ACCOUNT_INVALID")
    ok(client_with(world, tokens["access_token"]).get("/auth/me"))


def client_with(world, token):
    return world.client_for(token)


def test_s02_signed_by_another_key_of_the_same_kind(world, forge):
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    for curve in (ec.SECP256R1(), ec.SECP256K1(), ec.SECP384R1()):
        key = ec.generate_private_key(curve)
        size = (curve.key_size + 7) // 8

        def sign(text, key=key, size=size):
            r, s = decode_dss_signature(key.sign(text, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")

        refused(world, forge.token(signature=sign))


def test_s03_kid_is_looked_up_nowhere(world, forge, server):
    """No file of that name is opened and no statement carries it."""
    trap = Path(server.folder) / unique("key-trap-")
    trap.write_bytes(b"secret")
    for kid in (str(trap), f"../../{trap.name}", "'; drop table users; --", "k" * 10_000, "a\x00b"):
        token = forge.token(header={"kid": kid}, signature=mac(b"secret"))
        with world.anonymous(new_address()) as client:
            answer = client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in (401, 431)
    assert trap.stat().st_atime_ns <= trap.stat().st_mtime_ns + 10**9
