"""`sentinel config`: sources, masking, exit code 78."""

import json
import os
import subprocess

import pytest
from conftest import PROGRAM, ROOT


@pytest.fixture
def config(tmp_path):
    def run(*arguments, **variables):
        environment = {"PATH": os.environ["PATH"], **variables}
        return subprocess.run([PROGRAM, "config", *arguments], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    return run


def value_of(done, name):
    assert done.returncode == 0, done.stderr
    return next(setting for setting in json.loads(done.stdout)["settings"] if setting["name"] == name)


def test_flag_wins_over_environment_over_file(config, tmp_path):
    assert value_of(config("--json"), "DB_POOL_SIZE")["source"] == "default"
    (tmp_path / "sentinel.toml").write_text("db_pool_size = 2\n")
    assert value_of(config("--json"), "DB_POOL_SIZE") == {
        "name": "DB_POOL_SIZE", "value": "2", "source": "file", "origin": "sentinel.toml:1", "secret": False}
    assert value_of(config("--json", DB_POOL_SIZE="3"), "DB_POOL_SIZE")["value"] == "3"
    assert value_of(config("--json", "--db-pool-size", "5", SENTINEL_DB_POOL_SIZE="4"), "DB_POOL_SIZE")["value"] == "5"


def test_a_boolean_flag_may_stand_alone(config):
    assert value_of(config("--json", "--require-if-match"), "REQUIRE_IF_MATCH")["value"] == "true"
    assert value_of(config("--json", "--enable-metrics=false"), "ENABLE_METRICS")["value"] == "false"


def test_s42_unusable_settings_end_with_78_and_their_names(config):
    done = config("--db-pool-size", "0", LOG_LEVEL="loud")
    assert done.returncode == 78 and done.stdout == ""
    assert "DB_POOL_SIZE: '0' is outside 1 to 500 (--db-pool-size)" in done.stderr
    assert "LOG_LEVEL: 'loud' is none of" in done.stderr


def test_secrets_are_masked_and_are_no_flags(config, tmp_path):
    (tmp_path / "password").write_text("hunter2-hunter2-Q\n")
    done = config(SENTINEL_ADMIN_EMAIL="a@b.example", SENTINEL_ADMIN_PASSWORD_FILE="password")
    assert done.returncode == 0 and "ADMIN_PASSWORD = ********  [environment: SENTINEL_ADMIN_PASSWORD_FILE]" in done.stdout
    assert "hunter2" not in done.stdout
    refused = config(SENTINEL_MASTER_KEY="hunter2")
    assert refused.returncode == 78 and "hunter2" not in refused.stderr
    assert config("--admin-password", "x").returncode == 2


def test_s31_values_cannot_steer_a_terminal(config):
    done = config(APP_NAME="a\u202eb")
    assert done.returncode == 78 and "\u202e" not in done.stderr


def test_the_example_is_the_one_that_is_shipped(config):
    assert config("--example").stdout == (ROOT / "deploy/sentinel.toml.example").read_text()
