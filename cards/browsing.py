"""Which cards a learner looks at: by words, deck, box, tag and state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Q

from cards.models import Card, CardQuerySet
from cards.searching import terms

if TYPE_CHECKING:
    from accounts.models import User

COUNT_MAX = 1_000
SEARCHED = "front", "back", "tags", "link"
STATES: dict[str, Callable[[CardQuerySet, dt.date], CardQuerySet]] = {
    "due": lambda cards, today: cards.due(today),
    "new": lambda cards, today: cards.new(),
    "suspended": lambda cards, today: cards.filter(suspended=True),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cards; what is empty narrows nothing."""

    q: str = ""
    deck: int | None = None
    box: int | None = None
    tag: str = ""
    state: str = ""

    def cards(self, owner: User, today: dt.date) -> CardQuerySet:
        """The learner's cards that it leaves, on the local date `today`."""
        cards = Card.objects.listed(owner)
        if self.deck is not None:
            cards = cards.filter(deck=self.deck)
        if self.box is not None:
            cards = cards.in_box(self.box)
        if self.tag:
            cards = cards.tagged(self.tag)
        if self.state in STATES:
            cards = STATES[self.state](cards, today)
        for term in terms(self.q):
            cards = cards.filter(_somewhere(term))
        return cards

    def parameters(self) -> dict[str, str]:
        """As parameters of an address; what narrows nothing is left out."""
        given = {"q": self.q, "deck": self.deck, "box": self.box, "tag": self.tag}
        given["state"] = self.state
        return {name: str(value) for name, value in given.items() if value}

    def query(self) -> str:
        """The query string that stands for it, without the `?`."""
        return urlencode(self.parameters())


def count(cards: CardQuerySet) -> int:
    """How many there are, counted no further than one beyond COUNT_MAX."""
    return cards.order_by()[: COUNT_MAX + 1].count()


def _somewhere(term: str) -> Q:
    """In any of the searched columns, whatever the case.

    SQLite knows the case of A to Z only; beyond those the usual spellings are sought one by one.
    """
    spellings = {term}
    if connection.vendor == "sqlite" and not term.isascii():
        spellings |= {term.lower(), term.upper(), term.capitalize(), term.title()}
    hits = (
        Q(**{f"{column}__icontains": spelling}) for column in SEARCHED for spelling in spellings
    )
    return reduce(or_, hits)
