"""A site of its own on two servers; its learners are made anew for each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from leitner import replica_health
from tests.elsewhere import databases
from tests.factories import make_user
from tests.replica.servers import Pair, replicated


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The servers are the same whatever the database of the other tests is: once is enough."""
    for item in items:
        if "tests/replica/" in item.path.as_posix() and connection.vendor == "sqlite":
            item.add_marker(pytest.mark.skip(reason="two servers of PostgreSQL, whatever is here"))


@pytest.fixture(scope="session")
def servers(django_db_blocker: Any) -> Iterator[Pair]:
    with replicated() as pair:
        with django_db_blocker.unblock(), databases(default=pair.primary.settings):
            call_command("migrate", verbosity=0)
        yield pair


@pytest.fixture
def site(servers: Pair, django_db_blocker: Any, settings: Any) -> Iterator[Pair]:
    """All code meanwhile has the primary as its database, and the replica, which follows."""
    settings.ADMINS = [("", "admin@example.org")]
    there = {"replica": servers.replica.settings, "default": servers.primary.settings}
    ContentType.objects.clear_cache()
    with django_db_blocker.unblock(), databases(**there):
        servers.mend()
        replica_health.forget()
        try:
            yield servers
        finally:
            User.objects.all().delete()
            replica_health.forget()
    ContentType.objects.clear_cache()


@pytest.fixture
def alice(site: Pair) -> User:
    return make_user("alice@example.org")


@pytest.fixture
def charlie(site: Pair) -> User:
    return make_user("charlie@example.org")
