"""Streak, retention, forecast and boxes over time, from plain rows. No database, no clock.

A row stands for equal reviews of one local date. Dates are the learner's own throughout.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

DAY = dt.timedelta(days=1)
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Row:
    """`count` like reviews, `ms` spent on them. A negative count takes reviews off again."""

    on: dt.date
    box_before: int
    box_after: int
    passed: bool
    introduction: bool = False
    repetition: bool = False
    count: int = 1
    ms: int = 0

    @property
    def of_due_card(self) -> bool:
        """Whether it tells how well cards are kept: neither a first answer nor a repetition."""
        return not (self.introduction or self.repetition)


@dataclass(slots=True)
class Share:
    """Passes among reviews."""

    passes: int = 0
    total: int = 0

    def add(self, row: Row) -> None:
        self.total += row.count
        self.passes += row.count if row.passed else 0

    @property
    def percent(self) -> int | None:
        return percent(self.passes, self.total)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Cards already scheduled: those `overdue` today, and those due on each day from today on."""

    overdue: int
    days: tuple[tuple[dt.date, int], ...]

    @property
    def total(self) -> int:
        return self.overdue + sum(cards for _, cards in self.days)


def percent(part: int, whole: int) -> int | None:
    """`part` of `whole` in whole per cent; 100 and 0 only for all and none; None of nothing."""
    if not whole:
        return None
    rounded = round(100 * part / whole)
    if part < whole:
        rounded = min(rounded, 99)
    return max(rounded, 1) if part else 0


def current_streak(days: Iterable[dt.date], today: dt.date) -> int:
    """Consecutive days with reviews, from `days` in falling order, the latest up to `today`.

    It ends today or yesterday: a day that is not over does not break it.
    """
    length, expected = 0, today
    for day in days:
        if not length and day == today - DAY:
            expected = day
        if day != expected:
            break
        length, expected = length + 1, expected - DAY
    return length


def best_streak(days: Iterable[dt.date]) -> int:
    """The longest run of consecutive days among `days`, in any order."""
    best = length = 0
    previous = None
    for day in sorted(set(days)):
        length = length + 1 if previous is not None and day - previous == DAY else 1
        best, previous = max(best, length), day
    return best


def reviews_by_day(rows: Iterable[Row]) -> dict[dt.date, int]:
    """All answers a day, repetitions included."""
    days: dict[dt.date, int] = defaultdict(int)
    for row in rows:
        days[row.on] += row.count
    return dict(days)


def retention(rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, Share]:
    """The share of passes among reviews of cards that were due, for each value of `key(row)`."""
    shares: dict[Key, Share] = defaultdict(Share)
    for row in rows:
        if row.of_due_card:
            shares[key(row)].add(row)
    return dict(shares)


def week_of(day: dt.date) -> dt.date:
    """The Monday of its week."""
    return day - dt.timedelta(days=day.weekday())


def forecast(due: Mapping[dt.date, int], today: dt.date, days: int = 30) -> Forecast:
    """How many scheduled cards come due, from cards counted by due date.

    It holds what is scheduled now, as if no card were answered meanwhile: answers add to it (each
    sends a card to a later day), and so do new cards.
    """
    overdue = sum(cards for day, cards in due.items() if day < today)
    coming = [today + number * DAY for number in range(days)]
    return Forecast(overdue, tuple((day, due.get(day, 0)) for day in coming))


def sample_days(first: dt.date, today: dt.date, most: int = 53) -> list[dt.date]:
    """At most `most` dates at equal distances, ending with `today`, not before `first`."""
    step = max(1, math.ceil(((today - first).days + 1) / most)) * DAY
    days = [today]
    while days[-1] - step >= first:
        days.append(days[-1] - step)
    return days[::-1]


def boxes_over_time(
    present: Sequence[int], rows: Iterable[Row], days: Sequence[dt.date]
) -> list[tuple[int, ...]]:
    """How many cards lay in box 1..n at the end of each of `days` (rising, the last is today).

    `present` counts them now; from there the moves are taken back, latest first. So the end is
    exact, and cards that came with a box (from another program) are in it from the start. Boxes
    that no longer exist count as the last; where boxes were renumbered the past is approximate.
    """
    changes: dict[dt.date, list[int]] = defaultdict(lambda: [0] * len(present))
    for row in rows:
        if row.repetition:
            continue
        changes[row.on][min(row.box_after, len(present)) - 1] += row.count
        if not row.introduction:
            changes[row.on][min(row.box_before, len(present)) - 1] -= row.count
    counts, found = list(present), []
    latest_first = sorted(changes, reverse=True)
    for day in reversed(days):
        while latest_first and latest_first[0] > day:
            taken_back = changes[latest_first.pop(0)]
            counts = [count - change for count, change in zip(counts, taken_back, strict=True)]
        found.append(tuple(max(count, 0) for count in counts))
    return found[::-1]
