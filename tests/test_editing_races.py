"""Two tabs at once: no card is doubled, no text overwritten, no deck made twice."""

from __future__ import annotations

from collections import Counter

import pytest
from django.utils import timezone

from accounts.models import User
from cards import editing
from cards.editing import CardText
from cards.models import Card, Deck
from tests.factories import make_card
from tests.test_answering_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 8


def text(front: str, deck: str = "Words") -> CardText:
    return CardText(front=front, back="A", link="", tags=" verb ", deck=deck)


def test_a_double_click_adds_one_card(alice: User) -> None:
    calls = [lambda: editing.add_card(owner=alice, text=text("Q"))[1]] * WRITERS
    assert Counter(at_once(calls)) == {True: 1, False: WRITERS - 1}
    assert Card.objects.of(alice).count() == 1
    assert Deck.objects.of(alice).count() == 1


def test_of_many_tabs_one_saves_and_the_others_are_told(alice: User) -> None:
    card = make_card(alice)
    seen = editing.version(editing.text_of(card))

    def save(number: int) -> bool:
        return editing.edit_card(
            owner=alice, card_id=card.pk, text=text(f"Q{number}"), seen=seen, now=timezone.now()
        )

    saved = at_once([lambda number=number: save(number) for number in range(WRITERS)])  # type: ignore[misc]
    assert Counter(saved) == {True: 1, False: WRITERS - 1}
    card.refresh_from_db()
    assert card.front == f"Q{saved.index(True)}"
