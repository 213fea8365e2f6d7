"""S06: reuse of refresh tokens, one after the other and at once; refresh against revoke."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from blackbox.server import IS_LONG
from blackbox.sessions import refresh
from blackbox.world import error_of, ok


def is_dead(world, tokens) -> None:
    error_of(world.client_for(tokens["access_token"]).get("/auth/me"), 401, "INVALID_TOKEN")
    error_of(refresh(world, tokens["refresh_token"]), 401, "INVALID_TOKEN")


def test_s06_reuse_ends_the_family(world, tenant):
    one = tenant.new_person().login()
    two = ok(refresh(world, one["refresh_token"]))
    three = ok(refresh(world, two["refresh_token"]))
    answer = refresh(world, one["refresh_token"])
    error_of(answer, 401, "INVALID_TOKEN")
    for tokens in (one, two, three):
        is_dead(world, tokens)
    records = [row for row in tenant.audit("token.reuse_detected") if row["request_id"] == answer.headers["X-Request-ID"]]
    assert len(records) == 1, "in its transaction, not in a batch"
    assert records[0]["risk_score"] == 0.8
    ended = world.server.rows("select end_reason from sentinel.sessions where id = %s", one["session_id"])
    assert ended[0]["end_reason"] == "reuse"


def test_s06_other_sessions_of_the_person_live_on(world, tenant):
    person = tenant.new_person()
    victim, bystander = person.login(), person.login()
    ok(refresh(world, victim["refresh_token"]))
    refresh(world, victim["refresh_token"])
    ok(world.client_for(bystander["access_token"]).get("/auth/me"))
    ok(refresh(world, bystander["refresh_token"]))


@pytest.mark.parametrize("_", range(5))
def test_s06_eight_at_once(world, tenant, _):
    tokens = tenant.new_person().login()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: refresh(world, tokens["refresh_token"]), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    is_dead(world, winner)
    is_dead(world, tokens)


def test_s06_revoke_wins_over_refresh(world, tenant):
    """Whichever commits first: afterwards nothing of the session lives."""
    person = tenant.new_person()
    survivors = 0
    with ThreadPoolExecutor(2) as pool:
        for _ in range(1000 if IS_LONG else 40):
            tokens = person.login()

            def revoke(token=tokens):
                with world.anonymous() as client:
                    return client.post("/auth/revoke", json={"token": token["refresh_token"], "token_type": "refresh_token"})

            racing = pool.submit(refresh, world, tokens["refresh_token"])
            revoking = pool.submit(revoke)
            answer = racing.result()
            ok(revoking.result())
            latest = answer.json() if answer.status_code == 200 else tokens
            if world.client_for(latest["access_token"]).get("/auth/me").status_code == 200:
                survivors += 1
            if refresh(world, latest["refresh_token"]).status_code == 200:
                survivors += 1
    assert survivors == 0


def test_s06_altered_tokens(world, tenant):
    token = tenant.new_person().login()["refresh_token"]
    for place in (4, 20, 30, 60, len(token) - 2):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1:]
        error_of(refresh(world, changed), 401, "INVALID_TOKEN")
    ok(refresh(world, token))


def test_s06_token_of_another_tenant_in_the_body_is_recorded(world, tenant, other):
    """The body names its tenant; with another tenant's id in it, it is as unknown as any."""
    from blackbox.own_tokens import decode, encode
    import uuid

    token = tenant.new_person().login()["refresh_token"]
    body = decode(token[4:])
    moved = "srt_" + encode(uuid.UUID(other.id).bytes + body[16:])
    error_of(refresh(world, moved), 401, "INVALID_TOKEN")
