"""/decks/: the learner's decks with their counts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from accounts.models import User
from cards.models import Card, Deck
from tests.factories import make_card, make_cards, make_deck
from tests.test_card_views import token


def test_each_deck_says_what_it_holds_and_leads_on(alice: User, alice_client: Client) -> None:
    deck = make_deck(alice, "Words")
    make_cards(alice, 2, deck=deck)
    make_card(alice, deck=deck, due=dt.date(2026, 1, 1), box=2)
    make_card(alice, deck=deck, suspended=True)
    empty = make_deck(alice, "Empty")
    page = alice_client.get("/decks/")
    text = " ".join(BeautifulSoup(page.content, "html.parser").text.split())
    assert "Words 4 cards · 1 due · 2 new · 1 suspended" in text
    assert "Empty 0 cards" in text
    for address in f"/review/?deck={deck.pk}", f"/cards/add/?deck={deck.pk}", f"/decks/{deck.pk}/":
        assert f'href="{address}"' in page.text
    assert f'href="/export/?deck={deck.pk}"' in page.text
    assert f'href="/review/?deck={empty.pk}"' not in page.text


def test_a_deck_s_address_leads_to_its_cards(alice: User, alice_client: Client) -> None:
    deck = make_deck(alice)
    assert alice_client.get(f"/decks/{deck.pk}/")["Location"] == f"/cards/?deck={deck.pk}"


def test_a_deck_is_made_once(alice: User, alice_client: Client) -> None:
    assert alice_client.post("/decks/", {"name": " New \n deck "}).status_code == 302
    assert Deck.objects.get().name == "New deck"
    again = alice_client.post("/decks/", {"name": "New deck"})
    assert again.status_code == 422
    assert "You have a deck of this name already." in again.text
    assert Deck.objects.count() == 1


def test_a_name_that_does_not_fit_is_refused(alice: User, alice_client: Client) -> None:
    deck = make_deck(alice, "Words")
    for name in "", " ", "x" * 201, "a\0b":
        assert alice_client.post("/decks/", {"name": name}).status_code == 422
        assert alice_client.post(f"/decks/{deck.pk}/rename/", {"name": name}).status_code == 422
    assert Deck.objects.get().name == "Words"


def test_a_deck_is_renamed_unless_the_name_is_taken(alice: User, alice_client: Client) -> None:
    deck = make_deck(alice, "Words")
    make_deck(alice, "Verbs")
    url = f"/decks/{deck.pk}/rename/"
    assert 'value="Words"' in alice_client.get(url).text
    assert alice_client.post(url, {"name": "Verbs"}).status_code == 422
    assert alice_client.post(url, {"name": "Nouns"}).status_code == 302
    deck.refresh_from_db()
    assert deck.name == "Nouns"


def test_a_deck_is_deleted_with_its_cards_and_undone(alice: User, alice_client: Client) -> None:
    deck = make_deck(alice, "Words")
    make_cards(alice, 2, deck=deck)
    page = alice_client.post(f"/decks/{deck.pk}/delete/", follow=True)
    assert "The deck Words is deleted with its 2 cards." in page.text
    assert not Card.objects.of(alice).exists()
    page = alice_client.post("/cards/undo-delete/", {"deletion": token(page)}, follow=True)
    assert "2 cards are back." in page.text
    assert list(Deck.objects.of(alice)) == [deck]


def test_a_stranger_gets_404(alice: User, charlie_client: Client) -> None:
    deck = make_deck(alice, "Words")
    assert charlie_client.get(f"/decks/{deck.pk}/").status_code == 404
    assert charlie_client.get(f"/decks/{deck.pk}/rename/").status_code == 404
    assert charlie_client.post(f"/decks/{deck.pk}/rename/", {"name": "x"}).status_code == 404
    assert charlie_client.post(f"/decks/{deck.pk}/delete/").status_code == 404
    assert "Words" not in charlie_client.get("/decks/").text
    assert Deck.objects.get(name="Words", deleted_at=None) == deck


def test_a_get_deletes_nothing_and_a_deleted_deck_is_404(alice: User, alice_client: Client) -> None:
    deck = make_deck(alice)
    assert alice_client.get(f"/decks/{deck.pk}/delete/").status_code == 405
    gone = make_deck(alice, deleted_at=timezone.now())
    assert alice_client.get(f"/decks/{gone.pk}/rename/").status_code == 404


def test_markup_in_a_name_is_text(alice: User, alice_client: Client) -> None:
    make_deck(alice, "<img src=x onerror=alert(1)>")
    assert BeautifulSoup(alice_client.get("/decks/").content, "html.parser").find("img") is None


def test_the_number_of_queries_does_not_grow_with_the_decks(
    alice: User, alice_client: Client, django_assert_num_queries: Any
) -> None:
    make_card(alice)
    alice_client.get("/decks/")
    with django_assert_num_queries(3):
        alice_client.get("/decks/")
    for _ in range(5):
        make_card(alice, deck=make_deck(alice))
    with django_assert_num_queries(3):
        alice_client.get("/decks/")
