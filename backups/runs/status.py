"""How backups stand: the one place that says so, for commands, alarms, monitors and pages."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass

from backups.archives.naming import CLOCKS
from backups.models import BackupRun
from backups.runs.unended import seen

# A day, and two hours for a run that is late or long.
MAX_AGE_HOURS = 26
# So large a share of the rows may be gone since the backup before.
SHRUNK = 0.2


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is amiss: `kind` is one of stale, failed, drill, shrunk; `sentence` is for people."""

    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Status:
    """The newest good backup, the last ended run of each kind, and everything that is amiss."""

    newest: BackupRun | None
    last: BackupRun | None
    drill: BackupRun | None
    running: BackupRun | None
    age: dt.timedelta | None  # Of the newest good backup.
    troubles: tuple[Trouble, ...]

    @property
    def good(self) -> bool:
        return not self.troubles


def status(now: dt.datetime, *, max_age: float = MAX_AGE_HOURS, using: str = "default") -> Status:
    """How backups stand at `now` (aware); `max_age` in hours. Three queries; nothing written.

    Runs that claim to be of a later time are passed over.
    """
    # A clock that was once ahead must not hide for ever what came after it was set right.
    runs = BackupRun.objects.using(using).filter(started_at__lte=now + CLOCKS)
    good = list(runs.exports().good()[:2])
    newest = good[0] if good else None
    before = good[1] if len(good) > 1 else None
    # Of two that have not ended, one at most is running; the others died.
    exports = seen(runs.exports()[:2])
    # A file from anywhere that somebody tried says nothing of the backups that are kept.
    drills = seen(runs.drills().exclude(name__contains=os.sep)[:2])
    last, drill = _ended(exports), _ended(drills)
    age = now - newest.started_at if newest else None
    troubles = [
        *_stale(newest, age, max_age),
        *_failed("failed", "The last backup", last),
        *_failed("drill", "The last drill", drill),
        *_shrunk(newest, before),
    ]
    running = next((run for run in [*exports, *drills] if run.outcome == "running"), None)
    return Status(newest, last, drill, running, age, tuple(troubles))


def _ended(runs: list[BackupRun]) -> BackupRun | None:
    return next((run for run in runs if run.ended_at), None)


def _stale(newest: BackupRun | None, age: dt.timedelta | None, max_age: float) -> Iterator[Trouble]:
    if newest is None or age is None:
        yield Trouble("stale", "There is no good backup yet.")
    elif age > dt.timedelta(hours=max_age):
        hours = age.total_seconds() / 3600
        yield Trouble(
            "stale",
            f"The newest good backup, {newest.name}, is {hours:,.0f} hours old; it should be "
            f"{max_age:g} at most.",
        )


def _failed(kind: str, what: str, run: BackupRun | None) -> Iterator[Trouble]:
    if run and not run.good:
        of = f" of {run.name}" if run.name and kind == "drill" else ""
        when = f"{run.started_at:%Y-%m-%d %H:%M} UTC"
        yield Trouble(kind, f"{what}{of} failed ({when}): {run.why_not}")


def _shrunk(newest: BackupRun | None, before: BackupRun | None) -> Iterator[Trouble]:
    if newest and before and newest.rows < before.rows * (1 - SHRUNK):
        less = 100 * (before.rows - newest.rows) // before.rows
        yield Trouble(
            "shrunk",
            f"The newest backup, {newest.name}, holds {newest.rows:,} rows, {less} % fewer than "
            f"the {before.rows:,} of the one before, {before.name}. Find out what is gone before "
            "the older ones go.",
        )
