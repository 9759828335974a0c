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
class Move:
    """The `cards` of box `old` get the number `new`: with their box, or because it is `removed`."""

    old: int
    new: int
    cards: int
    removed: bool


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

    def moves_of(self, cards: Mapping[int, int]) -> list[Move]:
        """What happens to whom, from `cards` in each old box; boxes that stay are left out."""
        return [
            Move(old, new, cards[old], old in self.removed)
            for old, new in self.moves.items()
            if old != new or old in self.removed
        ]

    def cards_after(self, cards: Mapping[int, int]) -> list[int]:
        """How many cards will lie in each new box, from `cards` in each old one."""
        counts = [0] * len(self.after)
        for old, new in self.moves.items():
            counts[new - 1] += cards[old]
        return counts


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
        raise ValueError("No box can come before box 1.")
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


def insert(slots: Sequence[Slot], interval: int) -> list[Slot]:
    """`slots` and an added box, which stands before the first that does not rest less long."""
    place = next((at for at, slot in enumerate(slots) if slot.interval >= interval), len(slots))
    return [*slots[:place], Slot(interval), *slots[place:]]


def rebase(after: Sequence[Slot], seen: Sequence[int], now: Sequence[int]) -> list[Slot]:
    """`after`, meant for boxes of intervals `seen`, said of those of `now`.

    A box is the same one when its interval is; the first stays the first.
    """
    slots, last = [Slot(after[0].interval, 1)], 1
    for slot in after[1:]:
        days = seen[slot.origin - 1] if slot.origin is not None else None
        origin = next((n for n, d in enumerate(now, start=1) if d == days and n > last), None)
        last = origin or last
        slots.append(Slot(slot.interval, origin))
    return slots
