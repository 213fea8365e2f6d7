"""Clients, tenants and people for the tests."""

import itertools
import json
import random
import uuid
from contextlib import contextmanager

import httpx

from .contract import Contract
from .server import ADMIN_EMAIL, ADMIN_PASSWORD, PLATFORM_TENANT, Server
from .transport import PromptTransport

TENANT_ROLES = ("security_admin", "tenant_admin", "application_manager", "user_manager", "approval_manager", "auditor", "security_analyst",
                "enforcement_point", "viewer")
PASSWORD = "Violet-Kettle-42-Orbit"
_counter = itertools.count(1)


def unique(prefix: str = "x") -> str:
    return f"{prefix}{next(_counter)}{random.randrange(16**4):04x}"


def new_code() -> str:
    return unique("T").upper()


def random_id() -> str:
    return str(uuid.uuid4())


def new_address() -> str:
    """A client address that no other test has used."""
    return f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"


def error_of(response, status: int, code: str, reason: str | None = None) -> dict:
    """Asserts which error an answer is; its details."""
    assert response.status_code == status, f"{response.request.method} {response.request.url}: {response.status_code} {response.text}"
    error = response.json()["error"]
    assert error["code"] == code, error
    if reason is not None:
        assert error["details"].get("reason") == reason, error
    return error["details"]


def faults_of(response) -> set[tuple[str, str]]:
    """The (pointer, rule) of each fault of a VALIDATION_ERROR."""
    return {(fault["pointer"], fault["rule"]) for fault in error_of(response, 400, "VALIDATION_ERROR")["errors"]}


def ok(response, status: int = 200):
    """The body of an answer that must be a success."""
    assert response.status_code == status, f"{response.request.method} {response.request.url}: {response.status_code} {response.text}"
    return response.json() if response.content else None


def done_or_unavailable(response):
    """For what may come through or be refused, but must not be anything else."""
    if not response.is_success:
        error_of(response, 503, "UNAVAILABLE")
    return response


class Client(httpx.Client):
    """Calls relative to /api/v1 with one token; every answer is held against the contract."""

    def __init__(self, server: Server, contract: Contract | None, token: str | None = None, tenant: str | None = None,
                 address: str | None = None, **options):
        headers = {"X-Forwarded-For": address or new_address()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if tenant:
            headers["X-Tenant-ID"] = tenant
        hooks = {"response": [self._check]} if contract else {}
        super().__init__(base_url=f"{server.url}/api/v1", headers=headers, event_hooks=hooks, timeout=30, transport=PromptTransport(),
                         **options)
        self.server = server
        self.contract = contract
        self.token = token
        self.me: dict = {}
        self.tokens: dict = {}

    def _check(self, response) -> None:
        response.read()
        self.contract.check(response)

    def with_(self, token: str | None = None, tenant: str | None = None, address: str | None = None) -> "Client":
        return Client(self.server, self.contract, token or self.token, tenant, address)

    def outside(self, path: str, **options) -> httpx.Response:
        return self.get(f"{self.server.url}{path}", **options)

    def send_body(self, method: str, path: str, body: bytes, content_type: str = "application/json", **headers) -> httpx.Response:
        """Bytes as they are, however wrong."""
        return self.request(method, path, content=body, headers={"Content-Type": content_type, **headers})


class Person:
    def __init__(self, world: "World", tenant: "Tenant", detail: dict, email: str, password: str | None):
        self.world, self.tenant, self.detail, self.email, self.password = world, tenant, detail, email, password
        self.id = detail["id"]
        self._client: Client | None = None

    def login(self, **more) -> dict:
        return ok(self.try_login(**more))

    def try_login(self, password: str | None = None, address: str | None = None, **more) -> httpx.Response:
        body = {"email": self.email, "password": password or self.password, "tenant_code": self.tenant.code, **more}
        with self.world.anonymous(address) as client:
            return client.post("/auth/login", json=body)

    def fresh_client(self) -> Client:
        tokens = self.login()
        client = Client(self.world.server, self.world.contract, tokens["access_token"])
        client.tokens, client.me = tokens, tokens["user"]
        return client

    @property
    def client(self) -> Client:
        """Logged in once; for tests that do not end the session."""
        if self._client is None:
            self._client = self.fresh_client()
        return self._client


class Account:
    """A service account with a key."""

    def __init__(self, world: "World", tenant: "Tenant", made: dict):
        self.world, self.tenant, self.made = world, tenant, made
        self.id, self.key, self.client_id = made["id"], made["service_account_key"], made["client_id"]

    def try_token(self, key: str | None = None, address: str | None = None, **more) -> httpx.Response:
        with self.world.anonymous(address) as client:
            return client.post("/auth/service-account/token", json={"api_key": key or self.key, "tenant_code": self.tenant.code, **more})

    def token(self, **more) -> str:
        return ok(self.try_token(**more))["access_token"]

    def client(self, **more) -> Client:
        return Client(self.world.server, self.world.contract, self.token(**more))


class Tenant:
    def __init__(self, world: "World", row: dict):
        self.world, self.row = world, row
        self.id, self.code = row["id"], row["code"]
        self._of_role: dict[str, Person] = {}

    @property
    def admin(self) -> Client:
        """The platform's administrator acting here."""
        return self.world.admin.with_(tenant=self.id)

    def new_person(self, roles=(), password: str | None = PASSWORD, **more) -> Person:
        email = more.pop("email", f"{unique('person')}@{self.code.lower()}.example")
        body = {"email": email, "roles": list(roles), **more}
        if password:
            body["password"] = password
        return Person(self.world, self, ok(self.admin.post("/users", json=body), 201), email, password)

    def person(self, role: str) -> Person:
        """One person who holds this role, the same at each call."""
        if role not in self._of_role:
            self._of_role[role] = self.new_person([role] if role != "nobody" else [])
        return self._of_role[role]

    def client(self, role: str = "tenant_admin") -> Client:
        return self.person(role).client

    def new_account(self, roles=(), **more) -> Account:
        body = {"name": unique("svc-"), "roles": list(roles), **more}
        return Account(self.world, self, ok(self.admin.post("/service-accounts", json=body), 201))

    def new_child(self, **more) -> "Tenant":
        body = {"name": "A branch", "code": new_code(), **more}
        return Tenant(self.world, ok(self.world.admin.post(f"/tenants/{self.id}/sub-tenants", json=body), 201))

    def audit(self, action: str | None = None, resource_id: str | None = None) -> list[dict]:
        """Records of this tenant's chain in order; batched ones may come up to a second later."""
        return self.world.server.rows(
            "select * from sentinel.audit_logs where tenant_id = %s and (%s::text is null or action = %s) "
            "and (%s::text is null or resource_id = %s) order by seq", self.id, action, action, resource_id, resource_id)

    def revision(self) -> int:
        return self.world.server.value("select policy_revision from sentinel_private.tenant_state where tenant_id = %s", self.id)


class World:
    """A server with its contract and its first administrator."""

    def __init__(self, server: Server):
        self.server = server
        document = httpx.get(f"{server.url}/openapi.json", timeout=30)
        self.openapi = json.loads(document.text)
        self.contract = Contract(self.openapi)
        self._admin: Client | None = None
        self.platform = Tenant(self, {"id": PLATFORM_TENANT, "code": "PLATFORM"})

    def try_admin_login(self, password: str = ADMIN_PASSWORD) -> httpx.Response:
        with self.anonymous() as client:
            return client.post("/auth/login", json={"email": ADMIN_EMAIL, "password": password, "tenant_code": "PLATFORM"})

    @property
    def admin(self) -> Client:
        if self._admin is None:
            tokens = ok(self.try_admin_login())
            self._admin = Client(self.server, self.contract, tokens["access_token"])
            self._admin.tokens, self._admin.me = tokens, tokens["user"]
        return self._admin

    def log_in_again(self) -> None:
        self._admin = None

    @contextmanager
    def anonymous(self, address: str | None = None):
        with Client(self.server, self.contract, address=address) as client:
            yield client

    def client_for(self, token: str, **more) -> Client:
        return Client(self.server, self.contract, token, **more)

    def new_tenant(self, **more) -> Tenant:
        body = {"name": "A company", "code": new_code(), **more}
        return Tenant(self, ok(self.admin.post("/tenants", json=body), 201))
