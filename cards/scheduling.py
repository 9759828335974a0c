"""The rule of the boxes: box + answer + date -> next box + due date. No database, no clock.

The method is Sebastian Leitner's (So lernt man lernen, 1972): a card that is known moves to the
next box and rests longer, a missed one goes back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

LONG_RUN = (1, 3, 7, 14, 30, 60, 120)
CLASSIC = (1, 3, 7, 14, 30)
MIN_BOXES, MAX_BOXES = 2, 10
MIN_INTERVAL, MAX_INTERVAL = 1, 3650


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a card is: its box (1..n) and the local date it is due (None: new)."""

    box: int
    due: dt.date | None


@dataclass(frozen=True, slots=True)
class Scheduled(Placement):
    """Where a card is that is on its way: it always has a due date."""

    due: dt.date


def next_box(box: int, passed: bool, boxes: int, again: str = "first") -> int:
    """The box a card moves to, 1..boxes; a box beyond the last counts as the last.

    `again` says where a missed card goes: to the `first` box, `half`-way down, or `one` down.
    """
    box = min(box, boxes)
    if passed:
        return min(box + 1, boxes)
    return {"first": 1, "half": (box + 1) // 2, "one": max(box - 1, 1)}[again]


def place(
    box: int, passed: bool, on: dt.date, intervals: Sequence[int], again: str = "first"
) -> Scheduled:
    """Where a card in `box` goes when it is answered on the local date `on`.

    `intervals` holds the days of box 1, 2, ... n.
    """
    target = next_box(box, passed, len(intervals), again)
    return Scheduled(target, on + dt.timedelta(days=intervals[target - 1]))


def interval_errors(intervals: Sequence[int]) -> list[str]:
    """What is wrong with a set of boxes, as codes: `count`, `range`, `growing`; empty when fine."""
    errors = []
    if not MIN_BOXES <= len(intervals) <= MAX_BOXES:
        errors.append("count")
    if any(not MIN_INTERVAL <= days <= MAX_INTERVAL for days in intervals):
        errors.append("range")
    if any(left >= right for left, right in pairwise(intervals)):
        errors.append("growing")
    return errors
