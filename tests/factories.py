"""Small makers of rows. Each takes what the test is about and fills in the rest."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any

from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import User
from cards.models import Box, Card, Deck, Review
from cards.scheduling import LONG_RUN

PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)


def make_user(
    email: str = "", *, intervals: Sequence[int] = LONG_RUN, password: str = PASSWORD, **fields: Any
) -> User:
    """A learner with a confirmed e-mail address and boxes of these intervals (days)."""
    email = email or f"learner{next(_numbers)}@example.org"
    user = User.objects.create_user(email, password, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    make_boxes(user, intervals)
    return user


def make_boxes(owner: User, intervals: Sequence[int] = LONG_RUN) -> list[Box]:
    """Boxes 1..n of these intervals (days)."""
    boxes = [
        Box(owner=owner, number=number, interval_days=days)
        for number, days in enumerate(intervals, start=1)
    ]
    return Box.objects.bulk_create(boxes)


def make_deck(owner: User, name: str = "", **fields: Any) -> Deck:
    return Deck.objects.create(owner=owner, name=name or f"Deck {next(_numbers)}", **fields)


def make_card(owner: User, **fields: Any) -> Card:
    """A new card (no due date) in the owner's first deck, which is made when missing.

    `due` makes it a card on its way. `tags` may be a list of names.
    """
    if "deck" not in fields:
        fields["deck"] = Deck.objects.of(owner).order_by("id").first() or make_deck(owner)
    if isinstance(fields.get("tags"), list):
        fields["tags"] = f" {' '.join(fields['tags'])} " if fields["tags"] else ""
    number = next(_numbers)
    fields = {"front": f"Front {number}", "back": f"Back {number}"} | fields
    return Card.objects.create(owner=owner, **fields)


def make_cards(owner: User, count: int, **fields: Any) -> list[Card]:
    return [make_card(owner, **fields) for _ in range(count)]


def make_review(card: Card, **fields: Any) -> Review:
    """The record of an answer to `card`, by default a pass now from its box to the next.

    Only the record: the card itself is not moved. `on` is the owner's date at `answered_at`.
    """
    answered_at = fields.setdefault("answered_at", timezone.now())
    if "on" not in fields:  # The first hours of the year 1 have no learner's date.
        fields["on"] = card.owner.today(answered_at)
    on = fields["on"]
    passed = fields.setdefault("passed", True)
    before = fields.setdefault("box_before", card.box)
    fields.setdefault("due_before", card.due)
    fields.setdefault("reviewed_before", card.last_reviewed)
    if fields.get("repetition"):
        fields = {"box_after": before, "due_after": fields["due_before"]} | fields
    after = fields.setdefault("box_after", min(before + 1, len(LONG_RUN)) if passed else 1)
    fields.setdefault("due_after", on + dt.timedelta(days=LONG_RUN[after - 1]))
    return Review.objects.create(owner=card.owner, card=card, **fields)
