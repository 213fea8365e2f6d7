"""S19: sqlmap on the log-in, on each parameter of the lists, on ids in paths and headers: it finds nothing, nothing breaks."""

import http.server
import re
import subprocess
import threading
import urllib.parse

import httpx
import psycopg
import pytest

from blackbox.world import PASSWORD, random_id
from proxies import program

# A value for each parameter that is more than text.
VALUES = {"limit": "5", "page": "1", "sort": "created_at", "order": "asc", "sort_order": "asc"}
LISTS = ("/api/v1/users", "/api/v1/tenants", "/api/v1/service-accounts")
FOUND = "sqlmap identified the following injection point"


def sqlmap(tmp_path, url: str, *options: str) -> tuple[set[str], str]:
    """Attacks every place that is marked with `*`; which it called clean, and all it said."""
    # xforwardedfor: each request from a client of its own; otherwise the brakes on guessing answer instead of the query.
    command = [program("sqlmap"), "-u", url, "--batch", "--flush-session", "--level=3", "--risk=2", "--dbms=PostgreSQL",
               "--time-sec=2", "--ignore-code=*", "--keep-alive", "--disable-coloring", "--tamper=xforwardedfor",
               f"--output-dir={tmp_path / 'output'}", *options]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=300, check=False)
    return set(re.findall(r"parameter '([^']*)' does not seem to be injectable", done.stdout)), done.stdout


def failures(server) -> int:
    """How often it has answered 5xx."""
    text = httpx.get(f"http://127.0.0.1:{server.metrics_port}/metrics", timeout=10).text
    counts = re.findall(r'(?m)^\w*api_requests_total\{[^}]*status="(\dxx)"[^}]*\} (\S+)', text)
    assert any(status == "2xx" and float(count) for status, count in counts), text[:2000]
    return sum(int(float(count)) for status, count in counts if status == "5xx")


@pytest.fixture
def attack(server, tmp_path):
    """attack(path, options…): sqlmap calls each mark clean, and no request has failed."""
    before = failures(server)

    def run(path: str, *options: str) -> None:
        marks = " ".join((path, *options)).count("*")
        clean, said = sqlmap(tmp_path, server.url + path, *options)
        assert FOUND not in said and len(clean) >= marks, (clean, said[-3000:])

    yield run
    assert failures(server) == before
    assert server.process.poll() is None


@pytest.fixture
def token(world, tenant):
    return f"Authorization: Bearer {tenant.client().token}"


def test_s19_sqlmap_finds_what_is_there(server, tmp_path):
    """The control: with a query put together from its input sqlmap must find the way in."""

    class Careless(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("name", [""])[0]
            try:
                with psycopg.connect(server.database_url(), autocommit=True) as connection:
                    statement = f"select name from sentinel.roles where name = '{name}'".replace("%", "%%")
                    found = connection.execute(statement).fetchall()
                status, body = 200, repr(found).encode()
            except psycopg.Error as error:
                status, body = 500, str(error).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    careless = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Careless)
    threading.Thread(target=careless.serve_forever, daemon=True).start()
    try:
        clean, said = sqlmap(tmp_path, f"http://127.0.0.1:{careless.server_port}/?name=viewer*")
        assert FOUND in said and not clean, said[-3000:]
    finally:
        careless.shutdown()
        careless.server_close()


def test_s19_sqlmap_login(attack, tenant):
    person = tenant.new_person()
    attack("/api/v1/auth/login", "--method=POST", "--headers=Content-Type: application/json",
           f'--data={{"email":"{person.email}*","password":"{PASSWORD}*","tenant_code":"{tenant.code}*"}}')


def test_s19_sqlmap_tokens(attack, tenant):
    as_json = ("--method=POST", "--headers=Content-Type: application/json")
    attack("/api/v1/auth/refresh", *as_json, '--data={"refresh_token":"srt_abc*"}')
    attack("/api/v1/auth/service-account/token", *as_json,
           f'--data={{"api_key":"{tenant.new_account().key}*","tenant_code":"{tenant.code}*"}}')


@pytest.mark.parametrize("path", LISTS)
def test_s19_sqlmap_list(attack, world, token, path):
    names = [parameter["name"] for parameter in world.openapi["paths"][path]["get"]["parameters"] if parameter["in"] == "query"]
    assert {"search", "cursor"} & set(names), names
    # One at a time: a refusal of one would hide the others.
    for name in names:
        attack(f"{path}?{name}={VALUES.get(name, 'harbour')}*", f"--headers={token}")


def test_s19_sqlmap_ids(attack, tenant, token):
    user, account = tenant.new_person().id, tenant.new_account().id
    for path in (f"/api/v1/users/{user}*", f"/api/v1/users/{user}*/roles", f"/api/v1/service-accounts/{account}*",
                 f"/api/v1/tenants/{tenant.id}*"):
        attack(path, f"--headers={token}")
    attack(f"/api/v1/users/{user}/roles/{random_id()}*", "--method=DELETE", f"--headers={token}")


def test_s19_sqlmap_headers(attack, tenant, token):
    attack("/api/v1/users", f"--headers={token}\nX-Tenant-ID: {tenant.id}*\nX-Request-ID: abc*")
