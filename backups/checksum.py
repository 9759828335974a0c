"""The database's own view of its rows: how many, and the same checksum as `wire.Checksum` makes.

PostgreSQL computes it all by itself, in parallel workers where it can; SQLite gives the rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from backups.tables import Column, Table
from backups.wire import NULL, SEPARATOR, Checksum, Row, canonical_json, line_of

BATCH = 1_000

# The settings that wire form depends on. Local: they end with the transaction.
WIRE_SETTINGS = (
    "SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL bytea_output = 'hex'"
)
# One text a row; coalesce, because concat_ws leaves NULLs out.
_SEPARATOR, _NULL = f"E'\\x{ord(SEPARATOR):x}'", f"E'\\x{ord(NULL):x}'"
_HASH = "('x' || substr(md5(concat_ws({separator}, {values})), 1, 15))::bit(60)::bigint"


def checksum_of(
    connection: BaseDatabaseWrapper,
    table: Table,
    columns: Sequence[Column],
    where: str = "",
    empty: Sequence[Column] = (),
) -> Checksum:
    """Count and sum up these columns of the table's rows (those `where`, an SQL condition).

    Columns in `empty` are expected to be NULL in every row; the sum is another one if they are not.
    """
    if connection.vendor != "postgresql":
        connection.ensure_connection()
        prepare_sqlite(connection.connection)
        return sqlite_checksum_of(connection.connection, table, columns, where, empty)
    # concat_ws leaves NULL out: values of `empty` columns count only where they are not NULL.
    values = [_value(column) for column in columns]
    values += [column.wire("postgresql") for column in empty]
    hashed = _HASH.format(separator=_SEPARATOR, values=", ".join(values))
    sql = f'SELECT count(*), coalesce(sum({hashed}), 0) FROM "{table.name}"'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(WIRE_SETTINGS)
        cursor.execute(f"{sql} WHERE {where}" if where else sql)
        rows, total = cursor.fetchone()
    return Checksum(rows, int(total))


def prepare_sqlite(raw: sqlite3.Connection) -> None:
    """Teach a connection the function that `Column.wire` uses for JSON."""
    raw.create_function("leitner_json", 1, _json, deterministic=True)


def sqlite_checksum_of(
    raw: sqlite3.Connection,
    table: Table,
    columns: Sequence[Column],
    where: str = "",
    empty: Sequence[Column] = (),
) -> Checksum:
    """`checksum_of` for a connection of the sqlite3 module that `prepare_sqlite` has seen."""
    given = len(columns)
    checksum = Checksum()
    for rows in read_sqlite(raw, table, [*columns, *empty], where):
        if empty:
            rows = [
                (*row[:given], *(value for value in row[given:] if value is not None))
                for row in rows
            ]
        checksum.add(map(line_of, rows))
    return checksum


def read_sqlite(
    raw: sqlite3.Connection, table: Table, columns: Sequence[Column], where: str = ""
) -> Iterator[list[Row]]:
    """The rows in wire form, in batches."""
    values = ", ".join(column.wire("sqlite") for column in columns)
    sql = f'SELECT {values} FROM "{table.name}"'  # noqa: S608
    cursor = raw.execute(f"{sql} WHERE {where}" if where else sql)
    while rows := cursor.fetchmany(BATCH):
        yield rows


def _value(column: Column) -> str:
    wire = column.wire("postgresql")
    return f"coalesce({wire}, {_NULL})" if column.null else wire


def _json(text: Any) -> str | None:
    return None if text is None else canonical_json(text)
