"""All writes to decks: make, rename, delete with their cards, and bring back what was deleted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from cards.models import Card, Deck
from cards.writing import writing

if TYPE_CHECKING:
    from accounts.models import User

NAME_MAX = 200


def deck_named(owner: User, name: str) -> Deck:
    """The learner's deck of this name, made when there is none. Call it inside `writing(owner)`."""
    deck = Deck.objects.of(owner).filter(name=name).first()
    return deck or Deck.objects.create(owner=owner, name=name)


def add_deck(*, owner: User, name: str) -> bool:
    """Make an empty deck; False when there is one of this name."""
    with writing(owner):
        if Deck.objects.of(owner).filter(name=name).exists():
            return False
        Deck.objects.create(owner=owner, name=name)
        return True


def rename_deck(*, owner: User, deck_id: int, name: str) -> bool:
    """False, and nothing is changed, when another deck has this name."""
    with writing(owner):
        decks = Deck.objects.of(owner)
        if decks.filter(name=name).exclude(pk=deck_id).exists():
            return False
        decks.filter(pk=deck_id).update(name=name)
        return True


def delete_deck(*, owner: User, deck_id: int, now: dt.datetime) -> int:
    """Put a deck and its cards away with one instant; the number of its cards."""
    with writing(owner):
        Deck.objects.of(owner).filter(pk=deck_id).update(deleted_at=now)
        return Card.objects.of(owner).filter(deck=deck_id).update(deleted_at=now)


def restore_deleted(*, owner: User, at: dt.datetime) -> int:
    """Bring back what was deleted at this instant; the number of cards.

    A deck that they lie in comes back with them, under a new name when its own is taken meanwhile.
    """
    with writing(owner):
        cards = Card.objects.filter(owner=owner, deleted_at=at)
        gone = Deck.objects.filter(owner=owner).exclude(deleted_at=None)
        wanted = gone.filter(deleted_at=at) | gone.filter(pk__in=cards.values("deck"))
        for deck in wanted:
            deck.name, deck.deleted_at = _free_name(owner, deck.name), None
            deck.save(update_fields=["name", "deleted_at"])
        return cards.update(deleted_at=None)


def _free_name(owner: User, name: str) -> str:
    """The name itself, or with the first number in brackets that is free."""
    taken = set(Deck.objects.of(owner).values_list("name", flat=True))
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        suffix = f" ({number})"
        candidate = name[: NAME_MAX - len(suffix)] + suffix
    return candidate
