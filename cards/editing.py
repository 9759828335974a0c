"""All writes to cards but answers: add, edit, delete and restore, suspend, move, tag, reset."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, Length, Replace
from django.db.models.lookups import Exact

from cards import deck_editing, tags
from cards.models import Card, CardQuerySet, Tag
from cards.models.card import TAGS_MAX, has_tag
from cards.writing import writing

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class CardText:
    """What a learner writes on a card; `tags` as it is stored, `deck` is a name."""

    front: str
    back: str
    link: str
    tags: str
    deck: str


def text_of(card: Card) -> CardText:
    return CardText(card.front, card.back, card.link, card.tags, card.deck.name)


def version(text: CardText) -> str:
    """Short stand-in for the text: the same while nobody changed it."""
    joined = "\0".join(asdict(text).values())
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def find_duplicate(*, owner: User, text: CardText, but: int = 0) -> Card | None:
    """Another card in the same deck with this front or this link (its last slash aside)."""
    same = Q(front=text.front)
    if text.link:
        bare = text.link.rstrip("/")
        same |= Q(link__in=[bare, f"{bare}/"])
    cards = Card.objects.of(owner).filter(same, deck__owner=owner, deck__name=text.deck)
    return cards.filter(deck__deleted_at=None).exclude(pk=but).select_related("deck").first()


def add_card(*, owner: User, text: CardText, anyway: bool = False) -> tuple[Card, bool]:
    """The new card and True; or, unless `anyway`, the card that has this front or link and False.

    A deck of a new name is made. The card is new: it comes up with one of the next days' shares.
    """
    with writing(owner):
        found = None if anyway else find_duplicate(owner=owner, text=text)
        if found:
            return found, False
        deck = deck_editing.deck_named(owner, text.deck)
        _remember_tags(owner, text.tags.split())
        card = Card.objects.create(
            owner=owner,
            deck=deck,
            front=text.front,
            back=text.back,
            link=text.link,
            tags=text.tags,
        )
        return card, True


def edit_card(*, owner: User, card_id: int, text: CardText, seen: str, now: dt.datetime) -> bool:
    """Change a card's text; its place in the boxes stays. `seen` is the `version` that was edited.

    False, and nothing is changed, when the card was changed or deleted meanwhile.
    """
    with writing(owner):
        card = Card.objects.of(owner).select_related("deck").filter(pk=card_id).first()
        if card is None or version(text_of(card)) != seen:
            return False
        card.deck = deck_editing.deck_named(owner, text.deck)
        if any(getattr(card, name) != getattr(text, name) for name in Card.TEXT):
            card.edited_at = now
        card.front, card.back, card.link, card.tags = text.front, text.back, text.link, text.tags
        card.save(update_fields=["deck", *Card.TEXT, "tags", "edited_at"])
        _remember_tags(owner, card.tag_list)
        return True


def delete_cards(*, owner: User, cards: CardQuerySet, now: dt.datetime) -> int:
    """Put these cards away; `deck_editing.restore_deleted` brings back those of one instant."""
    with writing(owner):
        return cards.of(owner).update(deleted_at=now)


def set_suspended(*, owner: User, cards: CardQuerySet, suspended: bool) -> int:
    """Suspended cards keep their place and never come up. The number that changed."""
    with writing(owner):
        return cards.of(owner).filter(suspended=not suspended).update(suspended=suspended)


def move_cards(*, owner: User, cards: CardQuerySet, deck: str) -> int:
    """Into the deck of this name, which is made when there is none. The number that moved."""
    with writing(owner):
        target = deck_editing.deck_named(owner, deck)
        return cards.of(owner).exclude(deck=target).update(deck=target)


def reset_cards(*, owner: User, cards: CardQuerySet) -> int:
    """Back to new: box 1, no due date. The record of reviews stays. This has no undo."""
    with writing(owner):
        placed = ~Q(box=1) | ~Q(due=None)
        return cards.of(owner).filter(placed).update(box=1, due=None)


def add_tags(*, owner: User, cards: CardQuerySet, names: Sequence[str]) -> int:
    """How many cards got a tag that they did not have; one without room for it stays as it is.

    A card that has the tag in another case has it.
    """
    names = tags.unique(names)
    room = TAGS_MAX - 1 - sum(len(name) + 1 for name in names)
    start = Case(When(tags="", then=Value(" ")), default=F("tags"))
    with writing(owner):
        has = {name: _has_any(_spellings(owner, name)) for name in names}
        additions = [
            Case(When(has[name], then=Value("")), default=Value(f"{name} ")) for name in names
        ]
        rows = cards.of(owner).annotate(tags_size=Length("tags")).filter(tags_size__lte=room)
        rows = rows.exclude(*has.values())
        _remember_tags(owner, names)
        return rows.update(tags=Concat(start, *additions, output_field=CharField()))


def remove_tags(*, owner: User, cards: CardQuerySet, names: Sequence[str]) -> int:
    """How many cards lost a tag."""
    names = tags.unique(names)
    left: Combinable = F("tags")
    for name in names:
        left = Replace(left, Value(f" {name} "), Value(" "))
    left = Case(When(Exact(left, Value(" ")), then=Value("")), default=left)
    with writing(owner):
        return cards.of(owner).filter(_has_any(names)).update(tags=left)


def _has_any(names: Iterable[str]) -> Q:
    return reduce(or_, (Q(has_tag(name)) for name in names), Q(pk__in=[]))


def _spellings(owner: User, name: str) -> set[str]:
    """This tag in each case that the learner's vocabulary has; no database folds all letters."""
    known = Tag.objects.filter(owner=owner).values_list("name", flat=True)
    return {name} | {other for other in known if other.casefold() == name.casefold()}


def _remember_tags(owner: User, names: Iterable[str]) -> None:
    """Keep the vocabulary that filters and forms offer."""
    Tag.objects.bulk_create((Tag(owner=owner, name=name) for name in names), ignore_conflicts=True)
