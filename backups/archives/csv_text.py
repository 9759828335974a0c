"""CSV as PostgreSQL and RFC 4180 write it, with NULL and empty told apart.

Pure: standard library only. NULL is an empty field, an empty text is `""`; rows end with CRLF, and
LF is read too. (Python's csv module reads both as the same.)
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from backups.sentences import Detail, Told, gettext_noop

_QUOTED = re.compile(r'[",\r\n]')
# Possessive: what was read is never given back, so a text of nothing but quotes takes no memory.
_FIELD = re.compile(r'(?:"([^"]*+(?:""[^"]*+)*+)"|([^",\r\n]*+))(,|\r\n|\n)')
# What the text may end in although its record goes on: then more of it is needed first.
_LONGEST_END = 2
# More values in a row, or letters in a value, than any table of ours has: memory stays small.
COLUMNS_MAX, LETTERS_MAX = 1_000, 128 * 2**20


class CsvError(Told, ValueError):
    """This is no CSV; the message names the row."""


def csv_line(row: Sequence[str | None]) -> str:
    """One row with its line end."""
    return ",".join(map(_field, row)) + "\r\n"


def _field(value: str | None) -> str:
    if value is None:
        return ""
    if value == "" or _QUOTED.search(value):
        return '"' + value.replace('"', '""') + '"'
    return value


def csv_rows(chunks: Iterable[bytes], letters_max: int = LETTERS_MAX) -> Iterator[list[str | None]]:
    """The rows of a CSV in UTF-8 that comes in pieces of any size, header included.

    CsvError for what is none, and for a value of more than `letters_max` letters.
    """
    text, number, row = "", 0, list[str | None]()
    waiting, size = list[str](), 0
    for piece in chain(_decoded(chunks), [None]):  # None is the end.
        if piece is not None:
            waiting.append(piece)
            size += len(piece)
            if size < len(text):
                continue  # Looked at when it has doubled: a long value costs no more than others.
        text = "".join([text, *waiting])
        waiting, size = [], 0
        # A field is taken only when more follows: "" may be the first half of an escaped quote.
        end = len(text) if piece is None else len(text) - _LONGEST_END
        position = 0
        while True:
            stop = -1 if row else text.find("\n", position)
            if stop >= 0 and (plain := _plain_row(text[position:stop])):
                yield plain
                position, number = stop + 1, number + 1
                continue
            match = _FIELD.match(text, position)
            if not match or match.end() > end:
                break
            position = match.end()
            row.append(_value(match))
            if match[3] != ",":
                yield row
                number, row = number + 1, []
            elif len(row) > COLUMNS_MAX:
                many = gettext_noop("row %(row)s has more than %(most)s values")
                raise CsvError(many, row=number + 1, most=f"{COLUMNS_MAX:,}")
        text = text[position:]
        if len(text) > letters_max:
            longer = gettext_noop("a value in row %(row)s is longer than %(most)s letters")
            raise CsvError(longer, row=number + 1, most=f"{letters_max:,}")
    if text:
        raise CsvError(
            gettext_noop("row %(row)s does not end as a row of a CSV file"), row=number + 1
        )
    if row:
        raise CsvError(gettext_noop("row %(row)s does not end"), row=number + 1)


def _plain_row(line: str) -> list[str | None] | None:
    """What most rows are: nothing in quotes but empty texts. None for any other, good or bad."""
    line = line.removesuffix("\r")
    values = line.split(",", COLUMNS_MAX)
    if len(values) > COLUMNS_MAX or "\r" in line:
        return None
    if '"' not in line:
        return [value or None for value in values]
    if any(value != '""' and '"' in value for value in values):
        return None
    return ["" if value == '""' else value or None for value in values]


def _value(match: re.Match[str]) -> str | None:
    quoted = match[1]
    if quoted is not None:
        return quoted.replace('""', '"') if '"' in quoted else quoted
    return match[2] or None


def _decoded(chunks: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks:
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise CsvError(gettext_noop("it is not UTF-8%(why)s"), why=Detail(error.reason)) from error
