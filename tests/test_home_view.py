"""The first page: what is due, the drawer, the first steps, and the welcome for a stranger."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from tests.factories import make_card, make_cards


def soup(client: Client) -> BeautifulSoup:
    return BeautifulSoup(client.get("/").content, "html.parser")


def heading(client: Client) -> str:
    found = soup(client).select("h1")
    assert len(found) == 1
    return found[0].get_text(strip=True)


def today(user: User) -> dt.date:
    return user.today(timezone.now())


def test_a_stranger_sees_what_this_is_and_no_boxes_of_anyone(alice: User, client: Client) -> None:
    make_cards(alice, 3, due=today(alice))
    page = soup(client)
    assert page.find("a", href="/accounts/signup/") is not None
    assert "due today" not in page.get_text()


def test_an_empty_account_is_shown_the_first_step(alice_client: Client) -> None:
    assert heading(alice_client) == "Your boxes are ready"


def test_what_is_due_and_new_is_counted(alice: User, alice_client: Client) -> None:
    make_cards(alice, 3, due=today(alice), box=2)
    make_cards(alice, 30)
    make_card(alice, due=today(alice), suspended=True)
    make_card(alice, due=today(alice), deleted_at=timezone.now())
    page = soup(alice_client)
    assert heading(alice_client) == "3 cards are due today"
    assert "and 20 new ones are waiting." in page.get_text()


def test_each_box_says_its_cards_interval_and_due(alice: User, alice_client: Client) -> None:
    make_cards(alice, 2, box=3, due=today(alice))
    make_cards(alice, 4, box=3, due=today(alice) + dt.timedelta(days=2))
    box = soup(alice_client).select(".drawer li")[2]
    assert box.get_text(" ", strip=True) == "Box 3: 6 cards, every 7 days 2 due"
    assert len(box.select("rect.card")) == 6
    assert len(box.select("rect.is-due")) == 2


def test_a_learner_who_is_done_sees_when_the_next_cards_come(
    alice: User, alice_client: Client
) -> None:
    make_card(alice, box=2, due=today(alice) + dt.timedelta(days=3))
    assert heading(alice_client) == "Nothing is due today"
    assert "The next card comes in 3 days." in soup(alice_client).get_text()


def test_a_backlog_is_offered_to_be_spread(alice: User, alice_client: Client) -> None:
    make_cards(alice, 60, box=1, due=today(alice))
    assert soup(alice_client).find("a", href="/backlog/") is not None


def test_the_number_of_queries_does_not_grow_with_the_cards(
    alice: User, alice_client: Client, django_assert_num_queries: Any
) -> None:
    make_cards(alice, 2, due=today(alice))
    with CaptureQueriesContext(connection) as few:
        alice_client.get("/")
    make_cards(alice, 100, due=today(alice))
    type(alice).objects.update(data_version=1)
    with django_assert_num_queries(len(few)):
        alice_client.get("/")
