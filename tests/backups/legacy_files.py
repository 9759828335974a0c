"""Files of the legacy app for tests: the copies in tests/data/legacy, and ones made to order."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backups.report import Report
from backups.sources import Source
from backups.sources.legacy import LegacySource
from backups.sources.sqlite_file import open_snapshot

DATA = Path(__file__).resolve().parent.parent / "data" / "legacy"
NOW = dt.datetime(2026, 1, 6, 14, 30, tzinfo=dt.UTC)
SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT UNIQUE NOT NULL,
  password_hash TEXT NOT NULL, created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE cards (id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL,
  title TEXT NOT NULL, link TEXT, idea TEXT, solved_date DATE NOT NULL,
  leitner_box INTEGER NOT NULL DEFAULT 1, next_review DATE NOT NULL, last_reviewed DATE,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY(user_id) REFERENCES users(id) ON DELETE CASCADE);
CREATE INDEX idx_cards_user ON cards(user_id);
"""
HASH = f"scrypt:32768:8:1$saltsaltsalt${'ab' * 64}"
CARD: dict[str, Any] = {
    "user_id": 1, "title": "Two Sum", "link": "https://leetcode.com/problems/two-sum/",
    "idea": "one pass", "solved_date": "2025-10-15", "leitner_box": 3,
    "next_review": "2026-01-09", "last_reviewed": "2025-12-10",
    "created_at": "2025-10-15 13:10:28",
}  # fmt: skip
USER = {"email": "a@x.org", "password_hash": HASH, "created_at": "2025-10-15 13:06:34"}


@dataclass
class Kept:
    """Rejects that a test can look at."""

    rows: list[tuple[str, str, str, dict[str, object]]] = field(default_factory=list)

    def add(self, table: str, row_id: str, reason: str, row: Mapping[str, object]) -> None:
        self.rows.append((table, row_id, reason, dict(row)))

    def keep(self) -> None: ...

    def discard(self) -> None: ...


@dataclass
class Given:
    """What a source gave: rows of our tables as dictionaries, by the tables' names."""

    tables: dict[str, list[dict[str, str | None]]]
    report: Report
    rejected: list[tuple[str, str, str, dict[str, object]]]
    owners: dict[int, int]

    def card(self, legacy_id: int) -> dict[str, str | None]:
        """The row made of this card of the source."""
        start = f"legacy:{legacy_id}:"
        (found,) = [
            card for card in self.tables["cards_card"] if str(card["guid"]).startswith(start)
        ]
        return found

    def user(self, email: str) -> dict[str, str | None]:
        (found,) = [user for user in self.tables["accounts_user"] if user["email"] == email]
        return found

    def rules(self, table: str, row_id: int) -> list[str]:
        """Sentences about one row; only the first five rows of a sentence are known."""
        mends = self.report.mends.items()
        return [rule for (of, rule), found in mends if of == table and str(row_id) in found.rows]


def copy_of(name: str, folder: Path) -> Path:
    """A file of tests/data/legacy, with what lies beside it, in a folder of the test."""
    if name == "nasty":
        with zipfile.ZipFile(DATA / "nasty.zip") as archive:
            return Path(archive.extract("nasty.sqlite3", folder))
    for path in DATA.glob(f"{name}.sqlite3*"):
        shutil.copy(path, folder)
    return folder / f"{name}.sqlite3"


def make(
    path: Path,
    users: Iterable[Mapping[str, object]] = (USER,),
    cards: Iterable[Mapping[str, object]] = (),
    schema: str = SCHEMA,
) -> Path:
    """A file with these rows; what a card does not say is as in `CARD`."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(schema)
        connection.execute("BEGIN")
        for table, rows in (("users", users), ("cards", ({**CARD, **card} for card in cards))):
            for row in rows:
                names, marks = ", ".join(row), ", ".join("?" * len(row))
                insert = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
                connection.execute(insert, list(row.values()))
        connection.execute("COMMIT")
    return path


def altered(path: Path, statements: str) -> Path:
    """The file, after these statements were run on it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statements)
    return path


def read(path: Path, time_zone: str = "UTC") -> Given:
    """Everything that the legacy source gives for a file."""
    with open_snapshot(path) as snapshot:
        return read_source(LegacySource(snapshot, time_zone=time_zone, now=NOW))


def read_source(source: Source) -> Given:
    kept = Kept()
    report, tables = Report(source.kind, kept), {}
    with source:
        for stream in source.streams(report):
            names = [column.name for column in stream.columns]
            tables[stream.table.name] = [
                dict(zip(names, row, strict=True)) for batch in stream.batches for row in batch
            ]
        return Given(tables, report, kept.rows, dict(source.cards_per_owner() or ()))


def settled(given: Given) -> bool:
    """Whether every row that was read is in a stream, part of another one or set aside."""
    counts, tables = given.report.tables, given.tables
    accounts, cards = counts["users"], counts["cards"]
    return (
        accounts.read == len(tables["accounts_user"]) + accounts.merged + accounts.rejected
        and cards.read == len(tables["cards_card"]) + cards.rejected
        and sum(given.owners.values()) == len(tables["cards_card"])
    )
