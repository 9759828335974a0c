"""A PostgreSQL and a Valkey that a test may hurt, made once; learners made anew for each test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from tests.elsewhere import databases
from tests.factories import make_user
from tests.gunicorns import machines
from tests.replica.servers import NAME, Server
from tests.valkey import Valkey


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The servers are the same whatever the database of the other tests is: once is enough."""
    for item in items:
        if "tests/faults/" in item.path.as_posix() and connection.vendor == "sqlite":
            item.add_marker(pytest.mark.skip(reason="a PostgreSQL of its own, whatever is here"))


@pytest.fixture(scope="session")
def postgres(django_db_blocker: Any) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="leitner-faults-"))
    folder.chmod(0o755)
    place = folder / "data"
    place.mkdir(mode=0o700)
    server = Server(place)
    server.sql(f"CREATE DATABASE {NAME};")
    with django_db_blocker.unblock(), databases(default=server.settings):
        call_command("migrate", verbosity=0)
    yield server
    server.die()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(postgres: Server, django_db_blocker: Any) -> Iterator[Server]:
    """This process talks to it as well."""
    ContentType.objects.clear_cache()
    with django_db_blocker.unblock(), databases(default=postgres.settings):
        yield postgres
        User.objects.all().delete()
    ContentType.objects.clear_cache()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Valkey]:
    (tmp_path / "valkey").mkdir()
    server = Valkey(tmp_path / "valkey")
    yield server
    server.kill()


@pytest.fixture
def site(database: Server, redis: Valkey, tmp_path: Path) -> Iterator[str]:
    """The address of Leitner, served by two workers with four threads each."""
    url = f"postgres:///{NAME}?host={database.host}&user=postgres"
    urls = {"DATABASE_URL": url, "REDIS_URL": redis.url}
    with machines(1, tmp_path, workers=2, threads=4, **urls) as [address]:
        yield address


@pytest.fixture
def alice(database: Server) -> User:
    return make_user("alice@example.org")
