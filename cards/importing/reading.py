"""A whole file: what was found in it, what the learner chose instead, and its records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from cards.importing import encoding as encodings
from cards.importing.dialect import Header, read_header, sniff
from cards.importing.mapping import MAX_COLUMNS, ROLES, guess, is_names, is_own, role_problems
from cards.importing.markup import looks_like_html
from cards.importing.records import DEFAULT_LIMITS, Limits, Record, Refusal, record_maker
from cards.importing.rows import Dialect, Row, read_rows

ROWS_MAX = 250_000
_SAMPLE_LINES, _SAMPLE_CHARS = 200, 64 * 1024


@dataclass(frozen=True, slots=True)
class Choices:
    """What the learner set on the preview page; None where the file decides."""

    encoding: str | None = None
    separator: str | None = None
    cards: str | None = None
    quoted: bool | None = None
    names: bool | None = None
    html: bool | None = None
    columns: tuple[str, ...] | None = None
    deck: str | None = None


NO_CHOICES = Choices()


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read. `rows` and `records` may be walked any number of times."""

    data: bytes
    encoding: str
    header: Header
    dialect: Dialect
    has_names: bool
    names: list[str]
    html: bool
    roles: list[str]
    sample: list[Row]

    @property
    def problems(self) -> list[str]:
        """Why nothing can be imported yet; keys of `words.FILE_PROBLEMS`."""
        if encodings.is_binary(self.data, self.encoding):
            return ["binary"]
        return role_problems(self.roles) if self.roles else ["empty"]

    def rows(self) -> Iterator[Row]:
        """The rows that hold cards, and those that cannot be read; at most `ROWS_MAX` of them."""
        lines = _lines(self.data, self.encoding)
        rows = _rows_behind(lines, self.header, self.dialect)
        if self.has_names:
            next(rows, None)
        return _bounded(rows)

    def records(
        self, *, deck: str = "", limits: Limits = DEFAULT_LIMITS
    ) -> Iterator[Record | Refusal]:
        """`deck` takes the cards whose row names none."""
        make: Callable[[Row], Record | Refusal] = record_maker(
            self.roles, html=self.html, deck=deck, tags=self.header.tags, limits=limits
        )
        return map(make, self.rows())


def read(data: bytes, choices: Choices = NO_CHOICES) -> Reading:
    """Find out how `data` is written. Raises nothing, whatever the bytes."""
    encoding = choices.encoding or encodings.detect(data)
    head = _sample_lines(data, encoding)
    header = read_header(head)
    dialect = _dialect(head[header.lines :], header, choices)
    rows = _rows_behind(iter(head), header, dialect)
    sample = [row for row in islice(rows, 50) if not row.problem]
    first = sample[0].cells if sample else []
    has_names = choices.names
    if has_names is None:
        has_names = not header.declared and is_names(first)
    names = header.names or (first if has_names else [])
    body = sample[1:] if has_names else sample
    html = choices.html if choices.html is not None else header.html
    if html is None:
        html = not is_own(first) and looks_like_html(c for row in body[:20] for c in row.cells)
    width = min(max((len(row.cells) for row in sample), default=0), MAX_COLUMNS)
    roles = _roles(width, names, header, choices.columns)
    return Reading(data, encoding, header, dialect, has_names, names, html, roles, body)


def _roles(
    width: int, names: Sequence[str], header: Header, chosen: tuple[str, ...] | None
) -> list[str]:
    if chosen is None or len(chosen) != width or not set(chosen) <= set(ROLES):
        return guess(width, names, header.columns)
    return list(chosen)


def _dialect(lines: Sequence[str], header: Header, choices: Choices) -> Dialect:
    quoted = choices.quoted is not False
    cards = choices.cards or "\n"
    if choices.separator:
        free = cards != "\n" or len(choices.separator) > 1
        return Dialect(choices.separator, cards, quoted, 1 if free else -1)
    if header.separator:
        return Dialect(header.separator, cards, quoted)
    found = sniff(lines)
    return Dialect(found.separator, cards, quoted, 1 if cards != "\n" else found.limit)


def _lines(data: bytes, encoding: str) -> Iterator[str]:
    return iter(encodings.open_text(data, encoding))


def _sample_lines(data: bytes, encoding: str) -> list[str]:
    """The first lines; the last may be cut when it is very long."""
    text = encodings.open_text(data[: _SAMPLE_CHARS * 4], encoding)
    lines: list[str] = []
    size = 0
    for line in text:
        lines.append(line)
        size += len(line)
        if size > _SAMPLE_CHARS or len(lines) >= _SAMPLE_LINES:
            break
    return lines


def _rows_behind(lines: Iterator[str], header: Header, dialect: Dialect) -> Iterator[Row]:
    for _line in islice(lines, header.lines):
        pass
    return read_rows(lines, dialect, first_line=header.lines + 1, comments=header.declared)


def _bounded(rows: Iterator[Row]) -> Iterator[Row]:
    yield from islice(rows, ROWS_MAX)
    for row in islice(rows, 1):
        yield from chain([Row(row.line, [], "more")])
