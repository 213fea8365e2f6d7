"""Row-level security as the only wall: what the server's own role reaches when the statements name no tenant."""

import uuid

import psycopg
import pytest
from psycopg.rows import dict_row

from blackbox.routes import role_id_of
from blackbox.world import World, ok

TENANT = "select set_config('sentinel.tenant_id', %s, false)"


@pytest.fixture(scope="module")
def filled(world):
    """Two tenants with a row in as many tables as the slice fills."""
    pair = []
    for _ in range(2):
        one = world.new_tenant()
        person = one.new_person(["viewer"], username=None)
        person.login()
        account = one.new_account(["viewer"])
        account.token()
        ok(one.admin.post("/users", json={"email": "i@x.example"}, headers={"Idempotency-Key": "one"}), 201)
        ok(world.client_for(person.login()["access_token"]).post("/auth/logout"))
        pair.append(one)
    return pair


@pytest.fixture
def app(server):
    with server.connection("sentinel_app") as connection:
        yield connection


def tenant_tables(server) -> list[str]:
    rows = server.rows("select c.table_name as name from information_schema.columns c join information_schema.tables t using (table_schema, table_name) "
                       "where c.table_schema = 'sentinel' and c.column_name = 'tenant_id' and t.table_type = 'BASE TABLE' order by 1")
    return [row["name"] for row in rows]


def readable(app, table) -> bool:
    return app.execute("select has_table_privilege(%s, 'select') as may", [f"sentinel.{table}"]).fetchone()["may"]


def test_without_a_tenant_there_are_no_rows(server, app, filled):
    for setting in (None, ""):
        if setting is not None:
            app.execute(TENANT, [setting])
        for table in [*tenant_tables(server), "tenants"]:
            if readable(app, table):
                assert app.execute(f"select count(*) as n from sentinel.{table}").fetchone()["n"] == 0, table


def test_a_tenant_sees_its_own_rows_alone(server, app, filled):
    one, two = filled
    seen = 0
    app.execute(TENANT, [one.id])
    for table in tenant_tables(server):
        if not readable(app, table):
            continue
        found = {str(row["tenant_id"]) for row in app.execute(f"select distinct tenant_id from sentinel.{table}")}
        assert found <= {one.id}, table
        seen += bool(found)
        assert app.execute(f"select count(*) as n from sentinel.{table} where tenant_id = %s", [two.id]).fetchone()["n"] == 0
    assert seen >= 8, "the test fills too few tables to prove anything"


def test_the_owner_sees_that_both_are_filled(server, filled):
    one, two = filled
    for table in ("users", "user_roles", "sessions", "refresh_tokens", "service_account_keys", "audit_logs", "idempotency_keys", "roles"):
        for tenant in (one, two):
            assert server.value(f"select count(*) as n from sentinel.{table} where tenant_id = %s", tenant.id) > 0, table


def test_foreign_rows_cannot_be_changed_or_removed(server, app, filled):
    one, two = filled
    app.execute(TENANT, [one.id])
    for table in tenant_tables(server):
        for privilege, statement in (("update", f"update sentinel.{table} set tenant_id = tenant_id where tenant_id = %s"),
                                     ("delete", f"delete from sentinel.{table} where tenant_id = %s")):
            if app.execute("select has_table_privilege(%s, %s) as may", [f"sentinel.{table}", privilege]).fetchone()["may"]:
                assert app.execute(statement, [two.id]).rowcount == 0, (table, privilege)


def test_rows_cannot_be_moved_or_made_elsewhere(app, filled):
    one, two = filled
    app.execute(TENANT, [one.id])
    with pytest.raises(psycopg.Error):
        app.execute("update sentinel.users set tenant_id = %s", [two.id])
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("insert into sentinel.users (tenant_id, id, email_encrypted, email_index) values (%s, %s, 'x', sha256('x'))",
                    [two.id, uuid.uuid4()])
    with pytest.raises(psycopg.Error):
        app.execute("insert into sentinel.user_roles (tenant_id, id, user_id, role_id) values (%s, %s, %s, %s)",
                    [two.id, uuid.uuid4(), two.person("viewer").id, role_id_of(two, "tenant_admin")])


def test_no_reference_crosses_tenants(app, filled):
    """Even of one's own row: foreign keys carry the tenant."""
    one, two = filled
    app.execute(TENANT, [one.id])
    person = one.new_person()
    with pytest.raises(psycopg.Error):
        app.execute("insert into sentinel.user_roles (tenant_id, id, user_id, role_id) values (%s, %s, %s, %s)",
                    [one.id, uuid.uuid4(), person.id, role_id_of(two, "tenant_admin")])


def test_a_tenant_sees_its_family_alone(app, world, filled):
    one, two = filled
    child = one.new_child()
    app.execute(TENANT, [one.id])
    assert {str(row["id"]) for row in app.execute("select id from sentinel.tenants")} >= {one.id, child.id}
    assert two.id not in {str(row["id"]) for row in app.execute("select id from sentinel.tenants")}
    app.execute(TENANT, [child.id])
    assert {str(row["id"]) for row in app.execute("select id from sentinel.tenants")} == {child.id}


@pytest.mark.parametrize("statement", [
    "insert into sentinel.audit_logs select * from sentinel.audit_logs limit 1", "update sentinel.audit_logs set action = 'x'",
    "delete from sentinel.audit_logs", "truncate sentinel.audit_logs", "update sentinel_private.audit_head set number = 0",
    "delete from sentinel_private.audit_head", "alter table sentinel.users disable row level security", "set role sentinel_owner",
    "set session authorization sentinel_owner", "drop table sentinel.users", "create table sentinel.x (a int)",
    "create function sentinel.x() returns int language sql as 'select 1'", "alter table sentinel.users no force row level security",
    "create temporary table t (a int)", "create schema s", "update sentinel_private.schema_migrations set name = 'x'",
    "alter role sentinel_app bypassrls", "copy sentinel.users to '/tmp/x'", "select pg_read_file('/etc/passwd')",
    "call sentinel_private.keep_touched('sentinel.users')", "truncate sentinel.users",
])
def test_what_the_servers_role_may_not(app, filled, statement):
    app.execute(TENANT, [filled[0].id])
    with pytest.raises(psycopg.Error):
        app.execute(statement)


def test_every_table_of_a_tenant_is_guarded(server):
    rows = server.rows("select relname, relrowsecurity from pg_class where relnamespace = 'sentinel'::regnamespace and relkind in ('r', 'p') "
                       "and not relispartition")
    assert rows and all(row["relrowsecurity"] for row in rows), [row for row in rows if not row["relrowsecurity"]]
    role = server.rows("select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = 'sentinel_app'")[0]
    assert not any(role.values())


def test_a_connection_carries_no_tenant_back(start_server):
    """One connection for all: what a request for one tenant left behind would show in the next."""
    server = start_server(DB_POOL_SIZE="1", DB_MAX_OVERFLOW="0")
    world = World(server)
    pair = [world.new_tenant() for _ in range(2)]
    people = [one.new_person(["tenant_admin"]) for one in pair]
    clients = [person.fresh_client() for person in people]
    for _ in range(20):
        for one, client, stranger in zip(pair, clients, reversed(people)):
            rows = ok(client.get("/users"))["users"]
            assert {row["tenant_id"] for row in rows} == {one.id}
            assert client.get(f"/users/{stranger.id}").status_code == 404
            assert client.post("/users", json={"email": "broken"}).status_code == 400
    with psycopg.connect(server.database_url("sentinel_app"), row_factory=dict_row, autocommit=True) as connection:
        assert connection.execute("select current_setting('sentinel.tenant_id', true) as t").fetchone()["t"] in (None, "")
