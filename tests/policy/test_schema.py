#!/usr/bin/python3
"""Checks docs/policy-document.schema.json: it is a JSON Schema 2020-12, takes every example and scenario, and refuses faulty documents.

Run with the system's Python: /usr/bin/python3 tests/policy/test_schema.py
"""

import copy
import json
import pathlib
import re

import jsonschema
import yaml

root = pathlib.Path(__file__).resolve().parents[2]
schema = json.loads((root / "docs/policy-document.schema.json").read_text())


class Loader(yaml.SafeLoader):
    """YAML 1.2 core scalars, as the reader of policy documents has them: dates, `no` and `017` stay text."""


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|Null|NULL|)$"), ["~", "n", "N", ""])
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(0|[1-9][0-9]*)$"), list("-+0123456789"))
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+))$"),
    list("-+.0123456789"),
)


def read(path):
    return yaml.load(path.read_text(), Loader)


def place(error):
    return "|".join(str(part) for part in error.absolute_path)


def faults(document):
    return sorted(place(error) for error in validator.iter_errors(document))


jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)

documents = sorted((root / "examples").glob("*.yaml")) + sorted((root / "tests/scenarios").rglob("*.yaml"))
assert (root / "examples/pacific-shipping-lines.yaml") in documents
for path in documents:
    found = [f"{place(error)}: {error.message}" for error in validator.iter_errors(read(path))]
    assert not found, f"{path}: {found[:3]}"

demo = read(root / "examples/pacific-shipping-lines.yaml")


def broken(change):
    document = copy.deepcopy(demo)
    change(document)
    return faults(document)


def put(document, pointer, value):
    *parents, last = pointer.split("|")
    for part in parents:
        document = document[part]
    document[last] = value


refused = {
    "version": (2, "version"),
    "bogus": (1, ""),
    "policy": ("x.yaml", ""),
    "status": ("gone", "status"),
    "resources|App/x": ({}, "resources"),
    "resources|app/0190a000-0000-7000-8000-000000000001": ({}, "resources"),
    "roles|viewer": ({}, "roles"),
    "roles|port_inspector|priority": (1001, "roles|port_inspector|priority"),
    "roles|everyone|priority": (5, "roles|everyone"),
    "fields|vessel/imo_number|tier": ("none", "fields|vessel/imo_number|tier"),
    "permissions|inspect-docked-vessels|actions": (["*", "read"], "permissions|inspect-docked-vessels|actions"),
    "permissions|inspect-docked-vessels|resource": ("vessel/x", "permissions|inspect-docked-vessels"),
    "permissions|inspect-docked-vessels|enforced": (True, "permissions|inspect-docked-vessels"),
    "users|inspector@psl-001.example|roles": ([{"expires_at": "x"}], "users|inspector@psl-001.example|roles|0"),
    "ancestors": ([{"version": 1, "ancestors": []}], "ancestors|0"),
    "tests|the viewer sees no vessel|expected": ({}, "tests|the viewer sees no vessel|expected"),
    "tests|the viewer sees no vessel|expected|fields": ({"core": {}}, "tests|the viewer sees no vessel|expected|fields|core"),
    "tests|the viewer sees no vessel|expected|because": ({}, "tests|the viewer sees no vessel|expected|because"),
    "tests|the viewer sees no vessel|expected|effective_roles": ({}, "tests|the viewer sees no vessel|expected|effective_roles"),
    "tests|the viewer sees no vessel|expected|reason_code": ("grant", "tests|the viewer sees no vessel|expected|reason_code"),
    "tests|the viewer sees no vessel|expected|ttl": (301, "tests|the viewer sees no vessel|expected|ttl"),
    "tests|the viewer sees no vessel|expected|who_can": (["u", "u"], "tests|the viewer sees no vessel|expected|who_can"),
    "tests|the viewer sees no vessel|question|as": ({}, "tests|the viewer sees no vessel|question"),
}
for pointer, (value, where) in refused.items():
    found = broken(lambda document: put(document, pointer, value))
    assert where in found, f"{pointer}: {found}"

print(f"{len(documents)} documents valid, {len(refused)} faulty ones refused")
