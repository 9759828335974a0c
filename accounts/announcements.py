"""What the site has to say to everybody: the banner, and which of them a learner has put away.

Each process reads the few announcements that are not over at most every five seconds and keeps them
with their times; pages ask the database for nothing, and begin and end are exact to the second.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import DatabaseError
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Announcement

logger = logging.getLogger(__name__)

# So long a process goes by what it read last.
REMEMBERED_SECONDS = 5.0
# At most so many are kept and shown; a page is for learning.
KEPT_MAX, SHOWN_MAX = 20, 3
PUT_AWAY = "announcements_put_away"  # Ids, in the login session.


@dataclass(frozen=True, slots=True)
class Shown:
    """One announcement as pages need it."""

    pk: int
    text: str
    level: str
    signed_in_only: bool
    starts_at: dt.datetime
    ends_at: dt.datetime | None

    def is_on(self, now: dt.datetime) -> bool:
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)


@dataclass(slots=True)
class _Memory:
    """What this process read last; before the first time it knows nothing."""

    known: tuple[Shown, ...] | None = None
    good_until: float = 0.0  # on the monotonic clock


_memory = _Memory()
_asking = threading.Lock()


def for_templates(request: HttpRequest) -> dict[str, Any]:
    """The context processor: `announcements`, worked out only by pages that ask for it."""
    return {"announcements": partial(visible, request)}


def visible(request: HttpRequest) -> list[Shown]:
    """What this visitor is to see, warnings first, then the newest."""
    now = timezone.now()
    there = [each for each in _current() if each.is_on(now)]
    if there and not _signed_in(request):
        there = [each for each in there if not each.signed_in_only]
    elif there:
        away = request.session.get(PUT_AWAY, [])
        there = [each for each in there if each.pk not in away]
    there.sort(key=lambda each: (each.level != Announcement.Level.WARNING, -each.pk))
    return there[:SHOWN_MAX]


def put_away(request: HttpRequest, pk: int) -> bool:
    """This login session sees it no more; False when there is none of this id to be seen."""
    if pk not in [each.pk for each in visible(request)]:
        return False
    # What is over needs no remembering, so that the list stays short.
    there = {each.pk for each in _current()}
    request.session[PUT_AWAY] = [*there.intersection(request.session.get(PUT_AWAY, [])), pk]
    return True


def remember(known: tuple[Shown, ...], seconds: float = REMEMBERED_SECONDS) -> None:
    """Go by these for so many seconds."""
    _memory.known, _memory.good_until = known, time.monotonic() + seconds


def forget() -> None:
    """The next page of this process asks the database."""
    _memory.good_until = 0.0


def _signed_in(request: HttpRequest) -> bool:
    return hasattr(request, "user") and request.user.is_authenticated


def _current() -> tuple[Shown, ...]:
    """What was known at most five seconds ago; one thread asks while others go on with that."""
    known = _memory.known
    if known is not None and time.monotonic() < _memory.good_until:
        return known
    if not _asking.acquire(blocking=known is None):
        return known or ()
    try:
        if _memory.known is None or time.monotonic() >= _memory.good_until:
            remember(_read_or_known())
        return _memory.known or ()
    finally:
        _asking.release()


def _read_or_known() -> tuple[Shown, ...]:
    fields = ("pk", "text", "level", "signed_in_only", "starts_at", "ends_at")
    not_over = Q(ends_at=None) | Q(ends_at__gt=timezone.now())
    try:
        rows = Announcement.objects.filter(not_over).order_by("-pk").values_list(*fields)[:KEPT_MAX]
        return tuple(Shown(*row) for row in rows)
    except DatabaseError:
        logger.warning("The announcements could not be read; they are as before.", exc_info=True)
        return _memory.known or ()
