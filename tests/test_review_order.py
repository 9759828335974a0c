"""A session from card to card: the order, the daily share, the missed, undo, and the end."""

from __future__ import annotations

import datetime as dt
import re

from bs4 import Tag
from django.test import Client

from accounts.models import User
from cards.models import Card, Review
from tests.factories import make_card, make_cards, make_deck
from tests.sessions import ANSWER, REVIEW, UNDO, answer_form, fields_of, give, make_due, soup, today


def test_the_longest_overdue_and_lowest_box_comes_first_and_new_ones_last(
    alice: User, alice_client: Client
) -> None:
    fresh = make_card(alice, front="fresh")
    make_due(alice, box=3, front="today three")
    make_due(alice, box=1, front="today one")
    make_due(alice, box=5, days=9, front="old")
    seen = []
    for _ in range(4):
        front = soup(alice_client).select_one(".front")
        assert front is not None
        seen.append(front.get_text(strip=True))
        give(alice_client, passed=True)
    assert seen == ["old", "today one", "today three", fresh.front]


def test_new_cards_stop_at_the_daily_share_and_ten_more_are_a_click_away(
    alice: User, alice_client: Client
) -> None:
    alice.new_per_day = 2
    alice.save(update_fields=["new_per_day"])
    make_cards(alice, 5)
    give(alice_client, passed=True)
    give(alice_client, passed=True)
    page = soup(alice_client)
    assert page.select_one("form.answers") is None
    more = page.find("a", string="Meet ten more new cards today")
    assert isinstance(more, Tag)
    assert answer_form(alice_client, str(more["href"]))["due"] == ""


def test_a_missed_card_comes_round_again_at_the_end_without_moving(
    alice: User, alice_client: Client
) -> None:
    missed = make_due(alice, box=3, days=2, front="hard")
    make_due(alice, box=3, front="easy")
    give(alice_client, passed=False)
    give(alice_client, passed=True)
    page = soup(alice_client)
    assert "missed earlier today" in page.get_text()
    give(alice_client, passed=True)
    missed.refresh_from_db()
    assert (missed.box, missed.due) == (1, today(alice) + dt.timedelta(days=1))
    assert Review.objects.filter(repetition=True).count() == 1
    assert soup(alice_client).select_one("form.answers") is None


def test_undo_shows_the_card_again_also_after_the_last_one(
    alice: User, alice_client: Client
) -> None:
    card = make_due(alice, box=4)
    before = Card.objects.values().get()
    give(alice_client, passed=False)
    give(alice_client, passed=True)
    for _ in range(2):
        form = soup(alice_client).select_one(f'form[action^="{UNDO}"]')
        assert form is not None
        response = alice_client.post(UNDO, fields_of(form))
        assert response.headers["Location"] == f"{REVIEW}?card={card.pk}"
    assert Card.objects.values().get() == before
    assert not Review.objects.exists()


def test_a_double_click_on_undo_takes_back_one_answer(alice: User, alice_client: Client) -> None:
    make_due(alice, front="a", days=1)
    make_due(alice, front="b")
    give(alice_client, passed=True)
    give(alice_client, passed=True)
    form = soup(alice_client).select_one(f'form[action^="{UNDO}"]')
    assert form is not None
    for _ in range(2):
        alice_client.post(UNDO, fields_of(form))
    assert Review.objects.count() == 1


def test_a_session_can_be_narrowed_to_a_deck_or_a_tag(alice: User, alice_client: Client) -> None:
    verbs = make_deck(alice, "Verbs")
    make_due(alice, days=5, front="other", deck=make_deck(alice, "Nouns"))
    make_due(alice, front="go", deck=verbs, tags=["irregular"])
    for query in (f"?deck={verbs.pk}", "?tag=irregular"):
        front = soup(alice_client, REVIEW + query).select_one(".front")
        assert front is not None
        assert front.get_text(strip=True) == "go"
    data = answer_form(alice_client, f"{REVIEW}?deck={verbs.pk}") | {"passed": "1"}
    response = alice_client.post(f"{ANSWER}?deck={verbs.pk}", data)
    assert response.headers["Location"] == f"{REVIEW}?deck={verbs.pk}"
    assert "This part is done" in soup(alice_client, f"{REVIEW}?deck={verbs.pk}").get_text()


def test_the_end_says_when_the_next_cards_come(alice: User, alice_client: Client) -> None:
    make_due(alice, box=1)
    give(alice_client, passed=True)
    assert "The next card comes in 3 days." in soup(alice_client).get_text()


def test_ten_more_are_ten_more_also_when_the_session_is_resumed_elsewhere(
    alice: User, alice_client: Client
) -> None:
    alice.new_per_day = 1
    alice.save(update_fields=["new_per_day"])
    make_cards(alice, 30)
    for _ in range(4):
        give(alice_client, passed=True, url=f"{REVIEW}?more=10")
    for url in ("/", REVIEW):
        more = soup(alice_client, url).find("a", string=re.compile("ten more new cards"))
        assert isinstance(more, Tag)
        assert "13" in str(more["href"])
        assert answer_form(alice_client, str(more["href"]))["due"] == ""
