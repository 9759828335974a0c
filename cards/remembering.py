"""What was computed from a learner's cards is kept until their next write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from django.core.cache import cache

if TYPE_CHECKING:
    from accounts.models import User

KEEP_SECONDS = 60 * 60 * 24
T = TypeVar("T")


def remembered(name: str, owner: User, today: dt.date, compute: Callable[[User, dt.date], T]) -> T:
    """`compute(owner, today)`, from the cache when it is there; it must not return None.

    The key holds `data_version`, which every write raises, so that nothing stale is ever shown.
    """
    key = f"{name}:{owner.pk}:{owner.data_version}:{today}"
    found: T | None = cache.get(key)
    if found is None:
        found = compute(owner, today)
        cache.set(key, found, KEEP_SECONDS)
    return found
