"""Where rows go to: an empty database (fast, ids kept) or one that is in use (merged).

A sink is used inside one open transaction of the target and commits nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from backups.report import Report
from backups.sources import Source, Stream


class Sink(Protocol):
    """One way to write. Used once: `begin`, `write` for each stream, `finish`, `verify`.

    All of them inside `transaction`.
    """

    def transaction(self) -> AbstractContextManager[None]:
        """The one transaction of the target that everything happens in."""

    def begin(self) -> None:
        """Lock what nobody else may change meanwhile and make ready; TransferError if it cannot."""

    def write(self, stream: Stream, passed: Callable[[int], None]) -> None:
        """Write all rows of the stream; `passed(n)` after every n rows."""

    def finish(self, report: Report) -> None:
        """Indexes, constraints, sequences, decisions: after it the data are as they shall stay."""

    def verify(self, source: Source) -> dict[str, int]:
        """Compare what is in the target with what the source gave; TransferError on a difference.

        Row counts and checksums of each table, cards of each owner, foreign keys and constraints.
        The answer is how many of the source's rows the target holds, by the tables' labels.
        """
