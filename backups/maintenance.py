"""The switch that makes the site read-only, in the database, so that every process sees it."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from dataclasses import dataclass

from django.db import DatabaseError
from django.utils import timezone

from backups.models import Maintenance

logger = logging.getLogger(__name__)

# So long a process goes by what it read last.
REMEMBERED_SECONDS = 2.0
# How long a client shall wait when nobody said how long it takes.
RETRY_SECONDS = 300


@dataclass(frozen=True, slots=True)
class State:
    """How the switch stands; `until` is what people are told, and ends nothing by itself."""

    on: bool = False
    message: str = ""
    until: dt.datetime | None = None
    since: dt.datetime | None = None

    @property
    def overdue(self) -> bool:
        """Whether it should be over by now."""
        return self.until is not None and self.until <= timezone.now()

    def retry_after(self, now: dt.datetime) -> int:
        """Seconds after which to try again."""
        if self.until is None or self.until <= now:
            return RETRY_SECONDS
        return int((self.until - now).total_seconds()) + 1


@dataclass(slots=True)
class _Memory:
    """What this process read last; before the first time it knows nothing."""

    state: State | None = None
    good_until: float = 0.0  # on the monotonic clock


_memory = _Memory()
_asking = threading.Lock()


def current() -> State:
    """How the switch stands, at most two seconds ago: a query now and then, not with each request.

    One thread asks the database while the others go on with what was known. A database that does
    not answer changes nothing, so that pages that need none go on.
    """
    known = _memory.state
    if known is not None and time.monotonic() < _memory.good_until:
        return known
    if not _asking.acquire(blocking=known is None):
        return known or State()
    try:
        if _memory.state is None or time.monotonic() >= _memory.good_until:
            remember(_read_or_known())
        return _memory.state or State()
    finally:
        _asking.release()


def read() -> State:
    """How the switch stands in the database."""
    fields = ("on", "message", "until", "since")
    row = Maintenance.objects.filter(pk=1).values_list(*fields).first()
    return State(*row) if row else State()


def is_on() -> bool:
    """Whether nothing may be written just now, asked of the database."""
    return read().on


def switch_on(*, message: str | None, until: dt.datetime | None, now: dt.datetime) -> State:
    """From now on nothing is written. When it is on already, what is None stays as it is."""
    before = read()
    values = {
        "on": True,
        "message": before.message if message is None else message,
        "until": before.until if until is None else until,
        "since": before.since if before.on else now,
    }
    return _store(values)


def switch_off() -> State:
    """Everything works again."""
    return _store({"on": False, "message": "", "until": None, "since": None})


def remember(state: State, seconds: float = REMEMBERED_SECONDS) -> None:
    """Go by this for so many seconds."""
    _memory.state, _memory.good_until = state, time.monotonic() + seconds


def _store(values: dict[str, object]) -> State:
    Maintenance.objects.update_or_create(pk=1, defaults=values)
    state = read()
    remember(state)
    return state


def _read_or_known() -> State:
    try:
        return read()
    except DatabaseError:
        logger.warning("The maintenance switch could not be read; it is as before.", exc_info=True)
        return _memory.state or State()
