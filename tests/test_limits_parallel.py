"""Many at once: never more get through than the limit says, with Redis and in memory."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.test import RequestFactory

from leitner.cache import SteadyRedisCache
from leitner.limits import count

AT_ONCE, ALLOWED = 24, 10


def through(rf: RequestFactory) -> int:
    """How many of those who come in the same moment need not wait."""
    ready = threading.Barrier(AT_ONCE)

    def ask(_: int) -> bool:
        request = rf.post("/")
        request.user = AnonymousUser()
        ready.wait()
        allowed = count(request, "write") == 0
        if isinstance(counters := caches["limits"], SteadyRedisCache):
            counters._cache.get_client(None).connection_pool.disconnect()
        return allowed

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return sum(threads.map(ask, range(AT_ONCE)))


@pytest.fixture(autouse=True)
def _ten_a_day(settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"write": f"{ALLOWED}/d"}


def test_in_memory(rf: RequestFactory) -> None:
    assert through(rf) == ALLOWED


@pytest.mark.usefixtures("redis_cache")
def test_in_redis(rf: RequestFactory) -> None:
    assert through(rf) == ALLOWED
    assert through(rf) == 0
