"""How the tests give answers."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from accounts.models import User
from cards.answering import Outcome, answer
from cards.models import Card
from cards.scheduling import Placement
from tests.factories import make_card

NOON = dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)
TODAY, YESTERDAY = dt.date(2026, 3, 28), dt.date(2026, 3, 27)


def placed(card: Card) -> Placement:
    return Placement(card.box, card.due)


def respond(card: Card, passed: bool = True, **fields: Any) -> Outcome:
    """Answer the card as it is in `card`, at noon, unless the test says otherwise."""
    values: dict[str, Any] = {
        "owner": card.owner,
        "card_id": card.pk,
        "review_id": uuid.uuid4(),
        "seen": placed(card),
        "now": NOON,
    } | fields
    return answer(passed=passed, **values)


def missed(owner: User, **fields: Any) -> Card:
    """A card missed today, so that it comes round again."""
    card = make_card(owner, **({"box": 4, "due": TODAY} | fields))
    respond(card, passed=False, now=NOON - dt.timedelta(hours=1))
    card.refresh_from_db()
    return card
