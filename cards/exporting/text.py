"""All cards as CSV or TSV, in the columns that the import reads."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from cards.importing.mapping import OWN_COLUMNS
from cards.models import Card, CardQuerySet
from leitner import replica

if TYPE_CHECKING:
    from accounts.models import User

Format = Literal["csv", "tsv"]
CHUNK = 1_000
_FIELDS = (
    "id",
    "front",
    "back",
    "link",
    "tags",
    "deck__name",
    "guid",
    "box",
    "due",
    "suspended",
    "created_at",
    "last_reviewed",
)


class _Echo:
    """A file that gives back what is written: csv has no other way to a string."""

    def write(self, text: str) -> str:
        return text


def export_text(
    owner: User, *, deck_id: int | None = None, kind: Format = "csv", bom: bool = False
) -> Iterator[bytes]:
    """UTF-8, a header row and a row a card, oldest first, in pieces of `CHUNK` cards.

    Every cell is in quotes and written as it is: a front that begins with = or # or a space is read
    back unchanged. `bom` is for Excel, which takes a file without it for an older encoding.
    """
    delimiter = "," if kind == "csv" else "\t"
    writer = csv.writer(_Echo(), delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    head: Any = writer.writerow(OWN_COLUMNS)
    yield (("\ufeff" if bom else "") + head).encode()
    cards = Card.objects.of(owner).order_by("id")
    if deck_id is not None:
        cards = cards.filter(deck=deck_id)
    last = 0
    # Each piece by itself from the replica: the generator runs when its view is long over.
    while rows := replica.read(owner, partial(_piece, cards, last)):
        yield "".join([writer.writerow(_cells(row[1:])) for row in rows]).encode()
        last = rows[-1][0]


def _piece(cards: CardQuerySet, last: int) -> list[tuple[Any, ...]]:
    """The cards after the one with the id `last`."""
    return list(cards.filter(id__gt=last).values_list(*_FIELDS)[:CHUNK])


def _cells(row: tuple[Any, ...]) -> list[str]:
    *text, guid, box, due, suspended, created, reviewed = row
    text[3] = text[3].strip()
    return [
        *text,
        guid,
        str(box),
        due.isoformat() if due else "",
        "1" if suspended else "0",
        _instant(created),
        _instant(reviewed),
    ]


def _instant(moment: dt.datetime | None) -> str:
    return moment.astimezone(dt.UTC).isoformat() if moment else ""
