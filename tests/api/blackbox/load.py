"""Writers that note what was acknowledged, and what must be true of the database afterwards."""

import random
import threading
import uuid

import httpx

from .audit_chain import check_all
from .routes import role_id_of
from .server import Server
from .transport import PromptTransport
from .world import Tenant, unique


class WriteLoad:
    """Threads that create, change and delete people of some tenants until they are told to stop."""

    def __init__(self, server: Server, tenants: list[Tenant], token: str, threads: int = 4):
        self.server, self.tenants, self.token = server, tenants, token
        self.roles = {tenant.id: role_id_of(tenant, "viewer") for tenant in tenants}
        self.acknowledged: list[dict] = []
        self.refused = 0
        self.unexpected: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(number,), daemon=True) for number in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads), "a writer hangs"

    def _write(self, number: int) -> None:
        chance = random.Random(number)
        with httpx.Client(base_url=f"{self.server.url}/api/v1", timeout=20, transport=PromptTransport()) as client:
            while not self._stop.is_set():
                tenant = chance.choice(self.tenants)
                client.headers = {"Authorization": f"Bearer {self.token}", "X-Tenant-ID": tenant.id, "X-Forwarded-For": f"10.77.0.{number + 1}"}
                try:
                    self._one_life(client, tenant, chance)
                except httpx.TransportError:
                    self._stop.wait(0.02)  # the server is away

    def _send(self, client, tenant, action: str, method: str, path: str, body, subject: str | None = None) -> dict | None:
        request = str(uuid.uuid4())
        answer = client.request(method, path, json=body, headers={"X-Request-ID": request}) if body is not None else \
            client.request(method, path, headers={"X-Request-ID": request})
        if answer.status_code == 503:
            self.refused += 1
            self._stop.wait(0.02)
            return None
        if answer.status_code not in (200, 201, 204):
            # After an answer that was lost the subject may be further than we know.
            self.unexpected.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            return None
        made = answer.json() if answer.content else {}
        self.acknowledged.append({"tenant": tenant.id, "request": request, "action": action, "subject": made.get("id", subject),
                                  "revision": answer.headers.get("X-Policy-Revision")})
        return made or {"id": subject}

    def _one_life(self, client, tenant, chance) -> None:
        made = self._send(client, tenant, "user.create", "POST", "/users", {"email": f"{unique('load')}@x.example", "roles": ["viewer"]})
        if made is None:
            return
        path = f"/users/{made['id']}"
        if not self._send(client, tenant, "user.update", "PATCH", path, {"attributes": {"n": chance.random()}}, made["id"]):
            return
        if chance.random() < 0.5:
            if not self._send(client, tenant, "role.unassign", "DELETE", f"{path}/roles/{self.roles[tenant.id]}", None, made["id"]):
                return
        if chance.random() < 0.5:
            self._send(client, tenant, "user.delete", "DELETE", path, None, made["id"])


def check_nothing_lost(server: Server, acknowledged: list[dict]) -> None:
    """Each acknowledged write is there, its audit record with it."""
    records = {(str(row["tenant_id"]), row["request_id"], row["action"]) for row in server.rows(
        "select tenant_id, request_id, action from sentinel.audit_logs")}
    missing = [write for write in acknowledged if (write["tenant"], write["request"], write["action"]) not in records]
    assert not missing, f"{len(missing)} of {len(acknowledged)} acknowledged writes have no record: {missing[:5]}"
    rows = {str(row["id"]): row for row in server.rows("select id, tenant_id, deleted_at from sentinel.users")}
    for write in acknowledged:
        if write["action"] == "user.create":
            assert write["subject"] in rows, write
        if write["action"] == "user.delete":
            assert rows[write["subject"]]["deleted_at"] is not None, write


def check_no_half_state(server: Server) -> None:
    """What one transaction wrote is there whole, or not at all."""
    orphans = server.rows("select count(*) as n from sentinel.users u where not exists (select from sentinel.audit_logs a where "
                          "a.tenant_id = u.tenant_id and a.resource_id = u.id::text and a.action in ('user.create', 'service_account.create'))")
    assert orphans[0]["n"] == 0, "people without the record of their making"
    ghosts = server.rows("select count(*) as n from sentinel.audit_logs a where a.action = 'user.create' and not exists "
                         "(select from sentinel.users u where u.tenant_id = a.tenant_id and u.id::text = a.resource_id)")
    assert ghosts[0]["n"] == 0, "records of people who are not there"
    counters = server.rows(
        "select s.tenant_id, s.users_count, s.service_accounts_count, count(*) filter (where not u.is_service_account) as people, "
        "count(*) filter (where u.is_service_account) as accounts from sentinel_private.tenant_state s left join sentinel.users u "
        "on u.tenant_id = s.tenant_id and u.deleted_at is null group by 1, 2, 3")
    wrong = [row for row in counters if row["users_count"] != row["people"] or row["service_accounts_count"] != row["accounts"]]
    assert not wrong, f"counters do not fit: {wrong[:3]}"
    bare = server.rows("select count(*) as n from sentinel.users u where u.deleted_at is null and not exists "
                       "(select from sentinel.user_search_tokens t where t.tenant_id = u.tenant_id and t.user_id = u.id)")
    assert bare[0]["n"] == 0, "people whom no search finds"


def check_revisions(server: Server) -> None:
    """Without gaps, and each change names one that exists."""
    rows = server.rows("select tenant_id, revision from sentinel_private.policy_changes order by tenant_id, revision")
    by_tenant: dict = {}
    for row in rows:
        by_tenant.setdefault(row["tenant_id"], set()).add(row["revision"])
    states = {row["tenant_id"]: row["policy_revision"] for row in server.rows("select tenant_id, policy_revision from sentinel_private.tenant_state")}
    for tenant, revisions in by_tenant.items():
        assert max(revisions) == states[tenant], (tenant, max(revisions), states[tenant])
        assert revisions == set(range(min(revisions), max(revisions) + 1)), f"{tenant} has gaps"


def check_everything(server: Server, acknowledged: list[dict]) -> int:
    check_nothing_lost(server, acknowledged)
    check_no_half_state(server)
    check_revisions(server)
    return check_all(server)
