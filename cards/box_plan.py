"""What a change of the boxes does to the cards: old and new boxes in, moves out. No database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """One box of the new set: its interval in days and which old box it was (None: added)."""

    interval: int
    origin: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The new boxes, and for each old box the number of the new one its cards will lie in."""

    before: tuple[int, ...]
    after: tuple[Slot, ...]
    moves: Mapping[int, int]

    @property
    def intervals(self) -> list[int]:
        return [slot.interval for slot in self.after]

    @property
    def renumbered(self) -> dict[int, int]:
        """Only the old boxes whose cards get another number."""
        return {old: new for old, new in self.moves.items() if old != new}

    @property
    def removed(self) -> list[int]:
        kept = {slot.origin for slot in self.after}
        return [old for old in self.moves if old not in kept]

    @property
    def changes_something(self) -> bool:
        return bool(self.renumbered) or self.intervals != list(self.before)


def plan(before: Sequence[int], after: Sequence[Slot]) -> Plan:
    """Where the cards of box 1..n (intervals `before`) will lie in the boxes `after`.

    A kept box takes its cards along; those of a removed one fall to the nearest kept box below, or
    to box 1 when there is none. ValueError when `after` names an old box twice, out of order, or
    one that does not exist, or adds a box before box 1, where new cards begin.
    """
    origins = [slot.origin for slot in after if slot.origin is not None]
    if origins != sorted(set(origins)) or not set(origins) <= set(range(1, len(before) + 1)):
        raise ValueError("Each kept box must be named once and in order.")
    if 1 in origins and after[0].origin != 1:
        raise ValueError("Box 1 stays the first.")
    places = {slot.origin: number for number, slot in enumerate(after, start=1)}
    moves, below = {}, 1
    for old in range(1, len(before) + 1):
        below = places.get(old, below)
        moves[old] = below
    return Plan(tuple(before), tuple(after), moves)


def preset(before: Sequence[int], intervals: Sequence[int]) -> list[Slot]:
    """The slots that turn the boxes `before` into `intervals`; boxes come and go at the end."""
    return [
        Slot(days, number if number <= len(before) else None)
        for number, days in enumerate(intervals, start=1)
    ]
