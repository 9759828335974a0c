"""What becomes of a button that an admin pressed: a process takes a moment to begin, or dies first.

A process that dies before it could record a run is known by what is not there.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass

from django.http import HttpRequest

from backups.background import log_path
from backups.models import BackupRun

# When this admin last pressed a button: a key of their session.
PRESSED = "backup_pressed_at"
A_MOMENT, A_DAY = dt.timedelta(seconds=30), dt.timedelta(days=1)
TAIL, LINE_MAX = 4096, 300


@dataclass(frozen=True, slots=True)
class Lost:
    """A run that never began: when the button was pressed, the log, and the last line in it."""

    at: dt.datetime
    log: str
    said: str


def press(request: HttpRequest, now: dt.datetime) -> None:
    """Remember that this admin pressed a button."""
    request.session[PRESSED] = now.isoformat()


def is_starting(request: HttpRequest, now: dt.datetime) -> bool:
    """Whether this admin pressed a button a moment ago and no run has come of it yet."""
    at = _without_a_run(request)
    return at is not None and dt.timedelta() <= now - at < A_MOMENT


def lost(request: HttpRequest, now: dt.datetime) -> Lost | None:
    """The run that this admin started within a day and that will not begin any more."""
    at = _without_a_run(request)
    if at is None or not A_MOMENT <= now - at < A_DAY:
        return None
    return Lost(at, str(log_path()), _last_line(at))


def _without_a_run(request: HttpRequest) -> dt.datetime | None:
    pressed = request.session.get(PRESSED)
    at = dt.datetime.fromisoformat(pressed) if pressed else None
    return None if at and BackupRun.objects.filter(started_at__gte=at).exists() else at


def _last_line(since: dt.datetime) -> str:
    """What was last written to the log after this instant; empty when that lies elsewhere."""
    try:
        with log_path().open("rb") as file:
            if os.fstat(file.fileno()).st_mtime < since.timestamp():
                return ""
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
            lines = file.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return next((line.strip()[:LINE_MAX] for line in reversed(lines) if line.strip()), "")
