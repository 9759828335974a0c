"""Filling empty tables of PostgreSQL as fast as it can: COPY first, indexes after.

Nothing is set for longer than the transaction, as poolers demand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.management.color import no_style
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from backups.archives.csv_text import csv_line
from backups.archives.snapshot import Lines, copy_out, select
from backups.checksum import WIRE_SETTINGS
from backups.errors import TransferError
from backups.sinks.taken_off import Part, parts_of, put_back, take_off
from backups.sources import CsvText
from backups.tables import Column, Table, tables
from backups.wire import Checksum, Row, copy_block

LOCK_SECONDS = 10
LOCK_NOT_AVAILABLE = "55P03"
# Rows sent at once. PostgreSQL works on them while the next are made, if both fit in the pipe
# between; and what is still in the processor's cache is made in less time.
PIECE = 200

# Index builds and comparisons run alone here: they may take what the server has.
SETTINGS = """
SET LOCAL default_tablespace = '';
SET LOCAL max_parallel_workers_per_gather = 4;
SET LOCAL jit = off;
SELECT set_config(name, '0', true) FROM pg_settings WHERE name IN
    ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout');
SELECT set_config(name, '256MB', true) FROM pg_settings
    WHERE name = 'maintenance_work_mem' AND setting::bigint < 256 * 1024;
"""
COPY = (
    "COPY {table} ({columns}) FROM STDIN "
    "(DELIMITER E'\\x1f', NULL E'\\x1e', ENCODING 'UTF8', FREEZE {freeze})"
)
COPY_CSV = "COPY {table} ({columns}) FROM STDIN (FORMAT csv, ENCODING 'UTF8', FREEZE {freeze})"


class PostgresStore:
    """The tables of a copy in one PostgreSQL database."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._names = ", ".join(f'"{table.name}"' for table in tables())
        self._oids: list[int] = []
        self._parts: list[Part] = []
        self._freeze = False

    def lock(self) -> None:
        """Nobody else reads or writes the tables from now on; TransferError when somebody does."""
        with self._connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            try:
                # Before any query: one view of the data for the whole transaction, where that is
                # the custom, must not be older than the lock.
                cursor.execute(f"LOCK TABLE {self._names} IN ACCESS EXCLUSIVE MODE")
                cursor.execute("SELECT ARRAY[{}]".format(", ".join(map(_oid, tables()))))
                (self._oids,) = cursor.fetchone()
                self._lock_neighbours(cursor)
            except DatabaseError as error:
                if getattr(error.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE:
                    raise
                raise TransferError(
                    "Somebody else is using the target database, and did not let go within "
                    f"{LOCK_SECONDS} seconds. Switch on maintenance (`manage.py maintenance on`) "
                    "or stop the site, and run this again. Nothing was changed."
                ) from error
            self._check_encoding(cursor)
            cursor.execute(WIRE_SETTINGS)
            cursor.execute(SETTINGS)

    def _lock_neighbours(self, cursor: Any) -> None:
        """Other tables whose foreign keys point at ours, or that ours point at."""
        cursor.execute(
            "SELECT DISTINCT t.oid::regclass::text FROM pg_constraint c "
            "JOIN pg_class t ON t.oid IN (c.conrelid, c.confrelid) WHERE c.contype = 'f' "
            "AND (c.conrelid = ANY(%(oids)s) OR c.confrelid = ANY(%(oids)s)) "
            "AND t.oid <> ALL(%(oids)s)",
            {"oids": self._oids},
        )
        if names := ", ".join(name for (name,) in cursor.fetchall()):
            cursor.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")

    def _check_encoding(self, cursor: Any) -> None:
        cursor.execute("SHOW server_encoding")
        (encoding,) = cursor.fetchone()
        if encoding != "UTF8":
            raise TransferError(
                f"The target database is encoded in {encoding} and cannot hold every text. Make "
                "one with ENCODING 'UTF8' and run this again."
            )

    def empty(self) -> None:
        """`make_ready` truncates the tables, whatever is in them."""

    def make_ready(self) -> None:
        """Take off what slows loading down; nothing is in the tables afterwards.

        Tables truncated in the same transaction may be filled with rows that need no second look
        by anybody (FREEZE), unless this transaction keeps one view of the data throughout.
        """
        with self._connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            self._freeze = cursor.fetchone() == ("read committed",)
            self._parts = parts_of(cursor, self._oids)
            take_off(cursor, self._parts)
            # RESTART IDENTITY: else what becomes of the sequences would outlive a rollback.
            cursor.execute(f"TRUNCATE {self._names} RESTART IDENTITY")

    def load(
        self,
        table: Table,
        columns: Sequence[Column],
        batches: Iterable[list[Row]],
        checksum: Checksum,
    ) -> None:
        """Write rows, and count them into the checksum."""
        names = ", ".join(f'"{column.name}"' for column in columns)
        sql = COPY.format(table=f'"{table.name}"', columns=names, freeze=self._freeze)
        self._copy(sql, (copy_block(rows, checksum) for rows in _pieces(batches)))

    def _copy(self, sql: str, blocks: Iterator[bytes]) -> int:
        """Send blocks of bytes to the server; how many rows it made of them."""
        feed = _Feed(blocks)
        with self._connection.cursor() as cursor:
            try:
                with self._connection.wrap_database_errors:  # Django does not know COPY.
                    cursor.copy_expert(sql, feed)
            except DatabaseError:
                if feed.error:  # PostgreSQL only knows that no more came.
                    raise feed.error from None
                raise
            return int(cursor.rowcount)

    def load_text(self, table: Table, columns: Sequence[Column], text: CsvText) -> int:
        """Write rows that are CSV already, as they are; how many there were."""
        names = ", ".join(f'"{column.name}"' for column in columns)
        sql = COPY_CSV.format(table=f'"{table.name}"', columns=names, freeze=self._freeze)
        return self._copy(sql, text.pieces())

    def sha256_of(self, table: Table, columns: Sequence[Column]) -> str:
        """Of the table's CSV, with the names of these columns first, as an export writes it."""
        digest = hashlib.sha256(csv_line([column.name for column in columns]).encode())
        with self._connection.cursor() as cursor:
            copy_out(cursor, select(table, columns, "postgresql"), Lines(_Hashed(digest)))
        return digest.hexdigest()

    def finish(self) -> None:
        """Indexes and constraints are back, ids go on after the highest, statistics are fresh."""
        style, models = no_style(), [table.model for table in tables()]
        with self._connection.cursor() as cursor:
            put_back(cursor, self._parts)
            for statement in self._connection.ops.sequence_reset_sql(style, models):
                cursor.execute(statement)
            cursor.execute(f"ANALYZE {self._names}")

    def check_constraints(self) -> None:
        """TransferError unless all that was taken off is there again; the rest was never off."""
        with self._connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            missing = {*self._parts} ^ {*parts_of(cursor, self._oids)}
        if missing:
            names = ", ".join(sorted(part.name for part in missing))
            raise TransferError(
                f"Not all constraints came back as they were: {names}. Nothing was changed."
            )


def _pieces(batches: Iterable[list[Row]]) -> Iterator[list[Row]]:
    for rows in batches:
        for start in range(0, len(rows), PIECE):
            yield rows[start : start + PIECE]


@dataclass(frozen=True, slots=True)
class _Hashed:
    """Something to write to that keeps the hash only."""

    digest: Any

    def write(self, data: bytes) -> None:
        self.digest.update(data)


class _Feed:
    """Blocks of bytes as the file that psycopg2 asks for; keeps the error that ended it."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self.error: BaseException | None = None

    def read(self, size: int) -> bytes:
        """The next block, however long; empty at the end."""
        try:
            return next(self._blocks, b"")
        except BaseException as error:
            self.error = error
            raise


def _oid(table: Table) -> str:
    return f"'\"{table.name}\"'::regclass::oid::bigint"
