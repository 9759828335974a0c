"""Numbers of versions that no other history of the same data has used.

After a restore, or when a copy of the database takes over and lacks the last seconds, a counter
would give numbers a second time, and what was cached under them would be wrong. So a version is at
least the time at which it was made, in milliseconds since 1970.
"""

from __future__ import annotations

import time

from django.db.models import F, Value
from django.db.models.functions import Greatest


def later(version: int) -> int:
    """The version after `version`."""
    return max(version + 1, _now())


def later_than(field: str) -> Greatest:
    """The version after the one in this field of the row, for an UPDATE."""
    return Greatest(F(field) + 1, Value(_now()))


def _now() -> int:
    return time.time_ns() // 1_000_000
