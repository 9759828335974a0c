"""A backlog after a break, spread over the next days, the longest overdue first."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from cards.models import Card
from cards.writing import writing

if TYPE_CHECKING:
    from accounts.models import User

MIN_DAYS, MAX_DAYS = 2, 60


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the plan: cards of the backlog, and cards that are due then anyway."""

    day: dt.date
    backlog: int
    already: int

    @property
    def total(self) -> int:
        return self.backlog + self.already


def shares(cards: int, days: int) -> list[int]:
    """`cards` in `days` shares as even as can be, the larger ones first; their sum is `cards`."""
    return [math.ceil((cards - index) / days) for index in range(days)]


def plan(owner: User, today: dt.date, days: int) -> list[Day]:
    """What each of the next `days` days would hold, today first; three queries."""
    cards = Card.objects.of(owner)
    coming = cards.active().filter(due__gt=today, due__lt=today + dt.timedelta(days=days))
    rows = coming.values_list("due").annotate(n=Count("id")).order_by()
    already = Counter(dict(rows))
    dates = [today + dt.timedelta(days=index) for index in range(days)]
    backlog = shares(cards.due(today).count(), days)
    return [Day(day, share, already[day]) for day, share in zip(dates, backlog, strict=True)]


def spread(*, owner: User, today: dt.date, days: int) -> int:
    """Move all but today's share of the due cards to the following days; how many were moved.

    Boxes stay. Longest overdue and lowest box come first, as in a session.
    """
    moved = 0
    with writing(owner):
        queue = Card.objects.of(owner).due(today).order_by("due", "box", "id")
        ids = list(queue.values_list("id", flat=True))
        start = 0
        for index, share in enumerate(shares(len(ids), days)):
            part = ids[start : start + share]
            start += share
            if index and part:
                moved += _postpone(part, today + dt.timedelta(days=index))
    return moved


def _postpone(ids: list[int], day: dt.date) -> int:
    """In pieces, since SQLite takes only so many parameters in one statement."""
    size = 5_000
    pieces = [ids[at : at + size] for at in range(0, len(ids), size)]
    return sum(Card.objects.filter(pk__in=piece).update(due=day) for piece in pieces)
