"""Runs that never ended: whether they are still running or died, and that the dead are recorded."""

from __future__ import annotations

from django.utils import timezone

from backups.models import BackupRun, RunQuerySet
from backups.runs.lock import is_held

DIED = "It did not end: the process was killed, or the machine went down."


def seen(runs: RunQuerySet) -> list[BackupRun]:
    """These runs as they stand: whichever died without a word is failed. Writes nothing."""
    found = list(runs)
    unended = [run for run in found if not run.ended_at]
    if unended and not is_held(runs.db):
        # A run's row is written after the lock was taken, and again before it is let go of: what
        # is unended even now that the lock was seen free has nobody who could end it.
        for run in unended:
            run.refresh_from_db()
            if not run.ended_at:
                _mark_dead(run)
    return found


def settle_the_dead(using: str) -> None:
    """Record as failed what never ended; only for who holds the lock."""
    for run in BackupRun.objects.using(using).unended():
        _mark_dead(run)
        run.save()


def _mark_dead(run: BackupRun) -> None:
    run.outcome, run.why_not = BackupRun.Outcome.FAILED, DIED
    run.ended_at = max(timezone.now(), run.started_at)
