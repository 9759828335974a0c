"""/cards/bulk/: one action on the selected cards, or on all that the filter leaves."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from accounts.models import User
from cards.models import Card, Deck
from tests.factories import make_card, make_cards, make_deck
from tests.test_card_views import token

DUE = dt.date(2026, 1, 1)


def bulk(client: Client, query: str = "", **data: Any) -> Any:
    return client.post(f"/cards/bulk/{query}", data, follow=True)


def picked(cards: list[Card]) -> list[int]:
    return [card.pk for card in cards]


def test_the_picked_cards_move_and_the_filter_stays(alice: User, alice_client: Client) -> None:
    first, second, third = make_cards(alice, 3)
    page = bulk(
        alice_client, "?q=Front", action="move", card=picked([first, second]), deck="New one"
    )
    assert page.redirect_chain == [("/cards/?q=Front", 302)]
    assert "2 cards moved to New one." in page.text
    assert set(Card.objects.filter(deck__name="New one")) == {first, second}
    third.refresh_from_db()
    assert third.deck.name != "New one"


def test_all_that_match_are_taken_by_the_filter_and_not_by_ids(
    alice: User, alice_client: Client
) -> None:
    make_cards(alice, 120, tags=["verb"])
    make_card(alice, tags=["noun"])
    page = bulk(alice_client, "?tag=verb", action="suspend", all="1")
    assert "120 cards are suspended." in page.text
    assert Card.objects.filter(suspended=False).count() == 1


def test_tags_are_added_and_removed(alice: User, alice_client: Client) -> None:
    cards = make_cards(alice, 2, tags=["old"])
    assert (
        "2 cards are tagged."
        in bulk(alice_client, action="tag", card=picked(cards), tags="new, newer").text
    )
    page = bulk(alice_client, "?tag=old", action="untag", all="1", tags="old new")
    assert "2 cards lost their tags." in page.text
    assert set(Card.objects.values_list("tags", flat=True)) == {" newer "}


def test_a_tag_in_another_case_is_not_deleted_along(alice: User, alice_client: Client) -> None:
    make_card(alice, tags=["go"])
    kept = make_card(alice, tags=["Go"])
    bulk(alice_client, "?tag=go", action="delete", all="on")
    assert list(Card.objects.of(alice)) == [kept]


def test_suspended_cards_are_taken_back(alice: User, alice_client: Client) -> None:
    make_cards(alice, 2, suspended=True)
    page = bulk(alice_client, "?state=suspended", action="unsuspend", all="1")
    assert "2 cards are back in review." in page.text


def test_a_reset_asks_first_because_it_has_no_undo(alice: User, alice_client: Client) -> None:
    card = make_card(alice, box=4, due=DUE)
    page = bulk(alice_client, action="reset", card=[card.pk])
    assert "There is no undo for this." in page.text
    card.refresh_from_db()
    assert card.box == 4
    form = BeautifulSoup(page.content, "html.parser").select_one("main form")
    assert form is not None
    data = {str(field["name"]): str(field["value"]) for field in form.select("input")}
    page = alice_client.post(str(form["action"]), data, follow=True)
    assert "1 card is new again." in page.text
    card.refresh_from_db()
    assert (card.box, card.due) == (1, None)


def test_what_was_deleted_together_comes_back_together(alice: User, alice_client: Client) -> None:
    cards = make_cards(alice, 3)
    page = bulk(alice_client, action="delete", card=picked(cards[:2]))
    assert "2 cards are deleted." in page.text
    assert list(Card.objects.of(alice)) == [cards[2]]
    page = alice_client.post("/cards/undo-delete/", {"deletion": token(page)}, follow=True)
    assert "2 cards are back." in page.text
    assert Card.objects.of(alice).count() == 3


@pytest.mark.parametrize(
    "action", ["move", "tag", "untag", "suspend", "unsuspend", "reset", "delete"]
)
def test_a_stranger_s_cards_are_never_reached(
    alice: User, charlie: User, charlie_client: Client, action: str
) -> None:
    card = make_card(alice, box=3, due=DUE, tags=["x"])
    make_card(charlie)
    before = Card.objects.values().get(pk=card.pk)
    data = {"action": action, "deck": "D", "tags": "x y", "sure": "1"}
    bulk(charlie_client, card=[card.pk], **data)
    bulk(charlie_client, all="1", **data)
    bulk(charlie_client, f"?deck={card.deck_id}", all="1", **data)
    assert Card.objects.values().get(pk=card.pk) == before


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"action": "delete"}, "No card is selected."),
        ({"action": "delete", "card": ["x", "-1", "9" * 40, "٣"]}, "No card is selected."),
        ({"action": "", "all": "1"}, "Choose what to do."),
        ({"action": "explode", "all": "1"}, "Select a valid choice."),
        ({"action": "move", "all": "1", "deck": "  "}, "Choose a deck"),
        ({"action": "move", "all": "1", "deck": "x" * 201}, "at most 200 fit"),
        ({"action": "tag", "all": "1", "tags": ""}, "Type between 1 and 20 tags."),
        ({"action": "tag", "all": "1", "tags": "a\0b"}, "NUL"),
        ({"action": "tag", "all": "1", "tags": "x" * 101}, "at most 100 fit"),
    ],
)
def test_what_is_not_clear_changes_nothing_and_says_why(
    alice: User, alice_client: Client, data: dict[str, Any], message: str
) -> None:
    card = make_card(alice)
    before = Card.objects.values().get()
    assert message in bulk(alice_client, **data).text
    assert Card.objects.values().get() == before
    assert Deck.objects.count() == 1
    assert card.pk


@pytest.mark.parametrize("query", ["?deck=x", "?box=99", "?state=x", "?tag=a%20b", "?q=%00"])
def test_a_filter_that_is_not_understood_is_not_taken_for_all_cards(
    alice: User, alice_client: Client, query: str
) -> None:
    make_card(alice)
    page = bulk(alice_client, query, action="delete", all="1")
    assert Card.objects.of(alice).count() == 1
    assert "are deleted" not in page.text


def test_a_get_does_nothing(alice: User, alice_client: Client) -> None:
    make_card(alice)
    assert alice_client.get("/cards/bulk/?action=delete&all=1").status_code == 405


def test_the_number_of_queries_does_not_grow_with_the_cards(
    alice: User, alice_client: Client, django_assert_num_queries: Any
) -> None:
    make_deck(alice, "Target")
    make_cards(alice, 3)
    data = {"action": "move", "all": "1", "deck": "Target"}
    with django_assert_num_queries(7):
        alice_client.post("/cards/bulk/", data)
    make_cards(alice, 30)
    with django_assert_num_queries(7):
        alice_client.post("/cards/bulk/", data)
