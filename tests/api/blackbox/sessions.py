"""What the tests of sessions share."""

import base64
import json

from .world import Client


def claims_of(token: str) -> dict:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def header_of(token: str) -> dict:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))


def refresh(world, token: str):
    with world.anonymous() as client:
        return client.post("/auth/refresh", json={"refresh_token": token})


def client_of(world, tokens: dict) -> Client:
    return world.client_for(tokens["access_token"])
