"""Practice goes through a selection, shows the missed again, and writes nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from accounts.models import User
from cards.models import Card, Review
from tests.factories import make_card, make_cards, make_deck


def page_of(client: Client, query: str = "") -> BeautifulSoup:
    response = client.get(f"/practice/{query}")
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def walk(client: Client, misses: set[str], query: str = "") -> list[str]:
    """Fronts in the order shown; each front in `misses` is missed the first time."""
    seen: list[str] = []
    while front := (page := page_of(client, query)).select_one(".front"):
        text = front.get_text(strip=True)
        missed = text in misses and text not in seen
        seen.append(text)
        query = str(page.select(".answers a")[0 if missed else 1]["href"])
    return seen


def test_each_card_once_and_the_missed_again_at_the_end(alice: User, alice_client: Client) -> None:
    for front in "abcd":
        make_card(alice, front=front)
    before = list(Card.objects.order_by("pk").values())
    assert walk(alice_client, {"b", "d"}) == ["a", "b", "c", "d", "b", "d"]
    assert list(Card.objects.order_by("pk").values()) == before
    assert not Review.objects.exists()


def test_a_selection_is_kept_from_card_to_card(alice: User, alice_client: Client) -> None:
    deck = make_deck(alice, "Verbs")
    make_card(alice, front="no", deck=make_deck(alice, "Nouns"))
    make_card(alice, front="go", deck=deck)
    make_card(alice, front="run", deck=deck)
    assert walk(alice_client, {"go"}, f"?deck={deck.pk}") == ["go", "run", "go"]


def test_suspended_deleted_and_foreign_cards_stay_out(
    alice: User, charlie: User, alice_client: Client
) -> None:
    make_card(alice, suspended=True)
    make_card(alice, deleted_at=timezone.now())
    foreign = make_card(charlie, due=dt.date(2020, 1, 1))
    assert walk(alice_client, set()) == []
    assert walk(alice_client, set(), f"?missed={foreign.pk}&after=0") == []


@pytest.mark.parametrize("query", ["?after=x", "?missed=1.x", "?missed=.", "?shown=-4", "?deck=zz"])
def test_a_query_that_makes_no_sense_starts_anew(
    alice: User, alice_client: Client, query: str
) -> None:
    make_cards(alice, 2)
    page_of(alice_client, query)
