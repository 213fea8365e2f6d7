"""Checks a tenant's audit chain as someone outside would: page 12 rule 5, in a second implementation."""

import hashlib
import json
import math
import struct
from datetime import datetime, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def number_text(value: float) -> str:
    """As ECMAScript writes it, for what occurs in records: whole numbers and short fractions."""
    if isinstance(value, int) or (math.isfinite(value) and value == int(value) and abs(value) < 2**53):
        return str(int(value))
    return repr(value)


def canonical(value) -> str:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number_text(value)
    return json.dumps(value, ensure_ascii=False)


def part(kind: bytes, value: bytes) -> bytes:
    return kind + struct.pack(">I", len(value)) + value


def digest_of(row: dict) -> bytes:
    def uuid_part(value):
        return part(b"n", b"") if value is None else part(b"u", value.bytes)

    def text_part(value):
        return part(b"n", b"") if value is None else part(b"t", value.encode())

    def json_part(value):
        return part(b"n", b"") if value is None else part(b"j", canonical(value).encode())

    def double_part(value):
        return part(b"n", b"") if value is None else part(b"d", struct.pack(">d", value))

    parts = [uuid_part(row["tenant_id"]), uuid_part(row["id"]), uuid_part(row["actor_id"]), text_part(row["actor_type"]),
             json_part(row["actor_details"]), text_part(row["action"]), text_part(row["resource_type"]), text_part(row["resource_id"]),
             json_part(row["resource_details"]), json_part(row["changes"]), text_part(row["result"]), text_part(row["error_details"]),
             json_part(row["security_context"]), double_part(row["risk_score"]), text_part(row["request_id"]), json_part(row["metadata"])]
    return hashlib.sha256(b"sentinel-audit-v1" + b"".join(parts)).digest()


def problems_of(rows: list[dict], head: dict | None) -> list[str]:
    """What is wrong with the chain of one tenant; rows in order of seq."""
    problems, previous = [], bytes(32)
    for expected, row in enumerate(rows, 1):
        if row["seq"] != expected:
            problems.append(f"seq {row['seq']} where {expected} is due")
            break
        micros = (row["created_at"] - EPOCH) // (EPOCH.resolution)
        if row["prev_hash"] != previous:
            problems.append(f"seq {expected}: prev_hash is not the hash before")
        if row["digest"] != digest_of(row):
            problems.append(f"seq {expected}: digest does not fit the columns ({row['action']})")
        previous = hashlib.sha256(row["prev_hash"] + struct.pack(">qq", expected, micros) + row["digest"]).digest()
        if row["row_hash"] != previous:
            problems.append(f"seq {expected}: row_hash does not fit")
    if rows and (head is None or head["number"] != len(rows) or head["hash"] != rows[-1]["row_hash"]):
        problems.append("the head is not the last record")
    return problems


def check_all(server) -> int:
    """Every chain of the server; how many records were checked."""
    rows = server.rows("select * from sentinel.audit_logs order by tenant_id, seq")
    heads = {head["tenant_id"]: head for head in server.rows("select * from sentinel_private.audit_head")}
    chains: dict = {}
    for row in rows:
        chains.setdefault(row["tenant_id"], []).append(row)
    found = {str(tenant): problems for tenant, chain in chains.items() if (problems := problems_of(chain, heads.get(tenant)))}
    assert not found, found
    return len(rows)
