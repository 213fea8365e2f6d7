"""Limits, time-outs, pipelining, overload and the graceful stop, over raw sockets."""

import json
import select
import socket
import threading

import pytest

from conftest import parse_answers, read_to_end, send

GET = b"GET /plain HTTP/1.1\r\nHost: a\r\n\r\n"
CLOSE = b"GET /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def request(path, *fields, method="GET", body=b""):
    head = f"{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + "".join(f"{field}\r\n" for field in fields)
    return head.encode() + b"\r\n" + body


def only(answers):
    assert len(answers) == 1, answers
    return answers[0]


def seen(server, text):
    status, _, body = only(parse_answers(server.exchange(text)))
    assert status == 200, body
    return json.loads(body)


def read_one(client):
    """One answer from a connection that stays open."""
    text = b""
    while True:
        part = client.recv(65536)
        assert part, f"closed after {text!r}"
        text += part
        head, separator, rest = text.partition(b"\r\n\r\n")
        if separator and b"Content-Length" in head:
            size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            if len(rest) >= size:
                return only(parse_answers(text))


def test_pipelined_requests_are_answered_in_order(start):
    server = start()
    text = b"".join(b"GET /sleep/%d HTTP/1.1\r\nHost: a\r\nX-Request-ID: n%d\r\n\r\n" % (5 if n % 10 == 0 else 0, n) for n in range(200))
    answers = parse_answers(server.exchange(text + CLOSE))
    assert [answer[1]["x-request-id"] for answer in answers[:200]] == [f"n{n}" for n in range(200)]
    assert len(answers) == 201


def test_bodies_of_every_delivery_are_read_the_same(start):
    server = start()
    body = b'"' + b"x" * 20000 + b'"'
    plain = request("/a", f"Content-Length: {len(body)}", method="POST", body=body)
    parts = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 777]), body[i:i + 777]) for i in range(0, len(body), 777)) + b"0\r\n\r\n"
    chunked = request("/a", "Transfer-Encoding: chunked", method="POST", body=parts)
    for text in (plain, chunked):
        for pieces in (None, 1000, 37):
            answer = only(parse_answers(server.exchange(text, pieces)))
            assert json.loads(answer[2])["body"] == body.decode()


def test_limits_at_their_edge(start):
    server = start()
    line = "GET /%s HTTP/1.1"
    for size, status in ((8192, 200), (8193, 414)):
        text = (line % ("a" * (size - len(line % "")))).encode() + b"\r\nHost: a\r\nConnection: close\r\n\r\n"
        assert only(parse_answers(server.exchange(text)))[0] == status
    for count, status in ((98, 200), (99, 431)):  # and Host, Connection
        assert only(parse_answers(server.exchange(request("/plain", *[f"X-{n}: a" for n in range(count)]))))[0] == status
    fixed = len(b"Host: a\r\nConnection: close\r\nX: \r\n")
    for size, status in ((16384, 200), (16385, 431)):
        assert only(parse_answers(server.exchange(request("/plain", "X: " + "a" * (size - fixed)))))[0] == status
    mebibyte = 1024 * 1024
    for path, size, status in (("/plain", mebibyte, 200), ("/plain", mebibyte + 1, 413), ("/import", mebibyte + 1, 200)):
        text = request(path, f"Content-Length: {size}", method="POST", body=b"x" * size)
        assert only(parse_answers(server.exchange(text)))[0] == status
        chunk = b"%x\r\n%s\r\n0\r\n\r\n" % (size, b"x" * size)
        assert only(parse_answers(server.exchange(request(path, "Transfer-Encoding: chunked", method="POST", body=chunk))))[0] == status


def test_expect_continue_is_answered_before_the_body(start):
    server = start()
    with server.connect() as client:
        client.sendall(request("/a", "Expect: 100-continue", "Content-Length: 2", method="POST"))
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"{}")
        assert only(parse_answers(read_to_end(client)))[0] == 200
    too_large = request("/a", "Expect: 100-continue", "Content-Length: 2000000", method="POST")
    assert only(parse_answers(server.exchange(too_large)))[0] == 413
    assert only(parse_answers(server.exchange(request("/a", "Expect: tea"))))[0] == 400


@pytest.mark.parametrize("target, status", [
    ("/a/%2e%2E/b", 400), ("/a//b", 400), ("/a/./b", 400), ("/..", 400), ("/a%2fb", 400), ("/a%5Cb", 400), ("/a%00", 400),
    ("/?a=%00", 400), ("/%ff", 400), ("/a%0ab", 400), ("/caf%C3%A9", 200), ("/a/", 200), ("/a?b=%2f//..", 200), ("*", 400),
    ("/a%2", 400), ("/a%zz", 400), ("/...", 200), ("/a?x[y]=1", 200)])
def test_targets(start, target, status):
    assert only(parse_answers(start().exchange(request(target))))[0] == status


def test_head_has_the_fields_of_get_and_no_body(start):
    server = start()
    text = server.exchange(request("/plain", method="HEAD"))
    assert text.endswith(b"\r\n\r\n") and b"Content-Length: 2\r\n" in text
    refused = server.exchange(request("/a//b", method="HEAD"))
    assert refused.startswith(b"HTTP/1.1 400 ") and refused.endswith(b"\r\n\r\n")


def test_s39_a_failure_says_nothing_of_its_cause(start):
    server = start()
    status, fields, body = only(parse_answers(server.exchange(request("/throw", "X-Request-ID: mine"))))
    assert status == 500 and fields["x-request-id"] == "mine"
    assert json.loads(body)["error"] == {"code": "INTERNAL_ERROR", "details": {}, "message": json.loads(body)["error"]["message"]}
    assert b"SELECT" not in body and b"/etc" not in body


def test_request_id_is_taken_only_when_sound(start):
    server = start()
    for given in ("a" * 65, "a b", "<x>", ""):
        _, fields, _ = only(parse_answers(server.exchange(request("/plain", f"X-Request-ID: {given}"))))
        assert fields["x-request-id"] != given and len(fields["x-request-id"]) == 36


def test_s35_forwarding_headers_only_from_trusted_peers(start):
    stranger, friend = start(), start(trusted="127.0.0.0/8")
    given = "X-Forwarded-For: 198.51.100.7, 203.0.113.9, 127.0.0.5"
    assert seen(stranger, request("/a", given))["client"] == "127.0.0.1"
    result = seen(friend, request("/a", given, "X-Forwarded-Proto: https"))
    assert (result["client"], result["secure"]) == ("203.0.113.9", True)
    assert seen(friend, request("/a", "X-Forwarded-For: 203.0.113.9, junk"))["client"] == "127.0.0.1"
    assert seen(friend, request("/a", 'Forwarded: for="[2001:db8::1]:99";proto=https'))["client"] == "2001:db8::1"
    assert seen(friend, request("/a", "X-Forwarded-For: 203.0.113.9", "Forwarded: for=203.0.113.10"))["client"] == "127.0.0.1"


def test_s35_cors_names_exact_origins_only(start):
    server = start(origin="https://app.example")
    ask = ("Origin: https://app.example", "Access-Control-Request-Method: POST")
    status, fields, _ = only(parse_answers(server.exchange(request("/plain", *ask, method="OPTIONS"))))
    assert status == 204 and fields["access-control-allow-origin"] == "https://app.example"
    assert fields["access-control-allow-methods"] == "GET, HEAD, POST, OPTIONS" and fields["access-control-max-age"] == "600"
    for origin in ("null", "https://app.example.evil", "http://app.example", "*"):
        _, fields, _ = only(parse_answers(server.exchange(request("/plain", f"Origin: {origin}"))))
        assert "access-control-allow-origin" not in fields and fields["vary"] == "Origin"


def test_s22_slow_heads_bodies_and_idle_connections_end(start):
    server = start(header_time=200, request_time=400, idle_time=200)
    with server.connect() as idle, server.connect() as head, server.connect() as body, server.connect() as kept:
        head.sendall(b"GET / HT")
        body.sendall(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n123")
        kept.sendall(GET)
        assert read_to_end(idle) == b""
        assert only(parse_answers(read_to_end(head)))[0] == 408
        assert only(parse_answers(read_to_end(body)))[0] == 408
        assert only(parse_answers(read_to_end(kept)))[0] == 200


def test_s22_a_dripping_head_ends_although_bytes_keep_coming(start):
    server = start(header_time=300)
    with server.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nX: ")
        while not select.select([client], [], [], 0.02)[0]:
            send(client, b"a")
        assert only(parse_answers(read_to_end(client)))[0] == 408


def test_s22_a_reader_that_stops_reading_is_cut_off(start):
    server = start(write_time=200)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(20)
        client.connect(("127.0.0.1", server.port))
        client.sendall(request("/bytes/50000000"))
        poll = select.poll()
        poll.register(client, select.POLLRDHUP)
        assert poll.poll(15000), "the server holds on"


def test_a_handler_past_the_request_time_is_cancelled(start):
    server = start(request_time=200)
    assert only(parse_answers(server.exchange(request("/sleep/60000"))))[0] == 503


def test_too_many_requests_at_once_are_told_so(start):
    server = start(workers=1, requests_in_progress=1)
    with server.connect() as busy, server.connect() as other:
        busy.sendall(b"GET /sleep/1000 HTTP/1.1\r\nHost: a\r\n\r\n")
        for _ in range(1000):
            other.sendall(GET)
            status, fields, _ = read_one(other)
            if status == 503:
                break
        assert status == 503 and fields["retry-after"] == "1" and "connection" not in fields
        assert read_one(busy)[0] == 200
        other.sendall(GET)
        assert read_one(other)[0] == 200


def test_connection_caps_leave_the_management_listener_free(start):
    server = start(connections=5)
    clients = [server.connect() for _ in range(5)]
    for client in clients:
        client.sendall(GET)
        assert read_one(client)[0] == 200
    status, fields, _ = only(parse_answers(server.exchange(b"")))
    assert status == 503 and fields["retry-after"] == "1"
    with server.connect(server.management_port) as management:
        management.sendall(request("/a"))
        assert json.loads(only(parse_answers(read_to_end(management)))[2])["management"]
    for client in clients:
        client.close()


def test_the_cap_of_one_address(start):
    server = start(connections_per_address=2)
    with server.connect() as first, server.connect() as second:
        for client in (first, second):
            client.sendall(GET)
            assert read_one(client)[0] == 200
        assert only(parse_answers(server.exchange(b"")))[0] == 503


def test_no_descriptors_left_neither_ends_nor_spins(start):
    server = start(descriptors=40, workers=1)
    clients = [server.connect() for _ in range(60)]
    for client in clients:
        client.sendall(CLOSE)
    statuses = [parse_answers(read_to_end(client)) for client in clients]
    assert all(len(answers) <= 1 for answers in statuses)
    assert sum(1 for answers in statuses if answers and answers[0][0] == 200) >= 20
    for client in clients:
        client.close()
    assert only(parse_answers(server.exchange(CLOSE)))[0] == 200


def test_a_thousand_connections(start):
    server = start()
    clients = [server.connect() for _ in range(1000)]
    for client in clients:
        client.sendall(GET)
    assert all(read_one(client)[0] == 200 for client in clients)
    for client in clients:
        client.sendall(CLOSE)
    assert all(only(parse_answers(read_to_end(client)))[0] == 200 for client in clients)


def test_sigterm_under_load_answers_every_request_sent(start):
    server = start()
    begun = threading.Barrier(9)
    lost, answered = [], []

    def load(keeps):
        waiting = True
        while True:
            try:
                client = server.connect()
            except ConnectionRefusedError:
                return  # the listener is closed: nothing was sent
            with client:
                while True:
                    try:
                        client.sendall(GET if keeps else CLOSE)
                        status, fields, _ = read_one(client)
                    except (ConnectionError, AssertionError) as error:
                        return lost.append(repr(error))
                    answered.append(status)
                    if waiting:
                        begun.wait()
                        waiting = False
                    if "connection" in fields:
                        break

    threads = [threading.Thread(target=load, args=(n % 2 == 0,)) for n in range(8)]
    for thread in threads:
        thread.start()
    begun.wait()
    server.terminate()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert lost == [] and set(answered) == {200}
    assert server.stop()[0] == 0


def test_sigterm_answers_what_is_pipelined_and_what_runs(start):
    server = start()
    with server.connect() as client, server.connect() as late:
        client.sendall(b"GET /sleep/200 HTTP/1.1\r\nHost: a\r\n\r\n" + GET * 50)
        late.sendall(b"GET /sleep/200 HTTP/1.1\r\nHost: a\r\n\r\n")
        seen(server, request("/a"))  # both are being handled by now
        server.terminate()
        answers = parse_answers(read_to_end(client))
        assert [answer[0] for answer in answers] == [200] * 51
        assert ["connection" in answer[1] for answer in answers] == [False] * 50 + [True]
        assert only(parse_answers(read_to_end(late)))[1]["connection"] == "close"


def test_sigterm_does_not_wait_longer_than_its_patience(start):
    server = start(patience=200)
    with server.connect() as client:
        client.sendall(b"GET /sleep/60000 HTTP/1.1\r\nHost: a\r\n\r\n")
        seen(server, request("/a"))
        server.terminate()
        assert only(parse_answers(read_to_end(client)))[0] == 503
    assert server.process.wait(10) == 0
