"""An OpenAPI document holds to the rules of OpenAPI 3.1 that can be checked offline. The document is the kept one of the
unit tests, or the file that SENTINEL_OPENAPI names."""

import json
import os
import pathlib
import re

import jsonschema
import pytest

METHODS = {"get", "put", "post", "delete", "patch"}
DEFAULT = pathlib.Path(__file__).parent / "harbours.json"


@pytest.fixture(scope="module")
def document():
    return json.loads(pathlib.Path(os.environ.get("SENTINEL_OPENAPI", DEFAULT)).read_text())


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert method in METHODS, (path, method)
            yield path, method, operation


def schemas(document):
    """Every schema of the document with its place."""
    for name, schema in document["components"]["schemas"].items():
        yield name, schema
    for path, method, operation in operations(document):
        place = f"{method} {path}"
        for parameter in operation.get("parameters", []):
            yield f"{place} {parameter['name']}", parameter["schema"]
        contents = [answer.get("content", {}) for answer in operation["responses"].values()]
        contents.append(operation.get("requestBody", {}).get("content", {}))
        for content in contents:
            for media_type, value in content.items():
                yield f"{place} {media_type}", value["schema"]


def test_root_members(document):
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert {"title", "version"} <= document["info"].keys()
    assert document.keys() <= {"openapi", "info", "servers", "tags", "paths", "components", "security"}
    assert all(path.startswith("/") for path in document["paths"])


def test_operation_ids_are_unique_and_complete(document):
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert ids and len(ids) == len(set(ids))
    tags = {tag["name"] for tag in document["tags"]}
    for path, method, operation in operations(document):
        assert operation["summary"] and set(operation["tags"]) <= tags, (path, method)
        assert re.fullmatch(r"[a-z][a-z0-9_]*", operation["operationId"])


def test_paths_do_not_mean_the_same(document):
    shapes = [re.sub(r"\{[^}]*\}", "{}", path) for path in document["paths"]]
    assert len(shapes) == len(set(shapes))


def test_parameters_fit_the_path_and_are_unique(document):
    for path, method, operation in operations(document):
        parameters = operation.get("parameters", [])
        keys = [(parameter["in"], parameter["name"]) for parameter in parameters]
        assert len(keys) == len(set(keys)), (path, method)
        in_path = {name for place, name in keys if place == "path"}
        assert in_path == set(re.findall(r"\{([^}]*)\}", path)), (path, method)
        assert all(parameter["required"] for parameter in parameters if parameter["in"] == "path")


def test_responses(document):
    for path, method, operation in operations(document):
        statuses = operation["responses"].keys()
        assert any(status.startswith("2") for status in statuses), (path, method)
        assert all(re.fullmatch(r"[1-5]\d\d", status) for status in statuses)
        assert all(answer["description"] for answer in operation["responses"].values())
        assert "content" not in operation["responses"].get("204", {})


def test_security_is_declared(document):
    schemes = document["components"]["securitySchemes"].keys()
    for path, method, operation in operations(document):
        assert all(requirement.keys() <= schemes for requirement in operation["security"]), (path, method)
        assert not operation["security"] or {"401", "403"} <= operation["responses"].keys()


def test_schemas_are_json_schemas(document):
    for place, schema in schemas(document):
        jsonschema.Draft202012Validator.check_schema(schema), place


def test_references_lead_somewhere_and_nothing_is_left_over(document):
    text = json.dumps(document)
    named = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', text))
    assert text.count('"$ref"') == len(re.findall(r'"\$ref": "#/components/schemas/', text))
    components = document["components"]["schemas"].keys()
    assert named == components
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in components)


def test_required_members_and_defaults_are_described(document):
    for place, schema in document["components"]["schemas"].items():
        assert set(schema.get("required", [])) <= schema["properties"].keys(), place
        registry = {**document, "$schema": "https://json-schema.org/draft/2020-12/schema"}
        resolver = jsonschema.RefResolver.from_schema(registry)
        for name, member in schema["properties"].items():
            if "default" in member:
                jsonschema.Draft202012Validator(member, resolver=resolver).validate(member["default"])
