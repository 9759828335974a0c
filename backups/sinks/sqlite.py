"""Filling empty tables of SQLite, for learners who stay small: plain inserts in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

from backups.archives.csv_text import csv_line
from backups.archives.snapshot import select
from backups.checksum import BATCH, prepare_sqlite
from backups.errors import TransferError
from backups.tables import Column, Kind, Table, tables
from backups.wire import Checksum, Row, line_of

Stored = str | int | bytes


def _instant(wire: str) -> str:
    """ "2026-01-31 12:00:00.5+00" is stored as "2026-01-31 12:00:00.500000", always UTC."""
    seconds, _, fraction = wire.removesuffix("+00").partition(".")
    return f"{seconds}.{fraction:0<6}" if fraction else seconds


# From wire form to what Django's SQLite backend stores; kinds that are not named stay text.
STORED: dict[Kind, Callable[[str], Stored]] = {
    "integer": int,
    "boolean": lambda wire: int(wire == "t"),
    "instant": _instant,
    "uuid": lambda wire: wire.replace("-", ""),
    "bytes": lambda wire: bytes.fromhex(wire[2:]),
    "name": int,  # The id that it was translated to.
}


class SqliteStore:
    """The tables of a copy in one SQLite database."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection

    def lock(self) -> None:
        """A transaction of this site locks the database as it begins."""

    def empty(self) -> None:
        """Nothing is left in the tables."""
        with self._connection.cursor() as cursor:
            for table in reversed(tables()):
                cursor.execute(f'DELETE FROM "{table.name}"')  # noqa: S608

    def make_ready(self) -> None:
        """Indexes and constraints stay on."""

    def load(
        self,
        table: Table,
        columns: Sequence[Column],
        batches: Iterable[list[Row]],
        checksum: Checksum,
    ) -> None:
        """Write rows, and count them into the checksum."""
        names = ", ".join(f'"{column.name}"' for column in columns)
        places = ", ".join("%s" for _ in columns)
        sql = f'INSERT INTO "{table.name}" ({names}) VALUES ({places})'  # noqa: S608
        stored = [STORED.get(column.kind, str) for column in columns]
        with self._connection.cursor() as cursor:
            for rows in batches:
                checksum.add(map(line_of, rows))
                cursor.executemany(sql, [_stored(row, stored) for row in rows])

    def sha256_of(self, table: Table, columns: Sequence[Column]) -> str:
        """Of the table's CSV, with the names of these columns first, as an export writes it."""
        digest = hashlib.sha256(csv_line([column.name for column in columns]).encode())
        raw = self._connection.connection
        prepare_sqlite(raw)
        cursor = raw.execute(select(table, columns, "sqlite"))
        while rows := cursor.fetchmany(BATCH):
            digest.update("".join(map(csv_line, rows)).encode())
        return digest.hexdigest()

    def finish(self) -> None:
        """Ids go on after the highest by themselves."""

    def check_constraints(self) -> None:
        """TransferError when a foreign key points nowhere; the rest was never off."""
        with self._connection.cursor() as cursor:
            for table in tables():
                cursor.execute(f'PRAGMA foreign_key_check("{table.name}")')
                if found := cursor.fetchone():
                    raise TransferError(
                        f"Row {found[1]} of {table.name} points at a row of {found[2]} that is not "
                        "there. Nothing was changed."
                    )


def _stored(row: Row, stored: list[Callable[[str], Stored]]) -> list[Stored | None]:
    return [
        None if value is None else store(value) for store, value in zip(stored, row, strict=True)
    ]
