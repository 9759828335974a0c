"""Rows of a source in temporary tables of the target, where SQL can compare them with its own.

Staged rows have the source's ids and the target's types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field

from backups.checksum import checksum_of
from backups.errors import TransferError
from backups.report import Report
from backups.sentences import gettext_noop
from backups.sinks.names import Names
from backups.sinks.postgres import PostgresStore
from backups.sinks.sqlite import SqliteStore
from backups.sources import Stream
from backups.tables import Column, Table
from backups.wire import Checksum, Row


@dataclass(frozen=True, slots=True)
class Staged:
    """One table of the source: `name` is the temporary table, `rows` how many there are.

    It has all of the table's columns; the stream gave `given` of them, the others are NULL.
    `mapped` is the name of the temporary table that says what becomes of each row (`mapping`).
    """

    table: Table
    given: frozenset[str]
    rows: int
    names: Names

    @property
    def name(self) -> str:
        return f"staged_{self.table.name}"

    @property
    def mapped(self) -> str:
        return f"mapped_{self.table.name}"

    def tell(self, report: Report) -> None:
        """What was changed or left out because this database does not know its name."""
        self.names.tell(report)


def stage(connection: BaseDatabaseWrapper, stream: Stream, passed: Callable[[int], None]) -> Staged:
    """Load all rows of the stream; `passed(n)` after every n rows.

    TransferError when the target does not hold afterwards exactly what the stream gave.
    """
    table, checksum = stream.table, Checksum()
    copy = replace(table, name=f"staged_{table.name}")
    names = Names(connection, table, stream.columns)
    batches = filter(None, _passing(stream.batches, passed))
    with connection.cursor() as cursor:
        types = ", ".join(
            f'"{column.name}" {_type(connection, copy, column)}' for column in copy.columns
        )
        cursor.execute(f'CREATE TEMP TABLE "{copy.name}" ({types})')
        postgres = connection.vendor == "postgresql"
        store = (PostgresStore if postgres else SqliteStore)(connection)
        if any(column.named_by for column in stream.columns):
            translated = filter(None, names.translated(batches, checksum))
            store.load(copy, stream.columns, translated, Checksum())
        else:
            store.load(copy, stream.columns, batches, checksum)
        # Not before: an index that grows with the rows costs more than one made at the end.
        cursor.execute(f'CREATE UNIQUE INDEX "{copy.name}_key" ON "{copy.name}" ("{table.key}")')
        cursor.execute(f'ANALYZE "{copy.name}"')
    if checksum_of(connection, copy, stream.columns) != checksum:
        raise TransferError(
            gettext_noop(
                "The rows of %(table)s did not arrive in the target database as they were sent. "
                "Nothing was changed; please report this with the file that was read."
            ),
            table=table.name,
        )
    given = frozenset(column.name for column in stream.columns)
    return Staged(table, given, checksum.rows, names)


def _passing(batches: Iterator[list[Row]], passed: Callable[[int], None]) -> Iterator[list[Row]]:
    for rows in batches:
        yield rows
        passed(len(rows))


def _type(connection: BaseDatabaseWrapper, table: Table, column: Column) -> str:
    """The column's type in the target; texts of any length: the table itself says what it takes."""
    fields = table.model._meta.concrete_fields
    field: Field[Any, Any] = next(field for field in fields if field.column == column.name)
    return "text" if column.kind == "text" else field.db_type(connection) or ""
