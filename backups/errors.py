"""What can go wrong with a transfer, said in one sentence to the person who started it."""

from __future__ import annotations

from django.db import DatabaseError, ProgrammingError

from backups.sentences import Told


class TransferError(Told):
    """The transfer cannot be done and nothing was changed; the message says why and what next."""


class OutcomeUnknown(TransferError):
    """The connection broke while the end was written: all of it is there, or nothing is."""


def database_trouble(error: DatabaseError) -> str:
    """What the database said, and what to do where that is known: one sentence or two."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    if isinstance(error, ProgrammingError) or "no such table" in said or "no such column" in said:
        return (
            f"The database has not the tables of this release ({said}). Run `manage.py migrate` "
            "first, then this command again."
        )
    return f"The database stopped it ({said})."
