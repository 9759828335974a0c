"""Values of Leitner's own tables that are not as Django stores them, mended where that is safe."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from backups.legacy.text import read_text
from backups.tables import Kind, Table

WHOLE = "A whole number that was written in another way was read as what it says."
YES_OR_NO = "Yes or no that was written in another way was read as what it says."
DASHES = "A UUID that was written in another way was read as what it says."
TEXT_AS_BYTES = "A text in the place of bytes was kept as its bytes."

_YES = {"1": 1, "t": 1, "true": 1, "yes": 1, "0": 0, "f": 0, "false": 0, "no": 0}

Stored = int | float | str | bytes | None


class Text(bytes):
    """A TEXT of SQLite before it is decoded; plain bytes are a BLOB."""


def decoded(value: object) -> object:
    """A text as str if it is UTF-8, everything else as it is."""
    if isinstance(value, Text):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return bytes(value)
    return value


def mend(table: Table, row: Mapping[str, object], rules: list[str]) -> dict[str, Stored]:
    """The table's columns of one row as Django stores them, as far as that is plain.

    What was done is added to `rules`, each once. What cannot be mended stays as it is.
    """
    values: dict[str, Stored] = {}
    for column in table.columns:
        value, said = row[column.name], len(rules)
        make = _MENDERS.get(column.kind)
        if value is not None and make:
            values[column.name] = make(value, rules)
        else:
            values[column.name] = decoded(value)  # type: ignore[assignment]
        rules[said:] = [rule for rule in dict.fromkeys(rules[said:]) if rule not in rules[:said]]
    return values


def _text(value: object, rules: list[str]) -> Stored:
    return read_text(decoded(value), rules)  # type: ignore[arg-type]


def _integer(value: object, rules: list[str]) -> Stored:
    value = decoded(value)
    if isinstance(value, int) or not isinstance(value, str | float):
        return value  # type: ignore[return-value]
    try:
        number = float(value)
        whole = int(value) if isinstance(value, str) and "." not in value else int(number)
    except (ValueError, OverflowError):
        return value
    if whole != number or abs(whole) > 2**53:
        return value
    rules.append(WHOLE)
    return whole


def _boolean(value: object, rules: list[str]) -> Stored:
    value = decoded(value)
    known = _YES.get(str(value).strip().lower().removesuffix(".0"))
    if known is None or isinstance(value, int):
        return value  # type: ignore[return-value]
    rules.append(YES_OR_NO)
    return known


def _uuid(value: object, rules: list[str]) -> Stored:
    value = decoded(value)
    try:
        meant = uuid.UUID(bytes=value) if isinstance(value, bytes) else uuid.UUID(str(value))
    except ValueError:
        return value  # type: ignore[return-value]
    if value != meant.hex:
        rules.append(DASHES)
    return meant.hex


def _bytes(value: object, rules: list[str]) -> Stored:
    if isinstance(value, Text):
        rules.append(TEXT_AS_BYTES)
        return bytes(value)
    return value  # type: ignore[return-value]


_MENDERS: dict[Kind, Callable[[object, list[str]], Stored]] = {
    "text": _text,
    "integer": _integer,
    "boolean": _boolean,
    "uuid": _uuid,
    "bytes": _bytes,
}
