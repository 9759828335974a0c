"""One run at a time, each of them recorded, whatever becomes of it."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections
from django.utils import timezone

from backups.archives.archive import ArchiveError
from backups.errors import TransferError, database_trouble
from backups.files import disk_trouble
from backups.models import BackupRun
from backups.runs.alarms import raise_alarms
from backups.runs.lock import Busy, hold
from backups.runs.status import status
from backups.runs.unended import settle_the_dead
from backups.transfer import check_migrated

logger = logging.getLogger(__name__)

Kind, Outcome = BackupRun.Kind, BackupRun.Outcome
WHO_MAX = 254  # as the column
STOPPED = "It was stopped from outside before it ended."


@contextmanager
def recorded(kind: str, *, started_by: str, using: str = "default") -> Iterator[BackupRun]:
    """A run of this kind from beginning to end; the block fills in what it learns about it.

    It is good when the block ends, failed with a sentence when an error leaves it (which goes on
    its way), also when the process is told to stop. TransferError when another run is under way,
    or the tables are not those of this release.
    """
    with only_one(using), _stoppable():
        settle_the_dead(using)
        with another(kind, started_by=started_by, using=using) as run:
            check_migrated(using)
            yield run


@contextmanager
def another(kind: str, *, started_by: str, using: str = "default") -> Iterator[BackupRun]:
    """A run within a run that is recorded already, and holds the lock for both."""
    run = BackupRun(kind=kind, started_at=timezone.now(), started_by=started_by[:WHO_MAX])
    run.save(using=using)
    try:
        yield run
    except BaseException as error:
        _end(run, Outcome.FAILED, why_not(error))
        raise
    else:
        _end(run, Outcome.GOOD)
    finally:
        if kind != Kind.RESTORE:
            _tell(using)


@contextmanager
def only_one(using: str = "default") -> Iterator[None]:
    """No run begins while the block runs; TransferError when one is under way."""
    try:
        with hold(using):
            yield
    except Busy:
        raise TransferError(_under_way(using)) from None


def why_not(error: BaseException) -> str:
    """One sentence for what ended a run."""
    if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
        return STOPPED
    if isinstance(error, TransferError | ArchiveError):
        return str(error)
    if isinstance(error, DatabaseError):
        return database_trouble(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'A file'} cannot be written or read: {disk_trouble(error)}"
    return f"Something unforeseen happened ({type(error).__name__}: {error})."


def _end(run: BackupRun, outcome: str, why: str = "") -> None:
    """Store how it ended, over a new connection when the old one broke; never hide an error."""
    # Whatever a file or a server said: how the run ended can be stored.
    run.outcome = outcome
    run.why_not = why.encode(errors="replace").decode().replace("\0", "?")
    run.ended_at = max(timezone.now(), run.started_at)
    using = run._state.db or "default"
    try:
        try:
            _store(run)
        except DatabaseError:
            connections[using].close()
            _store(run)
    except DatabaseError:
        if not why:
            raise
        logger.exception("How a run ended could not be stored: %s", why)


def _store(run: BackupRun) -> None:
    run.save()
    if run.kind == Kind.DRILL and run.good:
        exports = BackupRun.objects.using(run._state.db).exports().good()
        exports.of(run.name).update(verified_at=run.ended_at)


def _tell(using: str) -> None:
    """The admins hear of trouble; whether they do changes nothing about the run."""
    try:
        now = timezone.now()
        raise_alarms(status(now, using=using).troubles, now, using=using)
    except Exception:
        logger.exception("Whether the admins must be told could not be found out.")


def _under_way(using: str) -> str:
    run = BackupRun.objects.using(using).unended().first()
    if run is None:
        return "A backup or a restore is running. Wait until it has ended. Nothing was changed."
    words = {Kind.EXPORT: "A backup", Kind.RESTORE: "A restore", Kind.DRILL: "A drill"}
    return (
        f"{words[Kind(run.kind)]} is running since {run.started_at:%Y-%m-%d %H:%M} UTC. Wait until "
        "it has ended. Nothing was changed."
    )


@contextmanager
def _stoppable() -> Iterator[None]:
    """Stopped by a service manager is as good as Ctrl+C: recorded and tidied up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
