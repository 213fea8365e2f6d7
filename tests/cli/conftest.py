"""Black-box tests of the program `sentinel`: the binary of $SENTINEL, else <root>/sentinel."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("SENTINEL", str(ROOT / "sentinel"))

POLICY = """\
version: 1
tenant: CLI-001
resources:
  product_family/fleet:
    attributes: {region: APAC}
  app/ops:
    parent: product_family/fleet
  app/archive:
    parent: product_family/fleet
    is_active: false
fields:
  vessel/imo_number: {tier: core}
permissions:
  inspect-docked-vessels:
    resource_type: vessel
    resource_path: vessel/*
    actions: [read, update]
    conditions: {vessel_status: [In Port, Docked], region: APAC}
    fields: {core: {imo_number: [read]}}
  never-delete-vessels:
    resource_type: vessel
    resource_path: vessel/*
    actions: [delete]
    effect: deny
    enforced: true
  read-apps:
    resource_type: product_family
    resource: product_family/fleet
    actions: [read]
roles:
  port_inspector: {priority: 500, parent: app_reader, permissions: [inspect-docked-vessels]}
  app_reader: {priority: 100, permissions: [read-apps]}
  everyone: {permissions: [never-delete-vessels]}
users:
  inspector: {roles: [port_inspector]}
  reader: {roles: [app_reader]}
  locked: {status: locked, roles: [port_inspector]}
  night: {roles: [{name: app_reader, starts_at: 2030-01-01T00:00:00Z, expires_at: 2030-01-01T00:01:40Z}]}
"""

DOCKED = '{"vessel_status": "Docked", "region": "APAC"}'


def run(*arguments, stdin="", environment=None, folder=None, binary=False):
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=not binary,
        encoding=None if binary else "utf-8",
        env={**os.environ, **(environment or {})},
        cwd=folder,
        timeout=120,
    )


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY, encoding="utf-8")
    return path


@pytest.fixture
def broken_policy(tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text("version: 1\ntenant: X\nroles:\n  a: {priority: high}\n  b: {parent: nobody}\ncolour: red\n", encoding="utf-8")
    return path
