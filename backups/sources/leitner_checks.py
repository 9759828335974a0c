"""What a row of Leitner's own tables must be like, as SQL for SQLite.

Django keeps to all of it, and so do the constraints of the tables; a file that was mended by hand
or by a tool may not. Expressions read the row under the alias `r`, whatever table it is in.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models import CheckConstraint, ForeignKey, UniqueConstraint

from backups.checksum import prepare_sqlite
from backups.sources.upgrading import sqlite_connection
from backups.tables import Column, Kind, Table, table
from backups.wire import canonical_json

_DIGITS = 1_000
_WHATEVER_SQLITE_HOLDS = (-(2**63), 2**63 - 1)
_BYTES = "length(CAST({0} AS BLOB))"  # length() of a text ends at a NUL.
_YEAR = "substr({0}, 1, 4) <> '0000'"
_SECONDS = "substr({0}, 1, 19)"
# Moved by no days, a date is calculated and not only read: the 30th of February becomes another.
_FORMS: dict[Kind, str] = {
    "integer": "typeof({0}) = 'integer'",
    "boolean": "typeof({0}) = 'integer' AND {0} IN (0, 1)",
    "text": "typeof({0}) = 'text' AND instr({0}, char(0)) = 0",
    "date": (
        f"typeof({{0}}) = 'text' AND {_BYTES} = 10 AND date({{0}}, '+0 days') IS {{0}} AND {_YEAR}"
    ),
    "instant": (
        f"typeof({{0}}) = 'text' AND datetime({_SECONDS}, '+0 days') IS {_SECONDS} "
        f"AND {_YEAR} AND ({_BYTES} = 19 OR {_BYTES} BETWEEN 21 AND 26 "
        "AND substr({0}, 20, 1) = '.' AND substr({0}, 21) NOT GLOB '*[^0-9]*')"
    ),
    "uuid": f"typeof({{0}}) = 'text' AND {_BYTES} = 32 AND {{0}} NOT GLOB '*[^0-9a-f]*'",
    "json": "leitner_is_json({0})",
    "bytes": "typeof({0}) = 'blob'",
    "name": "typeof({0}) = 'integer'",
}
_MEANT: dict[Kind, str] = {
    "integer": "whole number",
    "boolean": "yes or no",
    "date": "date",
    "instant": "date and time",
    "uuid": "UUID",
    "json": "JSON that PostgreSQL can hold",
    "name": "id",
}


@dataclass(frozen=True, slots=True)
class Check:
    """`sql` is true for a row that is in order; `reason` is said of one that is not.

    `column` is the one that it is about, if one; with `empties` it may be emptied instead.
    """

    sql: str
    reason: str
    column: str | None = None
    empties: bool = False


@dataclass(frozen=True, slots=True)
class Unique:
    """These columns together are another one in each row, of those for which `where` holds."""

    columns: tuple[str, ...]
    where: str


def prepare(raw: sqlite3.Connection) -> None:
    """Teach a connection the functions that checks and wire form use."""
    prepare_sqlite(raw)
    raw.create_function("leitner_is_json", 1, is_json, deterministic=True)
    # SQLite's own knows ASCII only; PostgreSQL checks addresses with one that knows all letters.
    raw.create_function("lower", 1, _lower, deterministic=True)
    raw.execute("CREATE TEMP TABLE gone (tbl TEXT, id, PRIMARY KEY (tbl, id)) WITHOUT ROWID")
    raw.execute("CREATE TEMP TABLE doubles (tbl TEXT, id, PRIMARY KEY (tbl, id)) WITHOUT ROWID")


def checks_of(raw: sqlite3.Connection, table_: Table) -> list[Check]:
    """All that each row must fulfil, with what was found out about rows that were read before.

    Call it when the parents were read; rows of the table itself that are the same are found here.
    """
    checks = [check for column in table_.columns for check in _column_checks(table_, column)]
    checks += [
        _parent_stayed(column, table(column.references))
        for column in table_.columns
        if column.references and _any(raw, "gone", column.references)
    ]
    for constraint in table_.model._meta.constraints:
        if isinstance(constraint, CheckConstraint):
            sql = constraint._get_check_sql(table_.model, _editor())  # type: ignore[attr-defined]
            checks.append(Check(f"coalesce(({sql}), 1)", f"It breaks the rule {constraint.name}."))
    _find_doubles(raw, table_)
    if _any(raw, "doubles", table_.name):
        double = f"SELECT 1 FROM temp.doubles d WHERE d.tbl = '{table_.name}' AND d.id = r.rowid"  # noqa: S608
        checks.append(Check(f"NOT EXISTS ({double})", "Another row is the same where none may be."))
    return checks


def uniques_of(table_: Table) -> list[Unique]:
    """The sets of columns that may not be the same in two rows; the row's number aside."""
    meta, found = table_.model._meta, []
    sets: list[tuple[tuple[str, ...], str]]
    sets = [((field.name,), "1") for field in meta.local_fields if field.unique]
    sets += [(tuple(names), "1") for names in meta.unique_together]
    for constraint in meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            where = constraint._get_condition_sql(table_.model, _editor())  # type: ignore[attr-defined]
            sets.append((tuple(constraint.fields), where or "1"))
    for names, where in sets:
        columns = tuple(str(meta.get_field(name).column) for name in names)  # type: ignore[union-attr]
        if columns != (table_.key,) or table_.column(table_.key).kind == "uuid":
            found.append(Unique(columns, where))
    return found


def _find_doubles(raw: sqlite3.Connection, table_: Table) -> None:
    """Put the numbers of rows that repeat another into `doubles`; the first of equals is fine."""
    for unique in uniques_of(table_):
        columns = ", ".join(f'"{name}"' for name in unique.columns)
        filled = " AND ".join(f'"{name}" IS NOT NULL' for name in unique.columns)
        rows = f'FROM "{table_.name}" WHERE {filled} AND ({unique.where})'
        # An index answers this; the numbers are asked for only where there are any.
        if raw.execute(
            f"SELECT 1 {rows} GROUP BY {columns} HAVING count(*) > 1 LIMIT 1"
        ).fetchone():
            number = f"row_number() OVER (PARTITION BY {columns} ORDER BY rowid)"
            raw.execute(
                f"INSERT OR IGNORE INTO temp.doubles SELECT '{table_.name}', id "  # noqa: S608
                f"FROM (SELECT rowid AS id, {number} AS n {rows}) WHERE n > 1"
            )


def _column_checks(table_: Table, column: Column) -> Iterator[Check]:
    """NULL fulfils none of them where it may not be."""
    name, value = column.name, f'r."{column.name}"'
    or_null = f"{value} IS NULL OR " if column.null else ""
    form = _FORMS[column.kind].format(value)
    meant = _MEANT.get(column.kind, column.kind)
    yield Check(f"({or_null}{form})", f"{name} is no {meant}.", name)
    if column.max_length:
        longer = f"{name} is longer than {column.max_length} characters."
        yield Check(f"({or_null}length({value}) <= {column.max_length})", longer, name)
    if column.kind == "integer" and (limits := limits_of(table_, column)):
        low, high = limits
        if (low, high) != _WHATEVER_SQLITE_HOLDS:
            within = f"({or_null}{value} BETWEEN {low} AND {high})"
            yield Check(within, f"{name} is out of range.", name)
    if column.references:
        parent = table(column.references)
        there = f'SELECT 1 FROM "{parent.name}" p WHERE p."{parent.key}" = {value}'  # noqa: S608
        nowhere = f"{name} leads to none of the {parent.label}."
        yield Check(f"({or_null}EXISTS ({there}))", nowhere, name, empties=column.null)
    if column.named_by:
        found = f"({or_null}{column.wire('sqlite', 'r')} IS NOT NULL)"
        yield Check(found, f"{name} leads to nothing.", name, empties=column.null)


def _parent_stayed(column: Column, parent: Table) -> Check:
    value = f'r."{column.name}"'
    or_null = f"{value} IS NULL OR " if column.null else ""
    gone = f"SELECT 1 FROM temp.gone g WHERE g.tbl = '{parent.name}' AND g.id = {value}"  # noqa: S608
    reason = f"{column.name} leads to one of the {parent.label} that was set aside."
    return Check(f"({or_null}NOT EXISTS ({gone}))", reason, column.name, empties=column.null)


def _any(raw: sqlite3.Connection, helper: str, name: str) -> bool:
    """Whether `gone` or `doubles` has rows of this table."""
    rows = raw.execute(f"SELECT 1 FROM temp.{helper} WHERE tbl = ? LIMIT 1", (name,))  # noqa: S608
    return rows.fetchone() is not None


def limits_of(table_: Table, column: Column) -> tuple[int, int] | None:
    """What PostgreSQL's column can hold."""
    field = next(f for f in table_.model._meta.concrete_fields if f.column == column.name)
    while isinstance(field, ForeignKey):
        field = field.target_field
    return BaseDatabaseOperations.integer_field_ranges.get(field.get_internal_type())


@cache
def _editor() -> Any:
    """What constraints want to be put into words by; it is never connected to anything."""
    return sqlite_connection(":memory:", "leitner-words").schema_editor()


def is_json(text: object) -> bool:
    """Whether PostgreSQL's jsonb can hold it: no NUL, no half of a character, no infinity."""
    if not isinstance(text, str):
        return False
    try:
        json.loads(text, parse_float=_number, parse_constant=_refuse)
        canonical = canonical_json(text)
        canonical.encode()
    except (ValueError, ArithmeticError, RecursionError):
        return False
    return "\\u0000" not in canonical


def _number(digits: str) -> Decimal:
    """Written out without an exponent, it must not fill the memory."""
    number = Decimal(digits)
    if not -_DIGITS < number.as_tuple().exponent <= number.adjusted() < _DIGITS:  # type: ignore[operator]
        raise ValueError(digits)
    return number


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _lower(text: Any) -> Any:
    return text.lower() if isinstance(text, str) else text
