"""How many cards lie where: counted by one query, cached until the learner's next write."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from cards.models import Card
from cards.remembering import keep, recall, remembered

if TYPE_CHECKING:
    from accounts.models import User
    from cards.answering import Outcome


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

    def put(self, deck: int, box: int, due: dt.date | None, today: dt.date, count: int) -> None:
        """Add `count` active cards (or take them away, when negative) that lie so."""
        is_new = due is None
        counts = (count, count if due and due <= today else 0, count if is_new else 0, 0)
        self.all.add(*counts)
        self.decks[deck].add(*counts)
        if not is_new:
            self.boxes[box].add(*counts)


def summary(owner: User, today: dt.date) -> Summary:
    """The counts for the local date `today`, remembered until the learner's next write."""
    return remembered("summary", owner, today, _count)


def recall_summary(owner: User, today: dt.date) -> Summary | None:
    """The counts as they were when `owner` was read, if they are in the cache."""
    return cast("Summary | None", recall("summary", owner, owner.data_version, today))


def carry(owner: User, before: Summary | None, outcome: Outcome) -> None:
    """Keep the counts as one answer has left them, without counting all cards again.

    `before` must have been recalled before the answer was written: later it could hold the answer
    already. What cannot be carried over is counted when it is next asked for.
    """
    review = outcome.review
    if before is None or outcome.version is None or outcome.status != "applied" or review is None:
        return
    if not review.repetition:
        before.put(review.card.deck_id, review.box_before, review.due_before, review.on, -1)
        before.put(review.card.deck_id, review.box_after, review.due_after, review.on, +1)
    keep("summary", owner, outcome.version, review.on, before)


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
