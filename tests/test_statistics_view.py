"""The statistics page: the owner's numbers, each picture with its table, at a constant cost."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from cards.history import history
from tests.factories import make_card, make_cards, make_review

ADDRESS = "/statistics/"
DAY = dt.timedelta(days=1)


def soup(client: Client) -> BeautifulSoup:
    response = client.get(ADDRESS)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def study(owner: User, days: int = 10) -> dt.date:
    """A card a day, each answered twice since: the first answer, a pass, and a miss at last."""
    today = owner.today(timezone.now())
    for back in range(days):
        card = make_card(owner, box=1, due=today + DAY)
        make_review(card, on=today - (back + 4) * DAY, due_before=None, box_before=1, box_after=2)
        make_review(card, on=today - (back + 1) * DAY, box_before=2, took_ms=6_000)
        make_review(card, on=today - back * DAY, box_before=3, passed=False)
    return today


def test_a_learner_without_reviews_is_told_what_will_be_here(alice_client: Client) -> None:
    page = soup(alice_client)
    assert page.select("h1")[0].get_text() == "Your first answer starts this page"
    assert not page.find_all("svg", role="img")


def test_cards_scheduled_without_reviews_show_the_forecast(
    alice: User, alice_client: Client
) -> None:
    make_cards(alice, 3, due=alice.today(timezone.now()) + 2 * DAY)
    titles = [title.get_text() for title in soup(alice_client).select("svg[role=img] > title")]
    assert titles == ["Cards due on each of the next 30 days"]


def test_the_figures_are_the_owners(
    alice: User, alice_client: Client, charlie_client: Client
) -> None:
    study(alice)
    figures = [dd.get_text() for dd in soup(alice_client).select(".figures dd")]
    assert figures == ["14 days", "14 days", "50 %", "10"]
    assert "Your first answer" in charlie_client.get(ADDRESS).content.decode()


def test_a_visitor_signs_in_first(client: Client, db: None) -> None:
    assert client.get(ADDRESS)["Location"].startswith(reverse("account_login"))


def test_every_picture_has_a_name_a_description_and_a_table(
    alice: User, alice_client: Client
) -> None:
    study(alice)
    page = soup(alice_client)
    pictures = page.find_all("svg", role="img")
    assert len(pictures) == 4
    for picture in pictures:
        names = [page.find(id=name) for name in str(picture["aria-labelledby"]).split()]
        assert all(name is not None and name.get_text(strip=True) for name in names)
    charts = page.select("section.chart:has(svg[role=img])")
    assert len(charts) == len([chart for chart in charts if chart.select("details table")]) == 4
    assert not page.select("[style]")


def test_the_tables_hold_the_numbers_of_the_pictures(alice: User, alice_client: Client) -> None:
    today = study(alice)
    page = soup(alice_client)
    calendar, days, boxes, weeks = page.select("details table")
    assert sum(int(td.get_text()) for td in calendar.select("td")) == 30
    assert [td.get_text() for td in days.select("td")][:2] == ["0", "10"]
    latest = [td.get_text() for td in boxes.select("tbody tr")[0].select("td")]
    assert latest == ["10", "0", "0", "0", "0", "0", "0"]
    assert sum(int(tr.select("td")[1].get_text()) for tr in weeks.select("tbody tr")) == 20
    shares = [td.get_text() for td in page.select(".shares b")]
    assert shares == ["–", "100 %", "0 %", "–", "–", "–", "–"]
    assert history(alice, today).ms == 60_000


def test_reviews_of_deleted_and_reset_cards_count_but_move_no_box(alice: User) -> None:
    today = alice.today(timezone.now())
    for fields in ({"deleted_at": timezone.now(), "due": today}, {"due": None}):
        card = make_card(alice, last_reviewed=timezone.now(), **fields)
        make_review(card, on=today, due_before=today, box_before=3)
        make_review(card, on=today - 3 * DAY, due_before=None, box_before=1, box_after=3)
    found = history(alice, today)
    assert found.reviews == 4
    assert set(found.counts) == {(0,) * 7}
    assert [share.total for share in found.by_box] == [0, 0, 2, 0, 0, 0, 0]


def test_the_page_costs_the_same_for_more_reviews(
    alice: User, charlie: User, django_assert_num_queries: Any
) -> None:
    for owner, days in ((alice, 3), (charlie, 30)):
        study(owner, days)
        client = Client()
        client.force_login(owner)
        # Login session, learner; reviews, boxes, cards, due dates, gone.
        with django_assert_num_queries(7):
            client.get(ADDRESS)
        with django_assert_num_queries(2):
            client.get(ADDRESS)
