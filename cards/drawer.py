"""The picture of the boxes: plain numbers in, the geometry of each compartment out. No database.

Each compartment is wider than the one before, as in Leitner's own drawing (1, 2, 5, 8 and 14 cm in
1972, softened here so that ten of them fit a page). A card is a sliver; a due card stands up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

STEP, MARGIN, FIRST_WIDTH, GROWTH = 5, 8, 88, 22
TOP_CARD, TOP_DUE, FOOT_CARD, FOOT_DUE = 28, 8, 100, 80


@dataclass(frozen=True, slots=True)
class Sliver:
    """One upright card, in the units of the compartment's view box."""

    x: float
    y: int
    height: int
    due: bool


@dataclass(frozen=True, slots=True)
class Compartment:
    """One box as it is drawn: `width` by 112 units, its slivers from left to right."""

    number: int
    interval: int
    cards: int
    due: int
    width: int
    slivers: tuple[Sliver, ...]


def capacity(number: int) -> int:
    """How many slivers box `number` (1..) has room for."""
    return (FIRST_WIDTH + GROWTH * (number - 1) - 2 * MARGIN) // STEP


def compartments(
    intervals: Sequence[int], cards: Sequence[int], due: Sequence[int]
) -> list[Compartment]:
    """Box 1..n with `intervals[i]` days, `cards[i]` cards in it, `due[i]` of them due.

    While every box has room, a sliver is a card; beyond that all boxes shrink by one scale, so that
    the picture stays true from box to box, and a due card never vanishes by rounding.
    """
    rooms = [capacity(number) for number in range(1, len(intervals) + 1)]
    # Exact: with floats, a full box would at times get one sliver more than it has room for.
    shares = (Fraction(held, room) for held, room in zip(cards, rooms, strict=True))
    scale = max(Fraction(1), *shares)
    drawn = []
    for number, (interval, held, wanted) in enumerate(
        zip(intervals, cards, due, strict=True), start=1
    ):
        shown = math.ceil(held / scale)
        standing = min(shown, math.ceil(wanted / scale))
        slivers = tuple(_sliver(index, number, index >= shown - standing) for index in range(shown))
        width = FIRST_WIDTH + GROWTH * (number - 1)
        drawn.append(Compartment(number, interval, held, wanted, width, slivers))
    return drawn


def _sliver(index: int, number: int, due: bool) -> Sliver:
    """Heights vary a little and always alike, as cards in a drawer do."""
    wobble = (index * 5 + number) % 7
    top, foot = (TOP_DUE, FOOT_DUE) if due else (TOP_CARD, FOOT_CARD)
    return Sliver(MARGIN + index * STEP, top + wobble, foot - top - wobble, due)
