"""Rows on their way: tuples of texts, joined to lines, counted and summed up whatever their order.

Pure: standard library only. A value is the text that PostgreSQL would print for it, or None.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from hashlib import md5
from struct import unpack
from typing import Any

Row = tuple[str | None, ...]

# Between the values of a line, and in the place of None. Texts may hold these two characters:
# `copy_block` escapes them, and a checksum does not mind.
SEPARATOR, NULL = "\x1f", "\x1e"

# Between the lines of a block until it is known which line ends are texts' own.
_RECORD = b"\x1d"
_PLAIN = bytes(byte for byte in range(256) if byte not in b"\x1d\x1e\x1f")


@dataclass(slots=True)
class Checksum:
    """How many rows, and the sum of a 60-bit hash of each: the same in any order of the rows.

    The hash is the first 15 hexadecimal digits of the line's MD5, which both databases can compute
    too (`backups.checksum`); it is to find mistakes, not attacks.
    """

    rows: int = 0
    total: int = 0

    def add(self, lines: Iterable[str]) -> None:
        """Count rows in, each as `line_of` makes it."""
        self.add_encoded([line.encode() for line in lines])

    def add_encoded(self, lines: list[bytes]) -> None:
        """The same for lines that are UTF-8 bytes already."""
        digests = b"".join([md5(line, usedforsecurity=False).digest() for line in lines])
        # Of the 16 bytes of each digest, the first 8 as a number.
        heads = unpack(">" + "Q8x" * len(lines), digests)
        self.rows += len(lines)
        self.total += sum([head >> 4 for head in heads])


def line_of(row: Row) -> str:
    """The values with separators between them: what is hashed."""
    try:
        return SEPARATOR.join(row)  # type: ignore[arg-type]  # None is dealt with below.
    except TypeError:
        return SEPARATOR.join([NULL if value is None else value for value in row])


def copy_block(rows: list[Row], checksum: Checksum) -> bytes:
    """Lines for `COPY ... WITH (DELIMITER E'\\x1f', NULL E'\\x1e')`, counted into `checksum`.

    The rows are at least one, and as long as each other. Escaped as a whole, which takes a fifth of
    the time, unless a text holds one of the characters that stand between texts.
    """
    lines, nulls = [], 0
    for row in rows:
        try:
            lines.append(SEPARATOR.join(row).encode())  # type: ignore[arg-type]
        except TypeError:
            nulls += row.count(None)
            lines.append(line_of(row).encode())
    checksum.add_encoded(lines)
    block = _RECORD.join(lines)
    # What is left without all other bytes: separators, ends of lines, nulls, if nothing else.
    if len(block.translate(None, _PLAIN)) != len(rows) * len(rows[0]) - 1 + nulls:
        return b"".join([_copy_line(row) for row in rows])
    return _escape(block).replace(_RECORD, b"\n") + b"\n"


def _copy_line(row: Row) -> bytes:
    values = [NULL.encode() if value is None else _escape_all(value) for value in row]
    return SEPARATOR.encode().join(values) + b"\n"


def _escape(block: bytes) -> bytes:
    return block.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r")


def _escape_all(value: str) -> bytes:
    return _escape(value.encode()).replace(b"\x1f", b"\\x1f").replace(b"\x1e", b"\\x1e")


def canonical_json(text: str) -> str:
    """JSON as PostgreSQL's jsonb prints it: keys by length, then by bytes, one space after each."""
    return _printed(json.loads(text, parse_float=Decimal))


def _printed(value: Any) -> str:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        pairs = [f"{_printed(key)}: {_printed(value[key])}" for key in keys]
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_printed, value)) + "]"
    if isinstance(value, Decimal):
        # All digits and no exponent; there is no zero below zero.
        return f"{value if value else abs(value):f}"
    return json.dumps(value, ensure_ascii=False)
