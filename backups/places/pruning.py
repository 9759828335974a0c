"""Removing backups that need not be kept any longer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.conf import settings

from backups.errors import TransferError
from backups.models import BackupRun
from backups.places.destinations import destinations, names, remove
from backups.places.retention import to_remove


def prune(
    now: dt.datetime, *, dry_run: bool = False, using: str = "default"
) -> dict[str, list[str]]:
    """Remove what BACKUP_KEEP_DAYS and BACKUP_KEEP_MONTHS do not keep; the names, by destination.

    Call it while holding the lock (`running.only_one`), as somebody may be reading a backup. With
    `dry_run` nothing is removed. TransferError when a destination or the settings are amiss; the
    other destinations are done all the same.
    """
    days, months = settings.BACKUP_KEEP_DAYS, settings.BACKUP_KEEP_MONTHS
    if days < 1 or months < 0:
        raise TransferError(
            f"BACKUP_KEEP_DAYS is {days} and BACKUP_KEEP_MONTHS {months}: keep at least one day's. "
            "Nothing was removed."
        )
    runs = BackupRun.objects.using(using)
    verified = runs.verified_names()
    # What stood one drill and not the next may be damaged; or the next one's server was.
    proofs = verified, verified - runs.doubtful_names()
    gone: dict[str, list[str]] = {}
    troubles = []
    for place in destinations():
        gone[place.alias] = []
        try:
            for name in _old(names(place), proofs, now):
                if not dry_run:
                    remove(place, name)
                gone[place.alias].append(name)
        except TransferError as error:
            troubles.append(str(error))
    if troubles:
        raise TransferError(" ".join(troubles))
    return gone


def _old(found: list[str], proofs: Iterable[set[str]], now: dt.datetime) -> list[str]:
    """The names that need not be kept, whichever of these count as verified; oldest first."""
    days, months = settings.BACKUP_KEEP_DAYS, settings.BACKUP_KEEP_MONTHS
    first, *others = (to_remove(found, each, now, days=days, months=months) for each in proofs)
    return [name for name in first if all(name in other for other in others)]
