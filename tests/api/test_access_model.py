"""Random life: people, roles, sessions and tenants change at random, and after each step every token there is answers as a slow,
obvious model says. A wrong "yes" and a wrong "no" both fail; the seed is printed, so that a failure can be had again."""

import os
import random

import httpx

from blackbox.routes import role_id_of
from blackbox.server import IS_LONG, wait_until
from blackbox.world import Client, World, error_of, ok

STEPS = 5000 if IS_LONG else 150
ROLES = ("user_manager", "auditor", "viewer", "application_manager")
PROBES = ("/users", "/tenants", "/service-accounts")


class ModelTenant:
    def __init__(self, tenant, parent=None):
        self.tenant, self.parent, self.is_active = tenant, parent, True
        tenant.person("tenant_admin")  # so that no change takes the last administrator


class ModelPerson:
    """Somebody with roles; `tokens` are those that stand, `ended` those that must never stand again."""

    def __init__(self, home: ModelTenant, person, roles):
        self.home, self.person, self.roles = home, person, set(roles)
        self.is_active, self.is_locked, self.is_deleted = True, False, False
        self.sessions: list[dict] = []
        self.ended: list[str] = []

    @property
    def can_log_in(self) -> bool:
        return self.is_active and not self.is_locked and not self.is_deleted and self.home.is_active

    def end(self, session: dict) -> None:
        self.sessions.remove(session)
        self.ended += session["tokens"]

    def end_all(self) -> None:
        for session in list(self.sessions):
            self.end(session)


class Life:
    """The model and the calls that change it."""

    def __init__(self, world: World, seed: int):
        self.world, self.random = world, random.Random(seed)
        self.sampling = random.Random(seed)  # of its own: how often is looked must not change what happens next
        root = ModelTenant(world.new_tenant())
        self.tenants = [root, ModelTenant(root.tenant.new_child(), root), ModelTenant(world.new_tenant())]
        self.people: list[ModelPerson] = []
        self.granted = self.learn()
        for home in self.tenants:
            self.create(home)

    def learn(self) -> dict[str, set[str]]:
        """Which probes each role alone opens."""
        tenant, granted = self.world.new_tenant(), {}
        for role in ROLES:
            client = tenant.client(role)
            granted[role] = {path for path in PROBES if client.get(path).status_code == 200}
        assert len({frozenset(paths) for paths in granted.values()}) > 1, "roles that open the same tell nothing"
        return granted

    def any_person(self, **wanted) -> ModelPerson | None:
        fitting = [one for one in self.people if all(getattr(one, name) == value for name, value in wanted.items())]
        return self.random.choice(fitting) if fitting else None

    # -- steps: each makes one call, and the model follows ---------------------------------------------------------------------

    def create(self, home: ModelTenant | None = None) -> None:
        home = home or self.random.choice(self.tenants)
        if not home.is_active or sum(not one.is_deleted for one in self.people) >= 8:
            return
        roles = self.random.sample(ROLES, self.random.randrange(3))
        self.people.append(ModelPerson(home, home.tenant.new_person(roles), roles))
        self.log_in(self.people[-1])

    def log_in(self, one: ModelPerson | None = None) -> None:
        one = one or self.any_person()
        answer = one.person.try_login()
        if not one.can_log_in:
            assert answer.status_code in (401, 429), (vars(one), answer.text)
            return
        tokens = ok(answer)
        one.sessions.append({"tokens": [tokens["access_token"]], "refresh": tokens["refresh_token"]})
        if len(one.sessions) > 2:
            self.log_out(one)

    def refresh(self) -> None:
        one = self.any_person()
        if one and one.sessions:
            session = self.random.choice(one.sessions)
            with self.world.anonymous() as client:
                tokens = ok(client.post("/auth/refresh", json={"refresh_token": session["refresh"]}))
            session["used"] = session["refresh"]
            session["tokens"] = [*session["tokens"], tokens["access_token"]][-2:]
            session["refresh"] = tokens["refresh_token"]

    def refresh_again(self) -> None:
        """A token used up, shown again: the session ends."""
        for one in self.people:
            for session in one.sessions:
                if "used" in session:
                    with self.world.anonymous() as client:
                        error_of(client.post("/auth/refresh", json={"refresh_token": session["used"]}), 401, "INVALID_TOKEN")
                    return one.end(session)

    def log_out(self, one: ModelPerson | None = None) -> None:
        one = one or self.any_person()
        if one and one.sessions:
            session = one.sessions[0]
            ok(self.client(session["tokens"][0]).post("/auth/logout"))
            one.end(session)

    def assign(self) -> None:
        one, role = self.any_person(is_deleted=False), self.random.choice(ROLES)
        if one and one.home.is_active:
            answer = one.home.tenant.admin.post(f"/users/{one.person.id}/roles", json={"roles": [role]})
            if role in one.roles:
                error_of(answer, 409, "CONFLICT", "duplicate")
            else:
                ok(answer, 201)
            one.roles.add(role)

    def unassign(self) -> None:
        one = self.any_person(is_deleted=False)
        if one and one.roles and one.home.is_active:
            role = self.random.choice(sorted(one.roles))
            ok(one.home.tenant.admin.delete(f"/users/{one.person.id}/roles/{role_id_of(one.home.tenant, role)}"), 204)
            one.roles.remove(role)

    def lock(self) -> None:
        one = self.any_person(is_deleted=False)
        if one and one.home.is_active:
            ok(one.home.tenant.admin.post(f"/users/{one.person.id}/lock"), 204)
            one.is_locked = True
            one.end_all()

    def unlock(self) -> None:
        one = self.any_person(is_deleted=False, is_locked=True)
        if one and one.home.is_active:
            ok(one.home.tenant.admin.post(f"/users/{one.person.id}/unlock"), 204)
            one.is_locked = False

    def switch(self) -> None:
        one = self.any_person(is_deleted=False)
        if one and one.home.is_active:
            ok(one.home.tenant.admin.patch(f"/users/{one.person.id}", json={"is_active": not one.is_active}))
            one.is_active = not one.is_active
            if not one.is_active:
                one.end_all()

    def delete(self) -> None:
        one = self.any_person(is_deleted=False)
        if one and one.home.is_active and self.random.random() < 0.3:
            ok(one.home.tenant.admin.delete(f"/users/{one.person.id}"), 204)
            one.is_deleted = True
            one.end_all()

    def suspend(self) -> None:
        home = self.random.choice(self.tenants)
        if home.is_active and self.random.random() < 0.4:
            ok(self.world.admin.post(f"/tenants/{home.tenant.id}/deactivate", json={"reason": "x", "cascade": True}))
            for tenant in self.tenants:
                if tenant is home or tenant.parent is home:
                    tenant.is_active = False
            for one in self.people:
                if not one.home.is_active:
                    one.end_all()

    def activate(self) -> None:
        for home in self.tenants:
            if not home.is_active and (home.parent is None or home.parent.is_active):
                ok(self.world.admin.post(f"/tenants/{home.tenant.id}/activate"))
                home.is_active = True
                return

    # -- what must hold ---------------------------------------------------------------------------------------------------------

    def client(self, token: str) -> Client:
        return self.world.client_for(token)

    def faults(self, get) -> list[str]:
        """Where `get(token, path)` answers otherwise than the model."""
        found = []
        for one in self.people:
            open_paths = set().union(*(self.granted[role] for role in one.roles))
            for token in (token for session in one.sessions for token in session["tokens"]):
                for path in PROBES:
                    expected = 200 if path in open_paths else 403
                    if (status := get(token, path)) != expected:
                        found.append(f"{one.person.email} {sorted(one.roles)} {path}: {status}, not {expected}")
            for token in self.sampling.sample(one.ended, min(2, len(one.ended))):
                if (status := get(token, PROBES[0])) != 401:
                    found.append(f"{one.person.email}: an ended token gets {status}")
        return found

    def step(self) -> str:
        names = ("create", "log_in", "log_in", "refresh", "refresh", "refresh_again", "log_out", "assign", "assign", "unassign", "lock", "unlock",
                 "switch", "switch", "delete", "suspend", "activate", "activate")
        name = self.random.choice(names)
        getattr(self, name)()
        return name


def prober(server):
    """get(token, path) of a status over one kept connection."""
    client = httpx.Client(base_url=f"{server.url}/api/v1", timeout=30, headers={"X-Forwarded-For": "10.9.8.7"})
    return lambda token, path: client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code


def test_one_node(world):
    seed = int(os.environ.get("SENTINEL_SEED", random.randrange(10**6)))
    life, get = Life(world, seed), prober(world.server)
    for count in range(STEPS):
        name = life.step()
        assert life.faults(get) == [], f"seed {seed}, step {count}: {name}"


def test_second_node(pair):
    """Of another node the same, three seconds later at most."""
    first, second = pair
    seed = int(os.environ.get("SENTINEL_SEED", random.randrange(10**6)))
    life, get = Life(World(first), seed), prober(second)
    for count in range(STEPS // 5):
        for _ in range(5):
            name = life.step()
        wait_until(lambda: life.faults(get) == [], f"the second node to follow (seed {seed}, step {count}: {name})", 3)
