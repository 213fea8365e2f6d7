"""What the token cases share: tokens of one person, and what a refusal is."""

from blackbox.own_tokens import Forge
from blackbox.world import error_of, ok


def forge_of(world, tenant) -> Forge:
    return Forge(world.server, tenant.new_person(["auditor"]).login()["access_token"])


def refused(world, token: str, code: str = "INVALID_TOKEN") -> None:
    """On a read, on a write, and as the token of /auth/me."""
    with world.anonymous() as client:
        headers = {"Authorization": b"Bearer " + token.encode("utf-8", "surrogateescape")}
        for answer in (client.get("/auth/me", headers=headers), client.post("/users", json={}, headers=headers)):
            error_of(answer, 401, code)


def accepted(world, token: str) -> dict:
    with world.anonymous() as client:
        return ok(client.get("/auth/me", headers={"Authorization": f"Bearer {token}"}))
