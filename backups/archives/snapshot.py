"""This site's database at one instant, as CSV, while learners go on answering."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from backups.archives.csv_text import csv_line
from backups.checksum import WIRE_SETTINGS, prepare_sqlite
from backups.releases import Migration, newer
from backups.tables import Column, Table, Vendor

logger = logging.getLogger(__name__)
# What is passed on at once, in bytes, unless one row is larger.
PIECE = 64 * 1024
_NOW = """to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""

# Limits that are right for pages; not every server knows all of them.
_NO_LIMITS = (
    "SELECT set_config(name, '0', true) FROM pg_settings WHERE name IN "
    "('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')"
)


class Out(Protocol):
    """Something to write bytes to."""

    def write(self, data: bytes, /) -> object: ...


class Snapshot:
    """One instant of a database; every table read from it is of that instant.

    `migrations` are the last one applied of each app, `instant` is ISO in UTC.
    """

    vendor: Vendor
    instant: str
    migrations: dict[str, str]

    def write_csv(self, table: Table, out: Out) -> int:
        """All rows in the order of the primary key, without a header; how many there are."""
        return self.write_rows(select(table, table.columns, self.vendor), out)

    def write_rows(self, query: str, out: Out) -> int:
        """What a query gives, as CSV without a header; how many rows. Values are wire form."""
        raise NotImplementedError


class PostgresSnapshot(Snapshot):
    """A read-only transaction that repeats what it read; the server makes the CSV."""

    vendor: Vendor = "postgresql"

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        # The first query fixes the instant.
        cursor.execute(f"{WIRE_SETTINGS}; SELECT {_NOW}")
        (self.instant,) = cursor.fetchone()
        cursor.execute(_NO_LIMITS)

    def write_rows(self, query: str, out: Out) -> int:
        lines = Lines(out)
        copy_out(self.cursor, query, lines)
        return lines.rows


class SqliteSnapshot(Snapshot):
    """A read transaction on the file; writers go on beside it (WAL)."""

    vendor: Vendor = "sqlite"

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw
        raw.execute("BEGIN")
        (self.instant,) = raw.execute(
            "SELECT strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') FROM sqlite_master"
        ).fetchone()

    def write_rows(self, query: str, out: Out) -> int:
        rows = size = 0
        waiting: list[bytes] = []
        for row in self.raw.execute(query):
            waiting.append(csv_line(row).encode())
            size += len(waiting[-1])
            if size >= PIECE:
                out.write(b"".join(waiting))
                rows, size = rows + len(waiting), 0
                waiting.clear()
        out.write(b"".join(waiting))
        return rows + len(waiting)


class Lines:
    """Takes COPY's rows, one a call, and passes them on in larger pieces, CRLF at each end."""

    def __init__(self, out: Out) -> None:
        self.out = out
        self.rows = self.size = 0
        self.waiting: list[bytes] = []

    def write(self, row: bytes) -> None:
        self.waiting.append(row[:-1])
        self.size += len(row)
        if self.size >= PIECE:
            self.flush()

    def flush(self) -> None:
        if self.waiting:
            self.rows += len(self.waiting)
            self.out.write(b"\r\n".join(self.waiting) + b"\r\n")
            self.waiting.clear()
            self.size = 0


def copy_out(cursor: Any, query: str, lines: Lines) -> None:
    """What PostgreSQL's query gives, as CSV."""
    cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv)", lines)
    lines.flush()


def select(table: Table, columns: Sequence[Column], vendor: Vendor) -> str:
    """Every row in wire form, in the order of the primary key, which all databases sort alike.

    For PostgreSQL only to be copied out: COPY prints columns in wire form by itself.
    """
    bare = vendor == "postgresql"
    values = ", ".join(
        f'"{column.name}"' if bare and not column.named_by else column.wire(vendor)
        for column in columns
    )
    # The table's name with the key: alone it would mean the text of this name that is selected.
    # Names of our own models; nothing of it comes from outside.
    return f'SELECT {values} FROM "{table.name}" ORDER BY "{table.name}"."{table.key}"'  # noqa: S608


@contextmanager
def snapshot_of(using: str) -> Iterator[Snapshot]:
    """This instant of the database `using`, over a connection of its own."""
    connection: Any = connections.create_connection(using)
    with closing(connection):
        applied = _known(MigrationRecorder(connection).applied_migrations())
        if connection.vendor == "postgresql":
            connection.ensure_connection()
            raw = connection.connection
            raw.set_session(isolation_level="REPEATABLE READ", readonly=True, autocommit=False)
            # Its errors become Django's, which all code here knows.
            with connection.wrap_database_errors, raw.cursor() as cursor:
                found: Snapshot = PostgresSnapshot(cursor)
                found.migrations = applied
                yield found
            raw.rollback()
            return
        path = Path(connection.settings_dict["NAME"]).absolute()
        uri = f"{path.as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as file:
            prepare_sqlite(file)
            found = SqliteSnapshot(file)
            found.migrations = applied
            yield found


def _known(applied: Iterable[Migration]) -> dict[str, str]:
    """The last migration of each app, of those that this release knows: so far goes what it tells.

    After a rollback the tables may have more. A backup of the rest is better than none.
    """
    if unknown := newer(applied):
        logger.warning(
            "THIS BACKUP IS NOT WHOLE: a newer release has changed the tables (%s is unknown "
            "here), and what it added is left out. Go back to that release soon.",
            ".".join(unknown[0]),
        )
    return dict(sorted({*applied} - {*unknown}))
