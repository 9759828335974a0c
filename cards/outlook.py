"""What comes next: when the next cards are due, and how long a session takes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cards.models import Card, Review

if TYPE_CHECKING:
    from accounts.models import User

COUNT_LIMIT = 1_000
USUAL_MS = 10_000
PACE_SAMPLE = 100


@dataclass(frozen=True, slots=True)
class Outlook:
    """The next local date with due cards, and how many (at most `COUNT_LIMIT` are counted)."""

    day: dt.date
    cards: int


def outlook(owner: User, today: dt.date) -> Outlook | None:
    """When the next cards come after `today`; None when nothing is scheduled."""
    coming = Card.objects.of(owner).active().filter(due__gt=today)
    day = coming.order_by("due").values_list("due", flat=True).first()
    if day is None:
        return None
    return Outlook(day, coming.filter(due=day)[:COUNT_LIMIT].count())


def minutes(owner: User, cards: int) -> int:
    """About how many minutes this learner needs for `cards` cards, at least 1.

    The pace is the mean of the last 100 answers; without any, ten seconds a card.
    """
    latest = Review.objects.of(owner).order_by("-answered_at")
    times = latest.values_list("took_ms", flat=True)[:PACE_SAMPLE]
    known = [took for took in times if took is not None]
    pace = sum(known) / len(known) if known else USUAL_MS
    return max(1, round(cards * pace / 60_000))
