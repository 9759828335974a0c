"""What was deleted long ago is really deleted: cards with their answers, and decks left empty."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef

from cards.models import Card, Deck
from cards.writing import writing

if TYPE_CHECKING:
    from accounts.models import User

BATCH = 500


def in_trash(before: dt.datetime) -> dict[str, int]:
    """How many cards and decks `empty_trash` would delete."""
    decks = Deck.objects.filter(deleted_at__lt=before)
    kept = Card.objects.filter(deck=OuterRef("pk")).exclude(deleted_at__lt=before)
    return {
        "cards": Card.objects.filter(deleted_at__lt=before).count(),
        "decks": decks.exclude(Exists(kept)).count(),
    }


def empty_trash(before: dt.datetime) -> dict[str, int]:
    """Delete what was deleted before this instant; how many cards and decks that were.

    In small transactions, each of one learner's: nobody waits long, and what is broken off goes on
    the next time. What is taken back meanwhile stays.
    """
    gone = {"cards": 0, "decks": 0}
    for owner in _owners(before):
        while _empty_some(owner, before, gone) == BATCH:
            pass
    return gone


def _owners(before: dt.datetime) -> Iterator[User]:
    """Learners with something in their trash that is old enough."""
    cards = Card.objects.filter(deleted_at__lt=before).values("owner")
    decks = Deck.objects.filter(deleted_at__lt=before).values("owner")
    ids = sorted({row["owner"] for found in (cards, decks) for row in found.distinct()})
    for start in range(0, len(ids), BATCH):
        yield from get_user_model().objects.filter(pk__in=ids[start : start + BATCH])


def _empty_some(owner: User, before: dt.datetime, gone: dict[str, int]) -> int:
    """Deletes a batch of cards and the decks that are empty then; the number of these cards."""
    with writing(owner):
        old = Card.objects.filter(owner=owner, deleted_at__lt=before).order_by("pk")
        ids = list(old.values_list("pk", flat=True)[:BATCH])
        Card.objects.filter(pk__in=ids).delete()
        decks = Deck.objects.filter(owner=owner, deleted_at__lt=before)
        empty = decks.exclude(Exists(Card.objects.filter(deck=OuterRef("pk"))))
        decks_gone = empty.delete()[0]
    gone["cards"] += len(ids)
    gone["decks"] += decks_gone
    return len(ids)
