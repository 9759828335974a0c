"""A card knows when its text was last changed here, and when its problem was solved elsewhere."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from cards import editing
from cards.editing import CardText
from cards.models import Card
from tests.answers import respond
from tests.factories import make_card, make_deck
from tests.importing.pages import apply, upload

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
EARLIER = NOW - dt.timedelta(days=9)


def card_of(owner: User, **fields: Any) -> Card:
    deck = make_deck(owner, "words")
    text: dict[str, Any] = {"front": "Q", "back": "A", "link": "https://x.org/"}
    return make_card(owner, deck=deck, **(text | fields))


def edit(card: Card, **changes: str) -> dt.datetime | None:
    """`edited_at` after these changes at NOW."""
    old = editing.text_of(card)
    text = CardText(**(asdict(old) | changes))
    seen = editing.version(old)
    assert editing.edit_card(owner=card.owner, card_id=card.pk, text=text, seen=seen, now=NOW)
    card.refresh_from_db()
    return card.edited_at


@pytest.mark.parametrize("change", [{"front": "Q2"}, {"back": "A2"}, {"link": ""}])
def test_a_change_of_the_text_is_dated(alice: User, change: dict[str, str]) -> None:
    assert edit(card_of(alice), **change) == NOW


@pytest.mark.parametrize("change", [{}, {"tags": " verb "}, {"deck": "Other"}])
def test_tags_and_decks_are_not_text(alice: User, charlie: User, change: dict[str, str]) -> None:
    assert edit(card_of(alice), **change) is None
    assert edit(card_of(charlie, edited_at=EARLIER), **change) == EARLIER


def test_a_new_card_was_never_changed(alice: User) -> None:
    text = CardText(front="Q", back="A", link="", tags="", deck="words")
    assert editing.add_card(owner=alice, text=text)[0].edited_at is None


def test_moves_tags_suspensions_and_answers_are_no_change_of_the_text(alice: User) -> None:
    card = card_of(alice, box=2, due=NOW.date())
    everything = Card.objects.all()
    editing.move_cards(owner=alice, cards=everything, deck="Other")
    editing.add_tags(owner=alice, cards=everything, names=["verb"])
    editing.remove_tags(owner=alice, cards=everything, names=["verb"])
    editing.set_suspended(owner=alice, cards=everything, suspended=True)
    editing.set_suspended(owner=alice, cards=everything, suspended=False)
    respond(card, now=NOW)
    editing.reset_cards(owner=alice, cards=everything)
    card.refresh_from_db()
    assert (card.edited_at, card.deck.name, card.due) == (None, "Other", None)


def import_file(client: Client, file: bytes) -> None:
    apply(client, upload(client, file), duplicates="update")


def test_an_import_that_changes_text_dates_it_and_so_does_taking_it_back(
    alice: User, alice_client: Client
) -> None:
    card = card_of(alice, edited_at=EARLIER)
    import_file(alice_client, b"front,back\nQ,new\nfresh,new\n")
    card.refresh_from_db()
    imported_at = card.edited_at
    assert imported_at is not None
    assert imported_at > EARLIER
    assert Card.objects.get(front="fresh").edited_at is None
    source = alice.import_set.get()
    alice_client.post(f"/import/{source.pk}/undo/")
    card.refresh_from_db()
    assert card.back == "A"
    assert card.edited_at is not None
    assert card.edited_at > imported_at


def test_an_import_that_changes_tags_only_dates_nothing(alice: User, alice_client: Client) -> None:
    cards = [card_of(alice), make_card(alice, front="Q2", edited_at=EARLIER)]
    import_file(alice_client, b"front,tags\nQ,verb\nQ2,verb\n")
    stored = Card.objects.order_by("id").values_list("id", "tags", "edited_at")
    assert list(stored) == [(cards[0].pk, " verb ", None), (cards[1].pk, " verb ", EARLIER)]


def test_the_edit_page_says_when_a_card_was_solved(alice: User, alice_client: Client) -> None:
    solved = card_of(alice, solved_on=dt.date(2025, 10, 15))
    page = alice_client.get(f"/cards/{solved.pk}/edit/").content.decode()
    assert "Solved on 15 October 2025." in page
    plain = make_card(alice)
    assert "Solved on" not in alice_client.get(f"/cards/{plain.pk}/edit/").content.decode()


def test_admins_see_both_and_change_neither(alice: User, admin_client: Client) -> None:
    card = card_of(alice, solved_on=dt.date(2025, 10, 15))
    url = f"/admin/cards/card/{card.pk}/change/"
    assert "Oct. 15, 2025" in admin_client.get(url).content.decode()
    before = timezone.now()
    data = {"front": "Q", "back": "mended", "link": card.link, "solved_on": "2020-01-01"}
    admin_client.post(url, data)
    card.refresh_from_db()
    assert (card.back, card.solved_on) == ("mended", dt.date(2025, 10, 15))
    assert card.edited_at is not None
    assert card.edited_at >= before
