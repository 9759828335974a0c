"""Rows of a Leitner database that are not as they should be: mended, or set aside with a reason."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from backups.report import Report
from backups.sources.leitner_checks import Check, uniques_of
from backups.sources.leitner_mending import Stored, Text, decoded, mend
from backups.tables import Table
from backups.wire import Row

EMPTIED = "A reference that led nowhere was emptied."
DOUBLE = "Mended, it would be the same as another row where none may be."


@contextmanager
def texts_as_bytes(raw: sqlite3.Connection) -> Iterator[None]:
    """Texts come as `Text`, undecoded, while this lasts."""
    raw.text_factory = Text
    try:
        yield
    finally:
        raw.text_factory = str


class OddRows:
    """Mends rows of one table in a temporary table, where the same SQL looks at them again."""

    def __init__(self, raw: sqlite3.Connection, table: Table, checks: Sequence[Check]) -> None:
        self._raw, self._table, self._checks = raw, table, checks
        self._names = ", ".join(f'"{column.name}"' for column in table.columns)
        self._mending = f'temp."mending_{table.name}"'
        # Without types: values stay as they are put in.
        raw.execute(f"CREATE TABLE {self._mending} (_row INTEGER PRIMARY KEY, {self._names})")

    def mended(self, number: int, report: Report) -> Row | None:
        """The row of this number in wire form, or None when it was set aside; the report knows."""
        with texts_as_bytes(self._raw):
            cursor = self._raw.execute(
                f'SELECT * FROM "{self._table.name}" WHERE rowid = ?',  # noqa: S608
                (number,),
            )
            names = [name for name, *_ in cursor.description]
            found = dict(zip(names, cursor.fetchone(), strict=True))
        rules: list[str] = []
        values = mend(self._table, found, rules)
        reason = self._put(number, values, rules)
        key = decoded(found[self._table.key])
        if reason:
            self._raw.execute(f"DELETE FROM {self._mending} WHERE _row = ?", (number,))  # noqa: S608
            gone = self._table.name, found[self._table.key]
            self._raw.execute("INSERT OR IGNORE INTO temp.gone VALUES (?, ?)", gone)
            row = {name: decoded(value) for name, value in found.items()}
            report.reject(self._table.label, key, reason, row)
            return None
        if rules:
            report.mended(self._table.label, key, rules)
        return self._wire(number)

    def _put(self, number: int, values: dict[str, Stored], rules: list[str]) -> str | None:
        """Try the mended row; why it cannot stay, if it cannot."""
        marks = ", ".join("?" * (len(values) + 1))
        row = (number, *values.values())
        self._raw.execute(f"INSERT INTO {self._mending} VALUES ({marks})", row)  # noqa: S608
        for check in self._checks:
            if self._is_true(number, check.sql):
                continue
            if not check.empties:
                empty = check.column and values[check.column] is None
                return f"{check.column} is empty." if empty else check.reason
            self._raw.execute(
                f'UPDATE {self._mending} SET "{check.column}" = NULL WHERE _row = ?',  # noqa: S608
                (number,),
            )
            if EMPTIED not in rules:
                rules.append(EMPTIED)
        return DOUBLE if rules and self._is_double(number) else None

    def _is_double(self, number: int) -> bool:
        """Whether the mended row repeats another one, or one that was mended before."""
        for unique in uniques_of(self._table):
            for other, own in (f'"{self._table.name}"', "rowid"), (self._mending, "_row"):
                same = " AND ".join(f'o."{name}" = r."{name}"' for name in unique.columns)
                # Unqualified names in `where` are the inner row's.
                sql = f"SELECT 1 FROM {other} o WHERE o.{own} <> r._row AND {same}"  # noqa: S608
                if not self._is_true(number, f"NOT EXISTS ({sql} AND ({unique.where}))"):
                    return True
        return False

    def _is_true(self, number: int, expression: str) -> bool:
        sql = f"SELECT 1 FROM {self._mending} r WHERE r._row = ? AND ({expression})"  # noqa: S608
        return self._raw.execute(sql, (number,)).fetchone() is not None

    def _wire(self, number: int) -> Row:
        wire = ", ".join(column.wire("sqlite", "r") for column in self._table.columns)
        sql = f"SELECT {wire} FROM {self._mending} r WHERE r._row = ?"  # noqa: S608
        row: Row = self._raw.execute(sql, (number,)).fetchone()
        return row
