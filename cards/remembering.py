"""What was computed from a learner's cards is kept until their next write.

Each key holds `data_version`, which every write raises, so that nothing stale is ever shown. A
cache that is down makes pages slower, and nothing else.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast

from django.core.cache import cache

if TYPE_CHECKING:
    from accounts.models import User

logger = logging.getLogger(__name__)

NAMES = ("facts", "history", "summary")
KEEP_SECONDS = 60 * 60 * 24
# To be raised when what is kept changes its shape: values of an older release are not understood.
FORMAT = 1
T = TypeVar("T")


def remembered(name: str, owner: User, today: dt.date, compute: Callable[[User, dt.date], T]) -> T:
    """`compute(owner, today)`, from the cache when it is there; it must not return None."""
    found = cast("T | None", recall(name, owner, owner.data_version, today))
    if found is None:
        found = compute(owner, today)
        keep(name, owner, owner.data_version, today, found)
    return found


def recall(name: str, owner: User, version: int, today: dt.date) -> object | None:
    """What was kept for this version of the learner's data, or None."""
    try:
        return cast("object | None", cache.get(_key(name, owner, version, today)))
    except Exception as error:  # Whatever a cache's driver raises when its server is gone.
        logger.warning("The cache does not answer: %s", error)
        return None


def keep(name: str, owner: User, version: int, today: dt.date, value: object) -> None:
    """Keep `value` for this version of the learner's data."""
    try:
        cache.set(_key(name, owner, version, today), value, KEEP_SECONDS)
    except Exception as error:
        logger.warning("The cache does not take anything: %s", error)


def forget(owner: User, today: dt.date) -> None:
    """Nothing is kept about this learner any more; whatever is older is out of reach."""
    keys = [_key(name, owner, owner.data_version, today) for name in NAMES]
    try:
        cache.delete_many(keys)
    except Exception as error:
        logger.warning("The cache does not forget: %s", error)


def _key(name: str, owner: User, version: int, today: dt.date) -> str:
    return f"{name}:{FORMAT}:{owner.pk}:{version}:{today}"
