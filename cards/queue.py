"""What comes next in a session: due cards, today's share of new ones, then the missed again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from cards.models import Card, CardQuerySet, Review

if TYPE_CHECKING:
    from accounts.models import User

# A backlog is counted up to here; beyond it the page says "1,000+".
COUNT_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A session can be about one deck or one tag, and can ask for `more` new cards than usual."""

    deck: int | None = None
    tag: str = ""
    more: int = 0

    def apply(self, cards: CardQuerySet) -> CardQuerySet:
        if self.deck is not None:
            cards = cards.filter(deck=self.deck)
        return cards.tagged(self.tag) if self.tag else cards

    def query(self) -> str:
        """The query string that stands for it, `?` included; empty when nothing is narrowed."""
        given = {"deck": self.deck, "tag": self.tag, "more": self.more}
        kept = {name: value for name, value in given.items() if value}
        return "?" + urlencode(kept) if kept else ""


@dataclass(frozen=True, slots=True)
class Session:
    """One learner's sitting on one local date, computed from the records: it resumes anywhere."""

    owner: User
    today: dt.date
    narrowing: Narrowing
    done: int
    passes: int
    introduced: int
    new_left: int
    missed_ids: tuple[int, ...]

    def cards(self) -> CardQuerySet:
        return self.narrowing.apply(Card.objects.of(self.owner)).select_related("deck")

    def due(self) -> CardQuerySet:
        """Longest overdue first, then lowest box."""
        return self.cards().due(self.today).order_by("due", "box", "id")

    def new(self) -> CardQuerySet:
        return self.cards().new().order_by("box", "id")[: self.new_left]

    def missed(self) -> list[Card]:
        """Today's misses, the one missed longest ago first."""
        found = self.cards().active().filter(due__gt=self.today).in_bulk(self.missed_ids)
        return [found[pk] for pk in self.missed_ids if pk in found]

    def next_cards(self, count: int) -> list[Card]:
        """The next `count` cards, as far as they are known now."""
        cards = list(self.due()[:count])
        if len(cards) < count and self.new_left:
            cards += self.new()[: count - len(cards)]
        if len(cards) < count and self.missed_ids:
            cards += self.missed()[: count - len(cards)]
        return cards

    def left(self) -> int:
        """How many answers are left; `COUNT_LIMIT` or more when there are very many."""
        due = self.due()[:COUNT_LIMIT].count()
        new = self.new().count() if self.new_left else 0
        return due + new + (len(self.missed()) if self.missed_ids else 0)


EVERYTHING = Narrowing()


def start(owner: User, now: dt.datetime, narrowing: Narrowing = EVERYTHING) -> Session:
    """The learner's session at the instant `now`: one query, over today's reviews."""
    today = owner.today(now)
    reviews = Review.objects.of(owner).on(today).order_by("answered_at")
    rows = reviews.values_list("card_id", "passed", "repetition", "due_before")
    done, passes, introduced, missed = 0, 0, 0, dict[int, None]()
    for card_id, passed, repetition, due_before in rows:
        done += not repetition
        passes += passed and not repetition
        introduced += not repetition and due_before is None
        missed.pop(card_id, None)
        if not passed:
            missed[card_id] = None
    new_left = max(0, owner.new_per_day + narrowing.more - introduced)
    return Session(owner, today, narrowing, done, passes, introduced, new_left, tuple(missed))
