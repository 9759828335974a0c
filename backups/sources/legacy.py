"""The legacy app's database as a source: its accounts and cards, and what we keep besides."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from typing import Self

from accounts.hashers import is_usable_werkzeug
from backups.legacy.dates import Days
from backups.legacy.rules import CARD_COLUMNS, Checks
from backups.rejects import LAST
from backups.report import Report
from backups.sources import Stream
from backups.sources.legacy_accounts import (
    ADDRESS_COLUMNS,
    BOX_COLUMNS,
    DECK_COLUMNS,
    USER_COLUMNS,
    Accounts,
    in_batches,
)
from backups.sources.legacy_cards import Cards
from backups.sources.sqlite_file import LEGACY
from backups.tables import table
from backups.wire import Row
from cards.links import is_web_address


class LegacySource:
    """Accounts and cards of a snapshot that `kind_of` found to be the legacy app's.

    Ids of the streams are new, from 1, and differ from the file's. `time_zone` is given to every
    account; `now` (aware) stands where a date is missing.
    """

    kind = "legacy"

    def __init__(
        self, snapshot: sqlite3.Connection, *, time_zone: str = "UTC", now: dt.datetime
    ) -> None:
        self._snapshot = snapshot
        days, now = Days(), now.astimezone(dt.UTC)
        checks = Checks(is_web_address, is_usable_werkzeug, now)
        self._accounts = Accounts(snapshot, checks, days, time_zone)
        self._cards = Cards(snapshot, checks, days)

    def totals(self) -> dict[str, int]:
        query = "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM cards)"
        users, cards = self._snapshot.execute(query).fetchone()
        return {"users": users, "cards": cards}

    def streams(self, report: Report) -> Iterator[Stream]:
        report.notes += unknown_parts(self._snapshot)
        report.read("users", 0)
        report.read("cards", 0)
        self._accounts.prepare()
        made = self._accounts
        yield _stream("accounts_user", USER_COLUMNS, in_batches(made.users(report)))
        yield _stream("account_emailaddress", ADDRESS_COLUMNS, in_batches(made.addresses()))
        yield _stream("cards_box", BOX_COLUMNS, in_batches(made.boxes()))
        yield _stream("cards_deck", DECK_COLUMNS, in_batches(made.decks()))
        yield _stream("cards_card", CARD_COLUMNS, self._cards.batches(report))

    def cards_per_owner(self) -> Iterator[tuple[int, int]]:
        return self._accounts.cards_per_owner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is to be tidied up: the snapshot is somebody else's."""


def unknown_parts(snapshot: sqlite3.Connection) -> list[str]:
    """A sentence for each column, table, view and trigger that the legacy app does not make."""
    notes = []
    for name, known in LEGACY.items():
        for _, column, *_ in snapshot.execute(f"PRAGMA table_xinfo({name})"):
            if column.lower() not in known and column != LAST:
                notes.append(f"The column {_shown(column)} of {name} is unknown and stays behind.")
    query = "SELECT type, name FROM sqlite_master WHERE type <> 'index' ORDER BY type, name"
    for type_, name in snapshot.execute(query).fetchall():
        if name.lower() not in LEGACY and not name.startswith("sqlite_"):
            rows = _rows(snapshot, name) if type_ == "table" else ""
            notes.append(f"The {type_} {_shown(name)}{rows} is unknown and stays behind.")
    return notes


def _stream(name: str, columns: tuple[str, ...], batches: Iterator[list[Row]]) -> Stream:
    of = table(name)
    return Stream(of, of.only(*columns), batches)


def _rows(snapshot: sqlite3.Connection, name: str) -> str:
    quoted = name.replace('"', '""')
    try:
        (rows,) = snapshot.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()  # noqa: S608
    except sqlite3.Error:
        return ""  # A virtual table of a module that is not here.
    return f" ({rows:,} {'row' if rows == 1 else 'rows'})"


def _shown(name: str) -> str:
    """In quotes, on one line whatever is in it."""
    signs = (char if char.isprintable() else repr(char)[1:-1] for char in name)
    return f'"{"".join(signs)}"'
