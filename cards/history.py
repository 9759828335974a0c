"""All that a learner's reviews tell: counted by the database, remembered until the next write."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Case, Count, Q, Sum, Value, When

from cards import progress
from cards.answering import intervals_of
from cards.models import Card, Review
from cards.progress import DAY, Forecast, Row, Share
from cards.remembering import remembered
from cards.summary import summary

if TYPE_CHECKING:
    from accounts.models import User

INTRODUCTION = Case(When(repetition=False, due_before=None, then=Value(True)), default=Value(False))
RECENT_DAYS = 30
WEEKS = 53


@dataclass(frozen=True, slots=True)
class History:
    """What the statistics page shows, on the local date `today`; `ms` is the time spent in all.

    `shares` (the weeks' retention) begin on Mondays; `counts` are the cards in box 1..n on `days`.
    """

    today: dt.date
    reviews: int
    ms: int
    streak: int
    best: int
    recent: Share
    by_day: dict[dt.date, int]
    by_box: list[Share]
    by_week: dict[dt.date, Share]
    forecast: Forecast
    days: list[dt.date]
    counts: list[tuple[int, ...]]


def history(owner: User, today: dt.date) -> History:
    """The learner's history as of `today`; at most five queries, whatever its length."""
    return remembered("history", owner, today, _compute)


def _compute(owner: User, today: dt.date) -> History:
    rows = review_rows(owner)
    numbers = range(1, len(intervals_of(owner)) + 1)
    boxes = summary(owner, today).boxes
    by_day = progress.reviews_by_day(rows)
    active = sorted((day for day in by_day if day <= today), reverse=True)
    by_box = progress.retention(rows, lambda row: min(row.box_before, numbers[-1]))
    recent = progress.retention(rows, lambda row: row.on > today - RECENT_DAYS * DAY)
    since = progress.week_of(today) - (WEEKS - 1) * 7 * DAY
    days = progress.sample_days(active[-1] if active else today, today)
    return History(
        today=today,
        reviews=sum(by_day.values()),
        ms=sum(row.ms for row in rows),
        streak=progress.current_streak(active, today),
        best=progress.best_streak(active),
        recent=recent.get(True, Share()),
        by_day={day: count for day, count in by_day.items() if day >= since},
        by_box=[by_box.get(number, Share()) for number in numbers],
        by_week=progress.retention(
            (row for row in rows if row.on >= since), lambda row: progress.week_of(row.on)
        ),
        forecast=progress.forecast(_due_dates(owner, today + RECENT_DAYS * DAY), today),
        days=days,
        counts=progress.boxes_over_time(
            [boxes[n].total for n in numbers], rows + gone_rows(owner), days
        ),
    )


def review_rows(owner: User) -> list[Row]:
    """All reviews, like ones of a day together: a few thousand rows for a year of any size."""
    groups = (
        Review.objects.of(owner)
        .annotate(introduction=INTRODUCTION)
        .values_list("on", "box_before", "box_after", "passed", "introduction", "repetition")
        .annotate(count=Count("*"), ms=Sum("took_ms"))
        .order_by()
    )
    return [
        Row(on, before, after, passed, introduction, repetition, count, ms or 0)
        for on, before, after, passed, introduction, repetition, count, ms in groups
    ]


def gone_rows(owner: User) -> list[Row]:
    """The moves of cards that lie in no box any more, deleted or reset, to be taken off again.

    Asked for by themselves (they are few), they spare the large query a join with all cards.
    """
    groups = (
        Review.objects.of(owner)
        .counted()
        .filter(card__owner=owner, card__last_reviewed__isnull=False)
        .filter(Q(card__due=None) | Q(card__deleted_at__isnull=False))
        .annotate(introduction=INTRODUCTION)
        .values_list("on", "box_before", "box_after", "passed", "introduction")
        .annotate(count=Count("*"))
        .order_by()
    )
    return [
        Row(on, before, after, passed, introduction, count=-count)
        for on, before, after, passed, introduction, count in groups
    ]


def _due_dates(owner: User, until: dt.date) -> dict[dt.date, int]:
    """How many cards are due on each date up to `until`."""
    cards = Card.objects.of(owner).due(until).order_by().values_list("due")
    return {day: count for day, count in cards.annotate(Count("id")) if day is not None}
