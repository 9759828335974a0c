"""How far a transfer is: a bar on a terminal, a line for each tenth elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TextIO

from backups.report import Report

WIDTH = 24
# A terminal is redrawn at most so often, in seconds.
REDRAW = 0.1


class Display:
    """Writes to `out`; with `out` None it says nothing. `totals` are the rows to be read."""

    def __init__(self, out: TextIO | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.out = out
        self.clock = clock
        self.terminal = out is not None and out.isatty()
        self.total = self.tenths = 0
        self.start = self.drawn = 0.0
        self.drawing = False

    def begin(self, totals: Mapping[str, int]) -> None:
        """The rows to be read are known; the clock for rate and time left starts."""
        self.total = sum(totals.values())
        self.start = self.clock()

    def phase(self, text: str) -> None:
        """Something new begins."""
        if self.out:
            self._end_bar()
            self.out.write(f"{text} ...\n")
            self.out.flush()

    def progress(self, report: Report) -> None:
        """Show how much of the source was read."""
        if self.out:
            self.rows(sum(counts.read for counts in report.tables.values()))

    def rows(self, read: int) -> None:
        """Show that so many rows were read."""
        if not self.out or not self.total:
            return
        if self.terminal:
            self._draw(read)
        elif read * 10 // self.total > self.tenths:
            self.tenths = read * 10 // self.total
            self.out.write(f"  {self._line(read)}\n")
            self.out.flush()

    def end(self) -> None:
        if self.out:
            self._end_bar()

    def _draw(self, read: int) -> None:
        now = self.clock()
        if self.out and (now - self.drawn >= REDRAW or read >= self.total):
            self.drawn, self.drawing = now, True
            full = min(WIDTH, WIDTH * read // self.total)
            self.out.write(f"\r  [{'#' * full}{'.' * (WIDTH - full)}] {self._line(read)}\x1b[K")
            self.out.flush()

    def _end_bar(self) -> None:
        if self.drawing and self.out:
            self.out.write("\n")
            self.drawing = False

    def _line(self, read: int) -> str:
        seconds = max(self.clock() - self.start, 0.001)
        rate = read / seconds
        left = (self.total - read) / rate if rate else 0.0
        percent = min(100, read * 100 // self.total)
        return (
            f"{percent:3} %  {read:,} of {self.total:,} rows  {rate:,.0f} rows/s  "
            f"{int(left) // 60}:{int(left) % 60:02} left"
        )
