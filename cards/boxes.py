"""The services that make a learner's boxes and change them; every card keeps its due date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Case, PositiveSmallIntegerField, Value, When

from cards.answering import intervals_of
from cards.box_plan import Plan, Slot, plan
from cards.models import Box, Card
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


def apply_change(*, owner: User, after: Sequence[Slot], seen: Sequence[int]) -> Plan:
    """Turn the learner's boxes into `after` and move the cards as `plan_change` said.

    `seen` are the intervals that the learner's plan began with: BoxesChanged when they are not
    those of now, and nothing is changed. Deleted and suspended cards move along; due dates stay.
    """
    with writing(owner):
        if intervals_of(owner) != list(seen):
            raise BoxesChanged
        change = plan_change(owner=owner, after=after)
        if change.renumbered:
            _move_cards(owner, change)
        Box.objects.filter(owner=owner).delete()
        _store(owner, change.intervals)
    return change


def _move_cards(owner: User, change: Plan) -> None:
    """All cards at once, so that none is moved twice."""
    cases = [When(box=old, then=Value(new)) for old, new in change.renumbered.items()]
    cards = Card.objects.filter(owner=owner, box__in=change.renumbered)
    cards.update(box=Case(*cases, output_field=PositiveSmallIntegerField()))


def _store(owner: User, intervals: Sequence[int]) -> None:
    Box.objects.bulk_create(
        Box(owner=owner, number=number, interval_days=days)
        for number, days in enumerate(intervals, start=1)
    )
