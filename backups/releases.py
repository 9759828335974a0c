"""Whether a newer release has changed the tables of a database: after a rollback it has."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from backups.errors import TransferError

# Apps whose tables change from release to release of Leitner.
OWN_APPS = {"accounts", "backups", "cards"}
Migration = tuple[str, str]  # app and name


def newer(applied: Iterable[Migration]) -> list[Migration]:
    """Those of these migrations that a newer release has made, sorted."""
    on_disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    known = {*on_disk, *(old for each in on_disk.values() for old in each.replaces)}
    return sorted(each for each in applied if each[0] in OWN_APPS and each not in known)


def check_not_newer(using: str) -> None:
    """TransferError when tables have what this release would empty without knowing of it."""
    if found := newer(MigrationRecorder(connections[using]).applied_migrations()):
        raise TransferError(
            f"A newer release has changed the tables of the database ({'.'.join(found[0])} is "
            "unknown here). Use that release, or restore into an empty database. Nothing was "
            "changed."
        )
