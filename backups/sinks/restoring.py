"""A whole site comes back: into a database without people, or in the place of those who are there.

Everybody has to sign in again: a login session belongs to the data that it was begun with.
"""

from __future__ import annotations

from django.apps import apps

from backups.errors import TransferError
from backups.sinks.filling import Filling
from backups.tables import tables

SESSIONS = "usersessions.UserSession", "sessions.Session", "backups.UploadPart", "backups.Upload"


class Restoring(Filling):
    """The sink for a restore (see `backups.sinks`). With `replace`, what is there goes first."""

    def __init__(self, using: str = "default", *, replace: bool = False) -> None:
        super().__init__(using)
        self._replace = replace

    def begin(self) -> None:
        self._store.lock()
        if not self._replace:
            for each in tables():
                if rows := self._count(each):
                    raise TransferError(holds_data(rows, each.label))
        with self._connection.cursor() as cursor:
            for label in SESSIONS:
                cursor.execute(f'DELETE FROM "{apps.get_model(label)._meta.db_table}"')  # noqa: S608
        self._store.empty()
        self._store.make_ready()


def holds_data(rows: int, label: str) -> str:
    """Why a database with so many rows of one table is not restored into, and what to do."""
    return (
        f"The database holds data already ({rows:,} {label}). Add --replace to put the backup in "
        "its place, after a safety backup of what is there; or name an empty database in "
        "DATABASE_URL. Nothing was changed."
    )
