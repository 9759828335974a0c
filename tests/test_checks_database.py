"""`manage.py check` counts connections, and finds a pooler that nobody told it of."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.db import connection

from leitner.checks_database import check_count, check_server, most_connections
from tests.elsewhere import databases
from tests.pgbouncer import pgbouncer
from tests.servers import postgres_url

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="about connections to PostgreSQL"),
]


def ids(found: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in found]


def test_the_number_is_told_with_its_sum(settings: Any) -> None:
    settings.WEB_MACHINES, settings.WEB_CONCURRENCY, settings.WEB_THREADS = 4, 2, 8
    (told,) = check_count()
    assert most_connections() == 88
    assert "up to 88 connections to the database" in told.msg
    assert "4 machines x 2 processes x (8 threads + 3)" in told.msg
    assert told in run_checks(include_deployment_checks=True, databases=["default"])


def test_with_a_pooler_its_clients_are_counted(settings: Any) -> None:
    settings.POOLED = True
    (told,) = check_count()
    assert "to the pooler (its max_client_conn)" in told.msg


def test_too_many_for_the_server_are_found(settings: Any) -> None:
    assert ids(check_server(["default"])) == []
    settings.WEB_MACHINES, settings.WEB_CONCURRENCY, settings.WEB_THREADS = 1, 1, 42
    assert ids(check_server(["default"])) == []
    settings.WEB_THREADS += 1
    (found,) = check_server(["default"])
    assert found.id == "leitner.W101"
    assert "may take 98 connections, and the database has 97" in found.msg
    # The pooler takes them; it has as many connections to the server as it is told to.
    settings.POOLED = True
    assert ids(check_server(["default"])) == []


def test_nothing_is_connected_to_unless_it_is_asked_for() -> None:
    assert check_server() == []
    assert check_server(["replica"]) == []


@pytest.mark.django_db(transaction=True)
def test_a_pooler_that_nobody_told_of_is_found(settings: Any) -> None:
    with pgbouncer(postgres_url(), 2) as (host, port):
        there = {"HOST": host, "PORT": port}
        with databases(default=there):
            (found,) = check_server(["default"])
            assert found.id == "leitner.E101"
            assert found.msg.startswith("DATABASE_URL leads through a pooler")
            settings.POOLED = True
            (found,) = check_server(["default"])
            assert found.msg.startswith("DATABASE_DIRECT_URL leads through a pooler")
        with databases(default={**there, "DISABLE_SERVER_SIDE_CURSORS": True}):
            assert check_server(["default"]) == []
