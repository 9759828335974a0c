"""Which database is connected to, and how, by pages and by commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
POOL, DIRECT = "postgres://u:p@pool:6432/leitner", "postgres://u:p@server:5432/leitner"
SHOW = """
import json, sys
sys.argv = ARGV
from leitner import settings
print(json.dumps(settings.DATABASES))
"""


def found(*argv: str, **environment: str) -> dict[str, Any]:
    """DATABASES of a process that was started so."""
    clean = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "SECRET_KEY": "0a1b2c3d4e" * 6}
    said = subprocess.run(
        [sys.executable, "-c", SHOW.replace("ARGV", repr(list(argv)))],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    databases: dict[str, Any] = json.loads(said.stdout)
    return databases


def test_a_connection_is_kept_and_looked_at_before_it_is_used_again() -> None:
    default = found("gunicorn", DATABASE_URL=DIRECT)["default"]
    assert (default["CONN_MAX_AGE"], default["CONN_HEALTH_CHECKS"]) == (600, True)
    assert (
        found("gunicorn", DATABASE_URL=DIRECT, CONN_MAX_AGE="60")["default"]["CONN_MAX_AGE"] == 60
    )


@pytest.mark.parametrize(
    "server", [["/venv/bin/gunicorn", "leitner.wsgi"], ["manage.py", "runserver"]]
)
def test_pages_go_through_the_pool_without_cursors_of_the_server(server: list[str]) -> None:
    default = found(*server, DATABASE_URL=POOL, DATABASE_DIRECT_URL=DIRECT)["default"]
    assert (default["HOST"], default["DISABLE_SERVER_SIDE_CURSORS"]) == ("pool", True)


@pytest.mark.parametrize("command", ["migrate", "export_backup", "restore_backup"])
def test_commands_connect_directly(command: str) -> None:
    urls = {"DATABASE_URL": POOL, "DATABASE_DIRECT_URL": DIRECT}
    default = found("/srv/leitner/manage.py", command, **urls)["default"]
    assert (default["HOST"], default["DISABLE_SERVER_SIDE_CURSORS"]) == ("server", False)


def test_without_a_pool_everybody_connects_directly() -> None:
    for argv in (["gunicorn"], ["manage.py", "migrate"]):
        default = found(*argv, DATABASE_URL=DIRECT)["default"]
        assert (default["HOST"], default["DISABLE_SERVER_SIDE_CURSORS"]) == ("server", False)


def test_a_replica_is_read_only_and_never_waited_for_long() -> None:
    replica = found("gunicorn", DATABASE_URL=POOL, DATABASE_REPLICA_URL=DIRECT)["replica"]
    assert replica["HOST"] == "server"
    assert replica["OPTIONS"]["connect_timeout"] == 2
    assert "default_transaction_read_only=on" in replica["OPTIONS"]["options"]
    assert "statement_timeout=10s" in replica["OPTIONS"]["options"]
    # Tests never make a database there.
    assert replica["TEST"] == {"MIRROR": "default"}


def test_without_the_setting_there_is_no_replica() -> None:
    assert found("gunicorn", DATABASE_URL=POOL).keys() == {"default"}


@pytest.mark.parametrize(("primary", "replica"), [("", DIRECT), (DIRECT, "sqlite:////tmp/copy")])
def test_a_replica_and_its_primary_must_be_postgresql(primary: str, replica: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        found("gunicorn", DATABASE_URL=primary, DATABASE_REPLICA_URL=replica)
    assert "must name a replica of a PostgreSQL database" in failed.value.stderr


def test_a_server_that_is_gone_without_a_word_is_noticed() -> None:
    default = found("gunicorn", DATABASE_URL=f"{DIRECT}?connect_timeout=3&sslmode=require")
    options = default["default"]["OPTIONS"]
    assert options | {"connect_timeout": 3, "sslmode": "require"} == options
    assert options["tcp_user_timeout"] == 30_000
    assert "connect_timeout" not in found("gunicorn")["default"]["OPTIONS"]
