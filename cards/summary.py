"""How many cards lie where: counted by one query, cached until the learner's next write."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from cards.models import Card
from cards.remembering import remembered

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(slots=True)
class Tally:
    """Numbers of cards; `total` holds all, the suspended included."""

    total: int = 0
    due: int = 0
    new: int = 0
    suspended: int = 0

    def add(self, total: int, due: int, new: int, suspended: int) -> None:
        self.total += total
        self.due += due
        self.new += new
        self.suspended += suspended


@dataclass(slots=True)
class Summary:
    """A learner's cards on one local date: all, per deck, and per box (there without new ones)."""

    all: Tally = field(default_factory=Tally)
    decks: dict[int, Tally] = field(default_factory=lambda: defaultdict(Tally))
    boxes: dict[int, Tally] = field(default_factory=lambda: defaultdict(Tally))


def summary(owner: User, today: dt.date) -> Summary:
    """The counts for the local date `today`, remembered until the learner's next write."""
    return remembered("summary", owner, today, _count)


def _count(owner: User, today: dt.date) -> Summary:
    active = Q(suspended=False)
    rows = (
        Card.objects.of(owner)
        .annotate(fresh=ExpressionWrapper(Q(due=None), BooleanField()))
        .values_list("deck_id", "box", "fresh")
        .annotate(
            total=Count("id"),
            wanted=Count("id", filter=active & Q(due__lte=today)),
            new=Count("id", filter=active & Q(due=None)),
            resting=Count("id", filter=Q(suspended=True)),
        )
        .order_by()
    )
    result = Summary()
    for deck, box, fresh, *counts in rows:
        result.all.add(*counts)
        result.decks[deck].add(*counts)
        if not fresh:
            result.boxes[box].add(*counts)
    return result
