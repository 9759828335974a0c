"""A database of this project's own as a source, of any release up to this one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Self

from django.apps import apps

from backups.errors import TransferError
from backups.report import Report
from backups.sources import Stream
from backups.sources.leitner_checks import checks_of, prepare
from backups.sources.leitner_odd_rows import OddRows, texts_as_bytes
from backups.sources.upgrading import up_to_date
from backups.tables import Column, Table, tables
from backups.wire import Row

# So few that a hundred thousand letters in each do not matter; an upload may be large alone.
BATCH, BATCH_OF_FILES = 200, 1


class LeitnerSource:
    """All that travels of a snapshot that `kind_of` found to be Leitner's; ids are kept.

    A file of an older release is copied on entering, and the copy brought up to date.
    """

    kind = "leitner"

    def __init__(self, snapshot: sqlite3.Connection) -> None:
        self._snapshot = self._raw = snapshot
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._raw = stack.enter_context(up_to_date(self._snapshot))
            prepare(self._raw)
            for table in tables():
                _check_table(self._raw, table)
            self._open = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def totals(self) -> dict[str, int]:
        totals = {}
        for table in tables():
            rows = self._raw.execute(f'SELECT count(*) FROM "{table.name}"')  # noqa: S608
            (totals[table.label],) = rows.fetchone()
        return totals

    def streams(self, report: Report) -> Iterator[Stream]:
        report.notes += unknown_parts(self._raw)
        for table in tables():
            report.read(table.label, 0)
            yield Stream(table, table.columns, self._batches(table, report))

    def cards_per_owner(self) -> Iterator[tuple[int, int]]:
        yield from self._raw.execute(
            "SELECT CAST(r.owner_id AS INTEGER), count(*) FROM cards_card r WHERE NOT EXISTS "
            "(SELECT 1 FROM temp.gone g WHERE g.tbl = 'cards_card' AND g.id = r.id) "
            "GROUP BY 1 ORDER BY 1"
        )

    def _batches(self, table: Table, report: Report) -> Iterator[list[Row]]:
        checks = checks_of(self._raw, table)
        odd = OddRows(self._raw, table, checks)
        sound = " AND ".join(f"({check.sql})" for check in checks)
        wire = ", ".join(map(_wire, table.columns))
        files = any(column.kind == "bytes" for column in table.columns)
        rows_after = (
            f'FROM "{table.name}" r WHERE r.rowid > ? ORDER BY r.rowid '
            f"LIMIT {BATCH_OF_FILES if files else BATCH}"
        )
        query = f"SELECT r.rowid, coalesce({sound}, 0), {wire} {rows_after}"
        last = -(2**63)
        while found := self._read(query, rows_after, last):
            last = found[-1][0]
            rows: list[Row] = [row[2:] for row in found if row[1]]
            mended = (odd.mended(row[0], report) for row in found if not row[1])
            rows += [row for row in mended if row]
            report.read(table.label, len(found))
            if rows:
                yield rows

    def _read(self, query: str, rows_after: str, last: int) -> list[Any]:
        """Of the next rows: the number, whether all is sound, the values in wire form."""
        try:
            return self._raw.execute(query, (last,)).fetchall()
        except sqlite3.OperationalError as error:
            if "user-defined function" in str(error):
                # One of ours was handed a text that is not UTF-8: each row is tried for itself.
                return self._raw.execute(f"SELECT r.rowid, 0 {rows_after}", (last,)).fetchall()
            if "decode" not in str(error):
                raise
        # Some text among them is not UTF-8: only its own row is odd.
        with texts_as_bytes(self._raw):
            found = self._raw.execute(query, (last,)).fetchall()
        return [_decoded(row) for row in found]


def _wire(column: Column) -> str:
    """Wire form where there is one: what is no JSON has none."""
    wire, value = column.wire("sqlite", "r"), f'r."{column.name}"'
    return f"CASE WHEN leitner_is_json({value}) THEN {wire} END" if column.kind == "json" else wire


def _decoded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The row with its texts decoded; not sound if one cannot be."""
    try:
        return tuple(value.decode() if isinstance(value, bytes) else value for value in row)
    except UnicodeDecodeError:
        return (row[0], 0)


def _check_table(raw: sqlite3.Connection, table: Table) -> None:
    """TransferError unless the table is there, has all columns, and is a plain one."""
    query = "SELECT type, upper(coalesce(sql, '')) FROM sqlite_master WHERE name = ?"
    type_, sql = raw.execute(query, (table.name,)).fetchone() or ("", "")
    if type_ != "table" or sql.startswith("CREATE VIRTUAL") or "WITHOUT ROWID" in sql:
        raise TransferError(
            f"In this file {table.name} is {'no plain table' if type_ else 'missing'}, so "
            "it is no database that Leitner made. Name the file that the app itself used."
        )
    found = {name: (kind, key) for _, name, kind, _, _, key in _columns(raw, table.name)}
    missing = [column.name for column in table.columns if column.name not in found]
    kind, is_key = found.get(table.key, ("", 0))
    number = table.column(table.key).kind == "integer"
    if missing or not is_key or (number and kind.upper() != "INTEGER"):
        what = f"no column {' and no column '.join(missing)}" if missing else "another key"
        raise TransferError(
            f"In this file the table {table.name} has {what}, so it is not as Leitner made it. "
            "Name the file that the app itself used."
        )


def unknown_parts(raw: sqlite3.Connection) -> list[str]:
    """A sentence for each table and column that Leitner does not make, and that stays behind."""
    ours = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
    names = [str(name) for (name,) in raw.execute(query)]
    notes = [
        f"{name} is no table of Leitner's and was not read."
        for name in names
        if name not in ours and name != "django_migrations" and not name.startswith("sqlite_")
    ]
    for table in tables():
        known = {column.name for column in table.columns}
        notes += [
            f"The column {name} of {table.name} is none of Leitner's and was not read."
            for _, name, *_ in _columns(raw, table.name)
            if name not in known
        ]
    return notes


def _columns(raw: sqlite3.Connection, table: str) -> list[Any]:
    return raw.execute("SELECT * FROM pragma_table_info(?)", (table,)).fetchall()
