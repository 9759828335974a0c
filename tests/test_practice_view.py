"""Practice goes through a selection, shows the missed again, and writes nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from accounts.models import User
from cards.models import Card, Review
from cards.views.practice import MISSED_MAX
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


def test_every_miss_comes_again_when_there_are_many(alice: User, alice_client: Client) -> None:
    cards = make_cards(alice, 130)
    fronts = [card.front for card in cards]
    assert walk(alice_client, set(fronts)) == fronts * 2


def test_a_miss_that_cannot_be_remembered_is_said_and_the_earlier_ones_are_kept(
    alice: User, alice_client: Client
) -> None:
    card = make_card(alice)
    full = ".".join(["9" * 18] * 157) + "." + "9" * 17
    assert len(full) == MISSED_MAX
    again = page_of(alice_client, f"?missed={full}").select(".answers a")[0]
    assert "too many missed" in again.text
    assert f"missed={full}&" in str(again["href"])
    assert len(str(again["href"])) < 6_000
    room = page_of(alice_client, f"?missed={full[:2_900]}").select(".answers a")[0]
    assert "once more at the end" in room.text
    assert f".{card.pk}&" in str(room["href"])
