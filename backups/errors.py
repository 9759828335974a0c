"""What can go wrong with a transfer, said in one sentence to the person who started it."""

from __future__ import annotations

from django.db import DatabaseError

from backups.sentences import Told

_FULL = "database or disk is full", "disk I/O error", "No space left on device"

# PostgreSQL's codes for a table and a column that are not there.
_NOT_THERE = {"42P01", "42703"}


class TransferError(Told):
    """The transfer cannot be done and nothing was changed; the message says why and what next."""


class OutcomeUnknown(TransferError):
    """The connection broke while the end was written: all of it is there, or nothing is."""


def database_trouble(error: DatabaseError) -> str:
    """What the database said, and what to do where that is known: one sentence or two."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    lacking = code_of(error) in _NOT_THERE or said.startswith(("no such table", "no such column"))
    if lacking:
        return (
            f"The database lacks what this release needs ({said}). Run `manage.py migrate` first, "
            "then this command again."
        )
    if is_full(error):
        return f"The disk of the database has no room ({said}). Make room, then run this again."
    return f"The database stopped it ({said})."


def is_full(error: DatabaseError) -> bool:
    """Whether the database has no room on its disk.

    Of a file that may not grow SQLite says that its disk fails.
    """
    return any(words in str(error) for words in _FULL)


def code_of(error: DatabaseError) -> str | None:
    """PostgreSQL's code for what went wrong; None from other databases."""
    return getattr(error.__cause__, "pgcode", None)
