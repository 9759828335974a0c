"""Where rows come from: another SQLite file (this project's or the legacy app's), a rejects file,
an archive.

A source gives rows for *our* tables, whatever it reads; ids in them are ids of the source, and
agree with each other. Sinks keep them or give new ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from backups.report import Report
from backups.tables import Column, Table
from backups.wire import Row


@dataclass(frozen=True, slots=True)
class CsvText:
    """The same rows as CSV text (`archives.csv_text`), for databases that read it by themselves.

    `pieces()` are bytes without the row of column names, `rows` how many there should be; `sha256`
    is that of the text with the names.
    """

    pieces: Callable[[], Iterator[bytes]]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Stream:
    """The rows of one of our tables, in batches of at most 1,000.

    Each row has one value for each of `columns`; columns of the table that are not among them are
    NULL (they must be nullable). The primary key is always among them.
    """

    table: Table
    columns: tuple[Column, ...]
    batches: Iterator[list[Row]]
    text: CsvText | None = None


class Source(Protocol):
    """One place to read from. It is a context manager: leaving it removes temporary copies."""

    kind: str  # "legacy", "leitner" or "archive"

    def totals(self) -> dict[str, int]:
        """How many rows each of the source's tables holds, by the names that the report uses."""

    def streams(self, report: Report) -> Iterator[Stream]:
        """Our tables, parents first. Each stream must be read to its end before the next.

        Every row read is counted in the report as it passes: `report.read`, then `mended` when a
        rule changed it, or `reject` when it is set aside and not in the stream.
        """

    def cards_per_owner(self) -> Iterator[tuple[int, int]] | None:
        """(owner id, number of cards) in order of the id, for owners with cards.

        Counted by the source's own database after all streams were read, not by the code that read
        the rows, so that a mistake of the latter shows. Rows set aside are not counted. None for a
        source that is no database.
        """

    def __enter__(self) -> Source: ...

    def __exit__(self, *error: object) -> None: ...
