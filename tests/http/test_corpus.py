"""Cases S21 and S35: the request corpora of ../shared/vectors/http, whole and byte by byte."""

import base64
import json
from pathlib import Path

import pytest

from conftest import ROOT, Server, parse_answers, read_to_end, send

SETS = ROOT.parent / "shared" / "vectors" / "http"
pytestmark = pytest.mark.skipif(not SETS.exists(), reason=f"no conformance data at {SETS}")

SOUND = {200, 201, 204, 401, 403, 404, 405, 415, 422}
# Answered differently on purpose: the page wins over the set.
ON_PURPOSE = {
    "ok-10": (400, "page 00 section 1: the listener speaks HTTP/1.1"),
    "ok-absolute": (400, "S21: the absolute form is refused"),
    "line-http12": (400, "page 00 section 1: HTTP/1.1 alone"),
}


def rows(name):
    path = SETS / name
    return json.loads(path.read_text())["cases"] if path.exists() else []


@pytest.fixture(scope="module")
def server():
    server = Server(header_time=300, request_time=600, idle_time=300, connections_per_address=10000)
    yield server
    code, complaints = server.stop()
    assert code == 0 and "Sanitizer" not in complaints and "runtime error" not in complaints, complaints


def fits(expected, answers):
    status = answers[0][0] if answers else None
    if expected == "ok":
        return status in SOUND
    if expected in ("close", "wait"):
        return status is None
    if expected == "4xx":
        return status is not None and 400 <= status < 500
    if expected == "5xx":
        return status in (501, 505)
    return status == int(expected)


def without_added_part(request):
    """The same request without the trust header, trailer or named option: its last field line before the empty line."""
    head, _, rest = request.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    if b"Transfer-Encoding: chunked" in lines:
        return head + b"\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    return b"\r\n".join(line for line in lines if line.startswith((b"GET", b"POST", b"Host"))) + b"\r\n\r\n" + rest


@pytest.mark.parametrize("pieces", [None, 1], ids=["whole", "bytewise"])
@pytest.mark.parametrize("row", rows("attack_requests.json"), ids=lambda row: row["id"])
def test_s21_attack_request(server, row, pieces):
    request = base64.b64decode(row["request_base64"])
    if pieces and len(request) > 4096:
        pieces = 512
    answers = parse_answers(server.exchange(request, pieces), request.startswith(b"HEAD"))
    assert len(answers) <= row.get("max_responses", row.get("responses", 2)), answers
    if "responses" in row:
        assert len(answers) == row["responses"]
    if row["id"] in ON_PURPOSE:
        assert answers[0][0] == ON_PURPOSE[row["id"]][0]
        return
    if row["expect"] == ["same"]:
        plain = parse_answers(server.exchange(without_added_part(request)))
        assert [answer[0] for answer in answers] == [answer[0] for answer in plain]
        return
    assert any(fits(expected, answers) for expected in row["expect"]), (row["expect"], answers)
    if answers and answers[0][0] in (400, 413, 414, 431, 501):
        assert len(answers) == 1 and answers[0][1]["connection"] == "close"
        check_error(answers[0])


def check_error(answer):
    status, fields, body = answer
    parsed = json.loads(body)
    assert set(parsed) == {"error", "meta"} and set(parsed["error"]) == {"code", "message", "details"}
    assert parsed["meta"]["request_id"] == fields["x-request-id"]
    assert "server" not in fields and fields["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("row", rows("llhttp_requests.json"), ids=lambda row: f"{row['file']}: {row['name']}"[:90])
def test_s21_llhttp_request(server, row):
    request = base64.b64decode(row["request_base64"])
    answers = parse_answers(server.exchange(request), request.startswith(b"HEAD"))
    if row["expect"] == "reject":
        # A message before the fault may be answered; the faulty one is refused or left without an answer.
        sound = [answer for answer in answers if answer[0] < 400]
        assert len(sound) <= row["messages"], answers
    assert all(answer[0] < 600 for answer in answers)
    assert all(answer[0] not in (500, 502) for answer in answers)


def test_s21_trailing_request_is_never_answered_after_a_refusal(server):
    refused = b"POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    follower = b"GET /plain HTTP/1.1\r\nHost: a\r\n\r\n"
    with server.connect() as client:
        send(client, refused + follower)
        answers = parse_answers(read_to_end(client))
    assert [answer[0] for answer in answers] == [400]
