"""What a value in wire form looks like: for databases that would store whatever they are given.

Strict: only what PostgreSQL itself prints. Whoever takes a value in another form would give it back
in that form, and nobody would notice.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence

from backups.sentences import Sentence, gettext_noop
from backups.sources.leitner_checks import is_json, limits_of
from backups.tables import Column, Kind, Table
from backups.wire import Row, canonical_json

Form = Callable[[str], bool]

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{0,5}[1-9])?\+00"
)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BYTES = re.compile(r"\\x([0-9a-f]{2})*")
_IS_NONE: dict[Kind, str] = {
    "integer": gettext_noop("%(column)s holds %(value)s, which is no whole number of that column"),
    "boolean": gettext_noop("%(column)s holds %(value)s, which is no yes or no"),
    "text": gettext_noop("%(column)s holds %(value)s, which is no text of that column"),
    "date": gettext_noop("%(column)s holds %(value)s, which is no date"),
    "instant": gettext_noop("%(column)s holds %(value)s, which is no date and time"),
    "uuid": gettext_noop("%(column)s holds %(value)s, which is no UUID"),
    "json": gettext_noop("%(column)s holds %(value)s, which is no JSON"),
    "bytes": gettext_noop("%(column)s holds %(value)s, which is no bytes"),
}


class Forms:
    """Tells which value of a row of these columns of a table is in no form of its kind."""

    def __init__(self, table: Table, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._forms = [_form(table, column) for column in columns]

    def complaint(self, row: Row) -> Sentence | None:
        """What is wrong with the row, the half of a sentence; None when nothing is."""
        for value, form, column in zip(row, self._forms, self._columns, strict=True):
            if value is None:
                if not column.null:
                    return Sentence(gettext_noop("%(column)s is empty"), column=column.name)
            elif not form(value):
                shown = ascii(value if len(value) <= 40 else f"{value[:40]}...")
                return Sentence(_IS_NONE[column.kind], column=column.name, value=shown)
        return None


def _form(table: Table, column: Column) -> Form:
    if column.kind == "integer":
        low, high = limits_of(table, column) or (-(2**63), 2**63 - 1)
        return lambda value: bool(_INTEGER.fullmatch(value)) and low <= int(value) <= high
    if column.kind == "text":
        most = column.max_length
        return lambda value: "\0" not in value and (most is None or len(value) <= most)
    return _FORMS[column.kind]


def _is_date(value: str) -> bool:
    return bool(_DAY.fullmatch(value)) and _exists(value)


def _is_instant(value: str) -> bool:
    return bool(_INSTANT.fullmatch(value)) and _exists(value)


def _exists(moment: str) -> bool:
    try:
        dt.datetime.fromisoformat(moment)
    except ValueError:
        return False
    return True


_FORMS: dict[Kind, Form] = {
    "boolean": lambda value: value in ("t", "f"),
    "date": _is_date,
    "instant": _is_instant,
    "uuid": lambda value: bool(_UUID.fullmatch(value)),
    "json": lambda value: is_json(value) and canonical_json(value) == value,
    "bytes": lambda value: bool(_BYTES.fullmatch(value)),
    "name": lambda _: True,
}
