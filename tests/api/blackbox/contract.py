"""What every answer must be: as /openapi.json says, and as page 00 sections 3 to 6 say of all of them."""

import json
import re
from urllib.parse import unquote_plus

import jsonschema

CODES = {
    400: {"VALIDATION_ERROR", "MALFORMED_REQUEST"},
    401: {"AUTHENTICATION_REQUIRED", "INVALID_TOKEN", "TOKEN_EXPIRED", "AUTH_FAILED", "MFA_REQUIRED", "SERVICE_ACCOUNT_INVALID",
          "BIOMETRIC_AUTH_FAILED"},
    403: {"PERMISSION_DENIED", "APPROVAL_REQUIRED", "ESCALATION", "SELF_APPROVAL", "SYSTEM_OBJECT", "TENANT_INACTIVE",
          "FEATURE_DISABLED", "PASSWORD_CHANGE_REQUIRED", "MFA_ENROLLMENT_REQUIRED"},
    404: {"RESOURCE_NOT_FOUND"}, 405: {"METHOD_NOT_ALLOWED"}, 408: {"REQUEST_TIMEOUT"},
    409: {"CONFLICT", "CYCLE", "QUOTA_EXCEEDED", "IDEMPOTENCY_IN_PROGRESS"},
    412: {"PRECONDITION_FAILED"}, 413: {"PAYLOAD_TOO_LARGE"}, 414: {"URI_TOO_LONG"}, 415: {"UNSUPPORTED_MEDIA_TYPE"},
    422: {"IDEMPOTENCY_KEY_REUSED"}, 428: {"PRECONDITION_REQUIRED"}, 429: {"RATE_LIMIT_EXCEEDED", "ACCOUNT_LOCKED"},
    431: {"HEADERS_TOO_LARGE"}, 500: {"INTERNAL_ERROR"}, 503: {"UNAVAILABLE", "STALE_REVISION"},
}
RULES = set("required unknown type format enum pattern min_length max_length minimum maximum min_items max_items unique immutable "
            "forbidden exclusive depth size reference condition".split())
CONFLICT_REASONS = set("duplicate state in_use last_admin not_assignable inheritance_off dynamic_group static_group members_present "
                       "service_accounts_present separation_of_duties parent_inactive".split())
# Answers of the transport, which no route has to name.
OF_ANY_ROUTE = {400, 404, 405, 408, 413, 414, 415, 431, 500, 503}
ALIASES = {"/api/v1/health": "/health", "/api/v1/openapi.json": "/openapi.json"}
LEAKS = re.compile(r"(?i)\bselect\b.*\bfrom\b|\binsert into\b|sqlstate|postgres|psql|libpq|std::|\.cpp\b|/work/|/tmp/|/usr/|stack trace|0x[0-9a-f]{8}")
UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")

FORMATS = jsonschema.FormatChecker(())
FORMATS.checkers = {  # Sentinel's own, narrower ones: page 00 section 1
    "date-time": (lambda value: not isinstance(value, str) or bool(TIMESTAMP.match(value)), ()),
    "uuid": (lambda value: not isinstance(value, str) or bool(UUID.match(value)), ()),
}


def no_duplicates(pairs):
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), f"an answer holds a member twice: {names}"
    return dict(pairs)


def check_error_body(body: dict, status: int, headers, asked: str) -> None:
    """`asked`: what the client sent; an error may give it back."""
    assert set(body) == {"error", "meta"}, body
    assert set(body["error"]) == {"code", "message", "details"}, body
    assert set(body["meta"]) == {"request_id", "timestamp"}, body
    error = body["error"]
    assert error["code"] in CODES.get(status, ()), f"{status} with {error['code']}"
    assert isinstance(error["message"], str) and error["message"]
    assert isinstance(error["details"], dict), body
    assert body["meta"]["request_id"] == headers["X-Request-ID"]
    assert TIMESTAMP.match(body["meta"]["timestamp"]), body
    leaked = {found[0] for found in LEAKS.finditer(json.dumps(error)) if found[0] not in asked}
    assert not leaked, f"an error tells too much: {leaked} in {error}"
    if error["code"] == "VALIDATION_ERROR":
        assert error["details"]["errors"], body
        for fault in error["details"]["errors"]:
            assert {"in", "pointer", "rule", "message"} <= set(fault), fault
            assert fault["in"] in ("body", "query", "path", "header"), fault
            assert fault["rule"] in RULES, fault
            assert fault["pointer"] == "" or fault["pointer"].startswith("/"), fault
    if error["code"] == "CONFLICT":
        assert error["details"].get("reason") in CONFLICT_REASONS, body
    if error["code"] == "PERMISSION_DENIED":
        assert set(error["details"]) <= {"required_permission", "step_up"}, body
    if status == 401 and error["code"] == "AUTHENTICATION_REQUIRED":
        assert headers["WWW-Authenticate"].startswith("Bearer")
    if status in (429, 503):
        assert int(headers["Retry-After"]) >= 1
    if status == 405:
        assert headers["Allow"]


def closed(schema):
    """The same schema, which takes no member that it does not name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    out = {name: closed(part) for name, part in schema.items()}
    if isinstance(out.get("properties"), dict) and out.get("type") == "object" and "additionalProperties" not in out:
        out["additionalProperties"] = False
    return out


class Contract:
    """Holds answers against the OpenAPI document that the server itself gave out."""

    def __init__(self, document: dict):
        self.document = document
        strict = closed(document)
        self._resolver = jsonschema.RefResolver("", strict)
        self._validators: dict = {}
        self._strict = strict
        self._routes = []
        for path, item in document["paths"].items():
            pattern = re.compile("^" + re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(path)) + "/?$")
            self._routes.append((path.count("{"), pattern, path, item))
        self._routes.sort(key=lambda route: route[0])
        self.seen: set[tuple[str, str, int]] = set()

    def operation_of(self, method: str, path: str):
        for _, pattern, template, item in self._routes:
            if pattern.match(path) and method.lower() in item:
                return template, item[method.lower()]
        return None, None

    def _validator(self, template: str, method: str, status: int):
        key = (template, method, status)
        if key not in self._validators:
            content = self._strict["paths"][template][method]["responses"][str(status)].get("content", {})
            schema = content.get("application/json", {}).get("schema")
            self._validators[key] = schema and jsonschema.Draft202012Validator(
                schema, resolver=self._resolver, format_checker=FORMATS)
        return self._validators[key]

    def check(self, response) -> None:
        request, status, headers = response.request, response.status_code, response.headers
        what = f"{request.method} {request.url.raw_path.decode()} -> {status} {response.text[:2000]}"
        self._check_headers(request, status, headers, what)
        if request.method == "HEAD" or status in (204, 304):
            assert not response.content, what
            return
        media_type = headers.get("Content-Type", "")
        body = None
        if response.content and media_type.startswith("application/json"):
            assert media_type == "application/json; charset=utf-8", what
            body = json.loads(response.content.decode("utf-8"), object_pairs_hook=no_duplicates)
        if status >= 400:
            assert body is not None, f"an error without a JSON body: {what}"
            asked = unquote_plus(request.url.raw_path.decode()) + request.content.decode("utf-8", "replace")
            check_error_body(body, status, headers, asked)
        path = ALIASES.get(request.url.path, request.url.path)
        template, operation = self.operation_of(request.method, path)
        if operation is None:
            assert status in (204, 400, 401, 404, 405, 429, 431, 414, 503), f"a route that /openapi.json does not name: {what}"
            return
        self.seen.add((request.method, template, status))
        if str(status) not in operation["responses"]:
            assert status in OF_ANY_ROUTE, f"/openapi.json does not name this status: {what}"
            return
        validator = self._validator(template, request.method.lower(), status)
        if validator is not None:
            faults = [f"{list(fault.absolute_path)}: {fault.message}" for fault in validator.iter_errors(body)]
            assert not faults, f"{what}\n" + "\n".join(faults[:10])

    def _check_headers(self, request, status, headers, what) -> None:
        assert "Server" not in headers, what
        assert re.match(r"^[A-Za-z0-9._-]{1,64}$", headers.get("X-Request-ID", "")), what
        assert headers.get("X-Content-Type-Options") == "nosniff", what
        assert headers.get("Referrer-Policy") == "no-referrer", what
        if request.method == "GET" and status == 200 and request.url.path.startswith("/api/v1/"):
            assert headers.get("Cache-Control"), what

