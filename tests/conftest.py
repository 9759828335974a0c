"""The cast and the stage: Alice owns, Charlie is a stranger; databases and caches are real."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from accounts import announcements
from accounts.models import User
from backups import maintenance
from leitner.env import env_caches
from tests.factories import make_user
from tests.servers import valkey_url

# How fast an example runs says something about the machine, not about the code.
hypothesis_settings.register_profile(
    "leitner", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("leitner")


def _clear_caches() -> None:
    for alias in settings.CACHES:
        caches[alias].clear()


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Rows that were rolled back give their ids to the next test; what was cached must not stay."""
    _clear_caches()
    yield
    _clear_caches()


@pytest.fixture(autouse=True)
def _no_maintenance() -> None:
    """Maintenance is off and known to be: no request asks for it, whenever it comes."""
    maintenance.remember(maintenance.State(), seconds=math.inf)


@pytest.fixture(autouse=True)
def _no_announcements() -> None:
    """There are none and that is known: no page asks for them, whenever it comes."""
    announcements.remember((), seconds=math.inf)


@pytest.fixture
def alice(db: None) -> User:
    """The owner: seven boxes, UTC, the day starts at four."""
    return make_user("alice@example.org")


@pytest.fixture
def charlie(db: None) -> User:
    """The stranger, to whom whatever is Alice's does not exist."""
    return make_user("charlie@example.org")


@pytest.fixture
def admin(db: None) -> User:
    return make_user("admin@example.org", is_staff=True, is_superuser=True)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def alice_client(alice: User) -> Client:
    return _signed_in(alice)


@pytest.fixture
def charlie_client(charlie: User) -> Client:
    return _signed_in(charlie)


@pytest.fixture
def admin_client(admin: User) -> Client:
    return _signed_in(admin)


@pytest.fixture
def real_hashers(settings: Any) -> None:
    """Argon2 first, as in production."""
    settings.PASSWORD_HASHERS = settings.REAL_PASSWORD_HASHERS


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Valkey server of this worker."""
    with valkey_url() as url:
        yield url


@pytest.fixture
def redis_cache(redis_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Caches and login sessions are in Valkey, empty, as REDIS_URL makes it."""
    monkeypatch.setenv("REDIS_URL", redis_url)
    settings.CACHES = env_caches("REDIS_URL")
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    settings.SESSION_CACHE_ALIAS = "sessions"
    caches["default"].clear()
