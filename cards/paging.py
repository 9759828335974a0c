"""Cards in an order, one page at a time, found by keyset.

A page begins after the last card of the page before, which an index finds at once: page 2,000 costs
what page 1 does, and cards that are added or deleted meanwhile neither repeat nor hide another.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.db.models import BooleanField, DateField, F, Func, IntegerField, Q, TextField, Value
from django.db.models.functions import Lower, Substr

from cards.models import Card, CardQuerySet
from cards.rendering import PLAIN_SOURCE

PAGE_SIZE = 50
SORT_TEXT = Lower(Substr("front", 1, 60))
SALT = "page"
KINDS = {
    "owner_id": IntegerField,
    "due": DateField,
    "sort_text": TextField,
    "box": IntegerField,
    "id": IntegerField,
}


class Row(Func):
    """(a, b, c), compared as a whole, which is one range of an index."""

    template = "(%(expressions)s)"
    output_field = TextField()


class Beyond(Func):
    """One row compared with another; its `arg_joiner` says how."""

    template = "%(expressions)s"
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the cards, and the columns that put it in order; the last one is unique."""

    columns: tuple[str, ...]
    where: Q = field(default_factory=Q)
    descending: bool = False

    def rows(self, cards: CardQuerySet, cursor: Cursor | None, *, backward: bool) -> CardQuerySet:
        """The cards of this stretch in reading order, those beyond the cursor only."""
        falling = self.descending != backward
        if cursor is not None:
            # This condition stands first, because an index scan of PostgreSQL begins at the first
            # bound that it is given, and the other is the whole learner.
            cards = Card.objects.filter(self._beyond(cursor, falling)) & cards
        order = [f"-{name}" if falling else name for name in self.columns]
        return _light(cards.filter(self.where)).order_by(*order)

    def _beyond(self, cursor: Cursor, falling: bool) -> Beyond:
        # "At least the next id" is the same as "beyond this id"; but PostgreSQL guesses the number
        # of rows by the first column alone, and of an owner greater than the owner there is none.
        *values, pk = cursor.values
        values.append(pk - 1 if falling else pk + 1)
        here = (
            Value(v, output_field=KINDS[c]()) for c, v in zip(self.columns, values, strict=True)
        )
        columns = (SORT_TEXT if name == "sort_text" else F(name) for name in self.columns)
        return Beyond(Row(*columns), Row(*here), arg_joiner=" <= " if falling else " >= ")


# Each begins with the owner, as the indexes do. Cards without a due date are a stretch of their own
# at the end, so that no database has to be told where NULL belongs.
SORTS = {
    "newest": [Stretch(("owner_id", "id"), descending=True)],
    "oldest": [Stretch(("owner_id", "id"))],
    "due": [
        Stretch(("owner_id", "due", "box", "id"), ~Q(due=None)),
        Stretch(("owner_id", "box", "id"), Q(due=None)),
    ],
    "box": [Stretch(("owner_id", "box", "id"))],
    "name": [Stretch(("sort_text", "id"))],
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two cards: beyond the one with these values, in this direction."""

    sort: str
    stretch: int
    values: tuple[Any, ...]
    backward: bool

    def text(self) -> str:
        """As it stands in an address; signed, so that what comes back is what was given out."""
        values = [str(value) if isinstance(value, dt.date) else value for value in self.values]
        return signing.dumps([self.sort, self.stretch, values, self.backward], salt=SALT)


@dataclass(frozen=True, slots=True)
class Page:
    """`cards` carry the beginnings of their texts as `front_start` and `back_start`.

    `before` and `after` are the cursors of the pages beside this one, empty where there is none.
    """

    cards: list[Card]
    before: str = ""
    after: str = ""


def page(cards: CardQuerySet, sort: str, cursor_text: str = "") -> Page:
    """The page of `cards` (as `listed`) at a cursor; the first one for none or a bad one.

    One query; two where the cards with a due date end; two more where everything beyond is gone.
    """
    cursor = read_cursor(cursor_text, sort)
    backward = cursor is not None and cursor.backward
    found = _found(cards, sort, cursor)
    if cursor and (not found or (backward and len(found) <= PAGE_SIZE)):
        # What lay beyond is gone, or the start is reached: the first page, and a full one.
        cursor, backward = None, False
        found = _found(cards, sort, None)
    more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    if backward:
        found.reverse()
    return Page(
        [card for card, _ in found],
        before=_cursor(sort, *found[0], backward=True) if cursor else "",
        after=_cursor(sort, *found[-1], backward=False) if more or backward else "",
    )


def read_cursor(text: str, sort: str) -> Cursor | None:
    """The cursor in an address; None when it is not one of ours, or of another order."""
    try:
        name, stretch, values, backward = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if name != sort:
        return None
    for place, column in enumerate(SORTS[sort][stretch].columns):
        if column == "due":
            values[place] = dt.date.fromisoformat(values[place])
    return Cursor(name, stretch, tuple(values), backward)


def _cursor(sort: str, card: Card, stretch: int, *, backward: bool) -> str:
    values = tuple(getattr(card, name) for name in SORTS[sort][stretch].columns)
    return Cursor(sort, stretch, values, backward).text()


def _found(cards: CardQuerySet, sort: str, cursor: Cursor | None) -> list[tuple[Card, int]]:
    """Up to one card more than a page, in reading order, each with the number of its stretch."""
    stretches, size = SORTS[sort], PAGE_SIZE + 1
    first = cursor.stretch if cursor else 0
    backward = cursor is not None and cursor.backward
    found: list[tuple[Card, int]] = []
    for number in range(first, -1, -1) if backward else range(first, len(stretches)):
        at = cursor if number == first else None
        rows = stretches[number].rows(cards, at, backward=backward)
        found += ((card, number) for card in rows[: size - len(found)])
        if len(found) == size:
            break
    return found


def _light(cards: CardQuerySet) -> CardQuerySet:
    """Rows that can be listed and sorted without their whole texts."""
    return (
        cards.select_related("deck")
        .defer("front", "back")
        .annotate(
            front_start=Substr("front", 1, PLAIN_SOURCE),
            back_start=Substr("back", 1, PLAIN_SOURCE),
            sort_text=SORT_TEXT,
        )
    )
