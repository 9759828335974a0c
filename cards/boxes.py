"""The services that make a learner's boxes and change them; every card keeps its due date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Case, F, PositiveSmallIntegerField, Value, When

from cards.answering import UNDO_WITHIN, intervals_of
from cards.box_plan import Plan, Slot, plan
from cards.models import Box, Card, Review
from cards.scheduling import LONG_RUN, interval_errors
from cards.writing import writing

if TYPE_CHECKING:
    from accounts.models import User


class BoxesChanged(Exception):
    """The boxes are no longer those that the learner's plan began with; nothing was changed."""


def create_default_boxes(user: User) -> None:
    """Give a new learner the seven boxes of the long run; nothing happens when there are boxes."""
    with writing(user):
        if not Box.objects.filter(owner=user).exists():
            _store(user, LONG_RUN)


def plan_change(*, owner: User, after: Sequence[Slot]) -> Plan:
    """What turning the learner's boxes into `after` would do. Writes nothing.

    ValueError when the new boxes break a rule (number, range, growing) or `after` does not fit the
    boxes of now.
    """
    if errors := interval_errors([slot.interval for slot in after]):
        raise ValueError(", ".join(errors))
    return plan(intervals_of(owner), after)


def apply_change(
    *, owner: User, after: Sequence[Slot], seen: Sequence[int], now: dt.datetime
) -> Plan:
    """Turn the learner's boxes into `after` and move the cards as `plan_change` said.

    `seen` are the intervals that the learner's plan began with: BoxesChanged when they are not
    those of now, and nothing is changed. Deleted and suspended cards move along; due dates stay.
    Answers that can still be taken back at the instant `now` are renumbered with their cards.
    """
    with writing(owner):
        if intervals_of(owner) != list(seen):
            raise BoxesChanged
        change = plan_change(owner=owner, after=after)
        if change.renumbered:
            _renumber(owner, change, now - UNDO_WITHIN)
        Box.objects.filter(owner=owner).delete()
        _store(owner, change.intervals)
    return change


def _renumber(owner: User, change: Plan, since: dt.datetime) -> None:
    """All cards at once, so that none is moved twice; and the answers that an undo may need."""

    def renumbered(name: str) -> Case:
        cases = [When(**{name: old}, then=Value(new)) for old, new in change.renumbered.items()]
        return Case(*cases, default=F(name), output_field=PositiveSmallIntegerField())

    cards = Card.objects.filter(owner=owner, box__in=change.renumbered)
    cards.update(box=renumbered("box"))
    answers = Review.objects.of(owner).filter(answered_at__gt=since)
    answers.update(box_before=renumbered("box_before"), box_after=renumbered("box_after"))


def _store(owner: User, intervals: Sequence[int]) -> None:
    Box.objects.bulk_create(
        Box(owner=owner, number=number, interval_days=days)
        for number, days in enumerate(intervals, start=1)
    )
