"""Removing backups that need not be kept any longer."""

from __future__ import annotations

import datetime as dt

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
    verified = BackupRun.objects.using(using).verified_names()
    gone: dict[str, list[str]] = {}
    troubles = []
    for place in destinations():
        gone[place.alias] = []
        try:
            for name in to_remove(names(place), verified, now, days=days, months=months):
                if not dry_run:
                    remove(place, name)
                gone[place.alias].append(name)
        except TransferError as error:
            troubles.append(str(error))
    if troubles:
        raise TransferError(" ".join(troubles))
    return gone
