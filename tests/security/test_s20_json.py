"""S20: JSON that breaks parsers, sent to typed endpoints. A process that dies fails every test after it."""

import base64
import json
import time

import pytest

from blackbox.server import ROOT
from blackbox.world import error_of, faults_of, ok

VECTORS = ROOT.parent / "shared/vectors"


def cases(name):
    path = VECTORS / name
    return json.loads(path.read_text("utf-8"))["cases"] if path.exists() else []


def bytes_of(case) -> bytes:
    if "base64" in case:
        return base64.b64decode(case["base64"])
    return base64.b64decode(case["repeat_base64"]) * case["repeat"] + base64.b64decode(case.get("tail_base64", ""))


def inside(value: bytes) -> bytes:
    """As the free part of a document that is otherwise right."""
    return b'{"preferences":{"x":' + value + b"}}"


@pytest.fixture(scope="module")
def client(tenant):
    return tenant.new_person().fresh_client()


def test_s20_grammar(client):
    """Each text of the set alone and inside of a document."""
    for case in cases("json/jsontestsuite_parsing.json"):
        text = bytes_of(case)
        if not text or len(text) > 900_000:  # an empty body is none, which is another fault
            continue
        for body in (text, inside(text)):
            answer = client.send_body("PATCH", "/users/me", body)
            assert answer.status_code in (200, 400, 413), f"{case['name']}: {answer.status_code}"
            if case["expect"] == "reject" and body is text:
                error_of(answer, 400, "MALFORMED_REQUEST")
        if case["expect"] == "accept" and len(text) < 60_000:
            kind = answer.json()["error"]["code"] if answer.status_code == 400 else "ok"
            assert kind in ("ok", "VALIDATION_ERROR", "MALFORMED_REQUEST"), case["name"]


def test_s20_values_that_parsers_change_silently(client):
    """What is taken is given back as it was meant, or refused."""
    for case in cases("json/jsontestsuite_transform.json"):
        answer = client.send_body("PATCH", "/users/me", inside(bytes_of(case)))
        assert answer.status_code in (200, 400), case["name"]


@pytest.mark.parametrize("case", cases("json/object_traps.json"), ids=lambda case: case["why"])
def test_s20_traps(client, case):
    answer = client.send_body("PATCH", "/users/me", inside(case["text"].encode("utf-8", "surrogatepass")))
    assert answer.status_code in (200, 400), answer.text
    if "twice" in case["why"] and not case["why"].startswith("member twice in"):
        error_of(answer, 400, "MALFORMED_REQUEST")


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e-400", "9007199254740992", "-9007199254740993", "1E+2147483648",
                                    "123456789012345678901234567890", "NaN", "Infinity", "01", "+1", ".5", "1.", "0x10", "- 1"])
def test_s20_numbers(client, number):
    answer = client.send_body("PATCH", "/users/me", inside(number.encode()))
    if number == "1e-400":
        assert answer.status_code in (200, 400)
    else:
        assert answer.status_code == 400, answer.text


def test_s20_minus_zero(client):
    answer = client.send_body("PATCH", "/users/me", inside(b"-0"))
    assert answer.status_code == 200 and answer.json()["preferences"]["x"] == 0


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b"[{", b'[{"a":['])
@pytest.mark.parametrize("depth", [33, 1000, 100_000])
def test_s20_depth(client, opening, depth):
    body = opening * depth
    start = time.perf_counter()
    answer = client.send_body("PATCH", "/users/me", body[:1_000_000])
    assert time.perf_counter() - start < 2
    error_of(answer, 400, "MALFORMED_REQUEST")


def test_s20_depth_that_is_allowed(client):
    """Documents end at 16, bodies at 32."""
    ok(client.send_body("PATCH", "/users/me", b'{"preferences":' + b'{"a":' * 15 + b"1" + b"}" * 15 + b"}"))
    faults = faults_of(client.send_body("PATCH", "/users/me", b'{"preferences":' + b'{"a":' * 20 + b"1" + b"}" * 20 + b"}"))
    assert {rule for _, rule in faults} == {"depth"}


def test_s20_size(client):
    error_of(client.send_body("PATCH", "/users/me", b" " * (1024 * 1024 + 1)), 413, "PAYLOAD_TOO_LARGE")
    answer = client.send_body("PATCH", "/users/me", b'{"preferences":{"a":"' + b"x" * 1_000_000 + b'"}}')
    assert ("/preferences", "size") in faults_of(answer)
    many = json.dumps({"preferences": {f"m{number}": 1 for number in range(40_000)}}).encode()
    faults_of(client.send_body("PATCH", "/users/me", many))


def test_s20_a_length_that_is_not_sent_costs_nothing(world):
    """100 MB announced: refused before they come."""
    from blackbox.raw_http import exchange, statuses

    request = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n{"
    assert statuses(exchange(world.server, request)) == [413]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "",
                                          "application/json, text/plain", "multipart/form-data", "application/jsonx", "*/*"])
def test_s20_content_type(client, content_type):
    answer = client.send_body("PATCH", "/users/me", b"{}", content_type)
    error_of(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8",
                                          'application/json; charset="utf-8"', "application/merge-patch+json"])
def test_s20_content_type_that_is_right(client, content_type):
    ok(client.send_body("PATCH", "/users/me", b'{"preferences":{"a":1}}', content_type))


def test_s20_uuids_of_the_set(tenant):
    path = VECTORS / "ids/uuid.json"
    rows = json.loads(path.read_text("utf-8")) if path.exists() else {"valid": [], "invalid": []}
    client = tenant.client()
    for row in rows["valid"]:
        answer = client.get("/service-accounts", params={"owner_id": row["text"]})
        assert answer.status_code in (200, 400), row
    for row in rows["invalid"]:
        assert client.get("/service-accounts", params={"owner_id": row["text"]}).status_code == 400, row


def test_s20_times_of_the_set(tenant):
    path = VECTORS / "time/rfc3339.json"
    rows = json.loads(path.read_text("utf-8")) if path.exists() else {"valid": [], "invalid": []}
    client = tenant.client()
    for row in rows["valid"]:
        answer = client.get("/users", params={"from_created_at": row["text"]})
        assert answer.status_code in (200, 400), row
    for row in rows["invalid"]:
        assert client.get("/users", params={"from_created_at": row["text"]}).status_code == 400, row


def test_s20_the_process_lives(world, server):
    assert server.process.poll() is None
    with world.anonymous() as client:
        ok(client.outside("/health/live"))
