"""A backlog spread over days: nothing lost, oldest first, the effect told before."""

from __future__ import annotations

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from cards.backlog import plan, shares, spread
from cards.models import Card
from tests.factories import make_card, make_cards


def today(user: User) -> dt.date:
    return user.today(timezone.now())


@given(st.integers(0, 100_000), st.integers(2, 60))
def test_the_shares_are_even_and_lose_nothing(cards: int, days: int) -> None:
    parts = shares(cards, days)
    assert sum(parts) == cards
    assert len(parts) == days
    assert max(parts) - min(parts) <= 1


def test_the_longest_overdue_stay_today_and_boxes_stay(alice: User) -> None:
    now = today(alice)
    cards = [
        make_card(alice, box=1 + index % 5, due=now - dt.timedelta(days=index))
        for index in range(9)
    ]
    assert spread(owner=alice, today=now, days=3) == 6
    after = {card.pk: card for card in Card.objects.all()}
    assert [after[card.pk].box for card in cards] == [card.box for card in cards]
    waits = [max(0, (after[card.pk].due - now).days) for card in cards]  # type: ignore[operator]
    assert waits == [2, 2, 2, 1, 1, 1, 0, 0, 0]


def test_the_effect_is_what_was_told(alice: User) -> None:
    now = today(alice)
    make_cards(alice, 10, box=2, due=now - dt.timedelta(days=4))
    make_cards(alice, 3, box=4, due=now + dt.timedelta(days=1))
    told = plan(alice, now, 4)
    assert [(day.backlog, day.already) for day in told] == [(3, 0), (3, 3), (2, 0), (2, 0)]
    spread(owner=alice, today=now, days=4)
    held = [Card.objects.of(alice).filter(due=day.day).count() for day in told[1:]]
    assert held == [day.total for day in told[1:]]


def test_suspended_and_foreign_cards_stay_where_they_are(alice: User, charlie: User) -> None:
    now = today(alice)
    for owner, fields in [(alice, {"suspended": True}), (charlie, {})]:
        make_cards(owner, 4, box=2, due=now, **fields)
    assert spread(owner=alice, today=now, days=5) == 0
    assert set(Card.objects.values_list("due", flat=True)) == {now}


def test_the_page_shows_the_effect_and_a_post_does_it(alice: User, alice_client: Client) -> None:
    make_cards(alice, 10, box=2, due=today(alice))
    page = BeautifulSoup(alice_client.get("/backlog/?days=5").content, "html.parser")
    assert len(page.select("tbody tr")) == 5
    assert Card.objects.due(today(alice)).count() == 10
    response = alice_client.post("/backlog/", {"days": "5"}, follow=True)
    assert "8 cards were put off." in response.content.decode()
    assert Card.objects.due(today(alice)).count() == 2


@pytest.mark.parametrize("days", ["", "1", "61", "-3", "x", "9" * 30])
def test_senseless_days_change_nothing(alice: User, alice_client: Client, days: str) -> None:
    make_cards(alice, 10, box=2, due=today(alice))
    assert alice_client.post("/backlog/", {"days": days}).status_code == 422
    assert Card.objects.due(today(alice)).count() == 10
