"""One run at a time, each of them recorded, whatever becomes of it."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections
from django.utils import timezone

from backups.archive import ArchiveError
from backups.errors import TransferError
from backups.files import disk_trouble
from backups.lock import Busy, hold, is_held
from backups.models import BackupRun, RunQuerySet

logger = logging.getLogger(__name__)

Kind, Outcome = BackupRun.Kind, BackupRun.Outcome
DIED = "It did not end: the process was killed, or the machine went down."
STOPPED = "It was stopped from outside before it ended."


@contextmanager
def recorded(kind: str, *, started_by: str, using: str = "default") -> Iterator[BackupRun]:
    """A run of this kind from beginning to end; the block fills in what it learns about it.

    It is good when the block ends, failed with a sentence when an error leaves it (which goes on
    its way), also when the process is told to stop. TransferError when another run is under way.
    """
    with only_one(using), _stoppable():
        settle_the_dead(using)
        run = BackupRun(kind=kind, started_at=timezone.now(), started_by=started_by)
        run.save(using=using)
        try:
            yield run
        except BaseException as error:
            _end(run, Outcome.FAILED, why_not(error))
            raise
        _end(run, Outcome.GOOD)


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
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        return f"The database stopped it ({said})."
    if isinstance(error, OSError):
        return f"{error.filename or 'A file'} cannot be written or read: {disk_trouble(error)}"
    return f"Something unforeseen happened ({type(error).__name__}: {error})."


def seen(runs: RunQuerySet) -> list[BackupRun]:
    """These runs as they stand: whichever died without a word is failed. Writes nothing."""
    found = list(runs)
    unended = [run for run in found if run.outcome == Outcome.RUNNING]
    if unended and not is_held(runs.db):
        # A row appears after the lock was taken and is ended before it is let go of: who is
        # unended even now that the lock was seen free is dead.
        keys = [run.pk for run in unended]
        dead = set(
            BackupRun.objects.using(runs.db)
            .unended()
            .filter(pk__in=keys)
            .values_list("pk", flat=True)
        )
        for run in unended:
            if run.pk in dead:
                _mark_dead(run)
            else:
                run.refresh_from_db()
    return found


def settle_the_dead(using: str = "default") -> None:
    """Record as failed what never ended; only for who holds the lock."""
    for run in BackupRun.objects.using(using).unended():
        _mark_dead(run)
        run.save()


def _mark_dead(run: BackupRun) -> None:
    run.outcome, run.why_not = Outcome.FAILED, DIED
    run.ended_at = max(timezone.now(), run.started_at)


def _end(run: BackupRun, outcome: str, why: str = "") -> None:
    """Store how it ended, over a new connection when the old one broke; never hide an error."""
    run.outcome, run.why_not = outcome, why
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
