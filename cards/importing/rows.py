"""Text into rows of cells. A quote that is never closed costs its own line, never the file."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

Problem = Literal["", "quote", "long", "comment", "more"]

# A line or a quoted cell over several lines that is longer than this is no flashcard.
LINE_MAX = 400_000
LINES_IN_A_ROW_MAX = 130_000
# So many lines of a file are read anew behind quotes that are not closed; then its rest is refused.
REREAD_MAX = 500_000
# So much of a line that cannot be read is shown.
EXCERPT = 80


@dataclass(frozen=True, slots=True)
class Dialect:
    """One character between cells is read by the rules of CSV; anything else by splitting.

    `limit` is the most splits in a row (-1: all). `cards` stands between rows.
    """

    separator: str
    cards: str = "\n"
    quoted: bool = True
    limit: int = -1

    @property
    def is_csv(self) -> bool:
        single = len(self.separator) == 1 and self.separator not in '"\r\n'
        return single and self.cards == "\n" and self.limit == -1


class Row(NamedTuple):
    """Cells, and the number (from 1) of the line on which the row begins.

    With a problem, the only cell is the beginning of the line, for the learner to find it.
    """

    line: int
    cells: list[str]
    problem: Problem = ""


def read_rows(
    lines: Iterable[str], dialect: Dialect, *, first_line: int = 1, comments: bool = False
) -> Iterator[Row]:
    """The rows of `lines` (with their ends). Blank lines are passed over; nothing raises."""
    if dialect.is_csv:
        return _read_csv(_Lines(lines, first_line, comments), dialect)
    return _split(lines, dialect, first_line, comments)


class _Lines:
    """The lines of a file, with those of the row being read kept so that they can be put back."""

    def __init__(self, lines: Iterable[str], first_line: int, comments: bool) -> None:
        self.source = iter(lines)
        self.waiting: deque[str] = deque()
        self.taken: list[str] = []
        self.line = first_line
        self.comments = comments
        self.skipped: list[int] = []
        self.reread = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else next(self.source)
        while self.comments and not self.taken and line.startswith("#"):
            self.skipped.append(self.line)
            self.line += 1
            line = self.waiting.popleft() if self.waiting else next(self.source)
        self.taken.append(line)
        if len(line) > LINE_MAX or len(self.taken) > LINES_IN_A_ROW_MAX:
            raise csv.Error
        return line

    def accept(self) -> None:
        """The row is read: the next one begins behind it."""
        self.line += len(self.taken)
        self.taken.clear()

    def give_up(self) -> Row:
        """The row cannot be read: its first line is refused, the others are read anew.

        Beyond the budget that would take forever: this row then stands for the rest of the file.
        """
        # The limit is the process's; whoever raises it changes nothing here.
        longest = min(LINE_MAX, csv.field_size_limit())
        spans = len(self.taken) > 1 or len(self.taken[0]) <= longest
        start = self.taken[0][:EXCERPT].rstrip("\r\n")
        row = Row(self.line, [start], "quote" if spans else "long")
        self.reread += len(self.taken) - 1
        self.waiting.extendleft(reversed(self.taken[1:]))
        if self.reread > REREAD_MAX:
            self.waiting.clear()
            self.source = iter(())
        self.taken.clear()
        self.line += 1
        return row


def _read_csv(lines: _Lines, dialect: Dialect) -> Iterator[Row]:
    """RFC 4180: cells in quotes may hold separators, line ends and doubled quotes."""
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE
    while True:
        reader = csv.reader(lines, delimiter=dialect.separator, quoting=quoting, strict=True)
        try:
            for cells in reader:
                if lines.skipped:
                    yield from _comments(lines)
                if cells:
                    yield Row(lines.line, cells)
                lines.accept()
            yield from _comments(lines)
            return
        except csv.Error:
            yield from _comments(lines)
            yield lines.give_up()


def _comments(lines: _Lines) -> Iterator[Row]:
    for number in lines.skipped:
        yield Row(number, [], "comment")
    lines.skipped.clear()


def _split(lines: Iterable[str], dialect: Dialect, line: int, comments: bool) -> Iterator[Row]:
    """Free separators have no quoting: the text is cut wherever they stand."""
    for piece in _pieces(lines, dialect.cards):
        text = piece.strip("\r\n")
        start = line + _newlines(piece[: len(piece) - len(piece.lstrip("\r\n"))])
        line += _newlines(piece)
        if comments and text.startswith("#"):
            yield Row(start, [], "comment")
        elif len(text) > LINE_MAX:
            yield Row(start, [text[:EXCERPT]], "long")
        elif text.strip():
            cells = text.split(dialect.separator, dialect.limit) if dialect.separator else [text]
            yield Row(start, [cell.strip() for cell in cells])


def _newlines(text: str) -> int:
    return text.count("\n") or text.count("\r")


def _pieces(lines: Iterable[str], between: str) -> Iterator[str]:
    """The text cut behind each `between`; the pieces keep the line ends they hold."""
    if between in ("", "\n", "\r\n"):
        yield from lines
        return
    text = "".join(line.replace("\r\n", "\n") for line in lines)
    start = 0
    while (end := text.find(between, start)) >= 0:
        # The separator's own line ends count for the piece before it.
        yield text[start:end] + "\n" * between.count("\n")
        start = end + len(between)
    yield text[start:]
