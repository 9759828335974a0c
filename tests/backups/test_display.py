"""How far a transfer is, on a terminal and in a log."""

from __future__ import annotations

import io

from backups.display import Display
from backups.report import Report


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class NoRejects:
    def add(self, *args: object) -> None: ...
    def keep(self) -> None: ...
    def discard(self) -> None: ...


class Clock:
    """A clock that stands still until it is moved; seconds."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_log_gets_one_line_for_each_tenth() -> None:
    out, clock, report = io.StringIO(), Clock(), Report("legacy", NoRejects())
    display = Display(out, clock)
    display.begin({"users": 10, "cards": 190})
    display.phase("Copying cards")
    for _ in range(200):
        clock.now += 0.5
        report.read("cards")
        display.progress(report)
    display.end()
    lines = out.getvalue().splitlines()
    assert lines[0] == "Copying cards ..."
    assert len(lines) == 11
    assert lines[5] == "   50 %  100 of 200 rows  2 rows/s  0:50 left"
    assert "\r" not in out.getvalue()


def test_a_terminal_gets_a_bar_that_is_redrawn_now_and_then() -> None:
    out, clock, report = Terminal(), Clock(), Report("legacy", NoRejects())
    display = Display(out, clock)
    display.begin({"cards": 100})
    for _ in range(100):
        clock.now += 0.01
        report.read("cards")
        display.progress(report)
    display.phase("Comparing every row with the source")
    drawn = out.getvalue().split("\r")[1:]
    assert len(drawn) <= 12
    assert drawn[5].startswith("  [############............]  5")
    assert "[########################] 100 %  100 of 100 rows" in drawn[-1]
    assert drawn[-1].endswith("\nComparing every row with the source ...\n")


def test_nothing_is_said_when_nobody_listens() -> None:
    display = Display(None)
    display.begin({"cards": 1})
    display.phase("Copying cards")
    display.progress(Report("legacy", NoRejects()))
    display.end()


def test_an_empty_source_has_no_progress_to_show() -> None:
    out = io.StringIO()
    display = Display(out)
    display.begin({"users": 0, "cards": 0})
    display.progress(Report("legacy", NoRejects()))
    assert out.getvalue() == ""
