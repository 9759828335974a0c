"""Rows on their way: tuples of texts, joined to lines, counted and summed up whatever their order.

Pure: standard library only. A value is the text that PostgreSQL would print for it, or None.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import md5
from typing import Any

Row = tuple[str | None, ...]

# Between the values of a line, and in the place of None. Texts may hold these two characters:
# `copy_line` escapes them, and a checksum does not mind.
SEPARATOR, NULL = "\x1f", "\x1e"


@dataclass(slots=True)
class Checksum:
    """How many rows, and the sum of a 60-bit hash of each: the same in any order of the rows.

    The hash is the first 15 hexadecimal digits of the line's MD5, which both databases can compute
    too (`backups.checksum`); it is to find mistakes, not attacks.
    """

    rows: int = 0
    total: int = 0

    def add(self, lines: Iterable[str]) -> None:
        digests = [md5(line.encode(), usedforsecurity=False).digest() for line in lines]
        self.rows += len(digests)
        self.total += sum(int.from_bytes(digest[:8]) >> 4 for digest in digests)


def line_of(row: Row) -> str:
    """The values with separators between them: what is hashed."""
    try:
        return SEPARATOR.join(row)  # type: ignore[arg-type]  # None is dealt with below.
    except TypeError:
        return SEPARATOR.join([NULL if value is None else value for value in row])


def copy_lines(rows: Iterable[Row], checksum: Checksum) -> Iterator[str]:
    """Lines for `COPY ... WITH (DELIMITER E'\\x1f', NULL E'\\x1e')`, counted into `checksum`."""
    for row in rows:
        line = line_of(row)
        checksum.add((line,))
        yield escaped(line, row)


def escaped(line: str, row: Row) -> str:
    """The line as COPY's text format wants it, without the line end."""
    if line.count(SEPARATOR) != len(row) - 1 or line.count(NULL) != row.count(None):
        return SEPARATOR.join([NULL if value is None else _escape_all(value) for value in row])
    return _escape(line)


def _escape(text: str) -> str:
    # `in` first: most texts need nothing, and looking costs a tenth of replacing.
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "\n" in text:
        text = text.replace("\n", "\\n")
    if "\r" in text:
        text = text.replace("\r", "\\r")
    return text


def _escape_all(text: str) -> str:
    return _escape(text).replace(SEPARATOR, "\\x1f").replace(NULL, "\\x1e")


def canonical_json(text: str) -> str:
    """JSON as PostgreSQL's jsonb prints it: keys by length, then by bytes, one space after each."""
    return json.dumps(_sorted(json.loads(text)), ensure_ascii=False, separators=(", ", ": "))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return {key: _sorted(value[key]) for key in keys}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
