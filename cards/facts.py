"""The few numbers of the home page. Their cost grows with the last month, not with the years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Count, Q

from cards.models import Card, Review
from cards.progress import current_streak, percent
from cards.remembering import remembered

if TYPE_CHECKING:
    from accounts.models import User

RETENTION_DAYS = 30
DAYS = """
    WITH RECURSIVE days(day) AS (
        SELECT (SELECT MAX("on") FROM cards_review WHERE owner_id = %s AND "on" <= %s)
        UNION ALL
        SELECT (SELECT MAX("on") FROM cards_review WHERE owner_id = %s AND "on" < days.day)
        FROM days WHERE days.day IS NOT NULL
    )
    SELECT day FROM days WHERE day IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """`streak` in days, `retention` in whole per cent (None: no reviews), cards due tomorrow."""

    streak: int
    retention: int | None
    due_tomorrow: int


def home_facts(owner: User, today: dt.date) -> HomeFacts:
    """Three queries, remembered until the learner's next write."""
    return remembered("facts", owner, today, _compute)


def _compute(owner: User, today: dt.date) -> HomeFacts:
    since = today - dt.timedelta(days=RETENTION_DAYS - 1)
    recent = Review.objects.of(owner).filter(on__gte=since, on__lte=today).of_due_cards()
    reviews = recent.aggregate(passes=Count("id", filter=Q(passed=True)), total=Count("id"))
    tomorrow = Card.objects.of(owner).active().filter(due=today + dt.timedelta(days=1))
    return HomeFacts(
        streak=current_streak(days_with_reviews(owner, today), today),
        retention=percent(reviews["passes"], reviews["total"]),
        due_tomorrow=tomorrow.count(),
    )


def days_with_reviews(owner: User, today: dt.date) -> Iterator[dt.date]:
    """The local dates up to `today` with reviews, latest first.

    SQL's DISTINCT reads every review there is. This steps through the index (owner, on) from one
    date to the one before it: a step a day, however many cards were answered on it.
    """
    with connection.cursor() as cursor:
        upto = connection.ops.adapt_datefield_value(today)
        cursor.execute(DAYS, [owner.pk, upto, owner.pk])
        for (day,) in cursor.fetchall():
            # SQLite keeps dates as text.
            yield dt.date.fromisoformat(day) if isinstance(day, str) else day
