"""Announcements: from the admin to every page within seconds, until they end or are put away."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup, Tag
from django.db import OperationalError
from django.test import Client

from accounts import announcements
from accounts.models import Announcement

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2027, 3, 1, 12, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _nothing_known() -> Iterator[None]:
    """Each test begins as a process does, at noon, and what it learned ends with it."""
    announcements.forget()
    with time_machine.travel(NOW, tick=False):
        yield


def announce(text: str = "We move house.", **fields: Any) -> Announcement:
    """As the admin does it."""
    made = Announcement.objects.create(text=text, **fields)
    announcements.forget()
    return made


def banners(client: Client, page: str = "/") -> list[Tag]:
    response = client.get(page)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser").select(".announcement")


def texts(client: Client, page: str = "/") -> list[str]:
    return [banner.p.get_text() for banner in banners(client, page) if banner.p]


@pytest.mark.parametrize("page", ["/", "/cards/", "/accounts/settings/", "/review/"])
def test_learners_see_it_on_every_page(alice_client: Client, page: str) -> None:
    announce()
    assert texts(alice_client, page) == ["We move house."]


def test_those_who_are_signed_out_see_what_is_for_all(client: Client) -> None:
    announce()
    announce("For learners.", signed_in_only=True)
    [banner] = banners(client, "/accounts/login/")
    assert "We move house." in banner.text
    assert not banner.select("form"), "nothing is remembered about visitors"


def test_it_begins_and_ends_to_the_second(client: Client) -> None:
    announce(starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    for since, there in [(0, 0), (3599, 0), (3600, 1), (7199, 1), (7200, 0)]:
        with time_machine.travel(NOW + dt.timedelta(seconds=since), tick=False):
            assert len(banners(client)) == there, since


def test_warnings_come_first_and_no_more_than_three_stand_above_a_page(client: Client) -> None:
    announce("A", level="warning")
    for text in "BCD":
        announce(text)
    assert texts(client) == ["Please note. A", "D", "C"]


def test_it_is_text_in_its_own_direction_with_links(client: Client) -> None:
    announce("<b>שלום</b>\nSee https://example.org/news?a=1&b=2.")
    [banner] = banners(client)
    assert banner["role"] == "status"
    assert banner.p is not None
    assert banner.p["dir"] == "auto"
    assert banner.p.text == "<b>שלום</b>See https://example.org/news?a=1&b=2."
    [link] = banner.select("a")
    assert link["href"] == "https://example.org/news?a=1&b=2"
    assert not banner.select("b")


def test_put_away_it_is_gone_for_this_login_session_and_for_nobody_else(
    alice_client: Client, charlie_client: Client
) -> None:
    first = announce()
    [banner] = banners(alice_client, "/cards/?q=x")
    [form] = banner.select("form")
    fields = {str(field["name"]): str(field.get("value")) for field in form.select("input")}
    response = alice_client.post(str(form["action"]), fields)
    assert response["Location"] == "/cards/?q=x"
    assert texts(alice_client) == []
    assert texts(charlie_client) == ["We move house."]
    assert alice_client.post(str(form["action"])).status_code == 404, "it is away already"
    announce("Another one.")
    assert texts(alice_client) == ["Another one."]
    first.delete()
    announcements.forget()
    [form] = banners(alice_client)[0].select("form")
    alice_client.post(str(form["action"]))
    assert len(alice_client.session[announcements.PUT_AWAY]) == 1


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "javascript:x", ""])
def test_it_leads_to_no_other_site(alice_client: Client, wanted: str) -> None:
    made = announce()
    response = alice_client.post(f"/accounts/announcements/{made.pk}/put-away/", {"next": wanted})
    assert response["Location"] == "/"


def test_a_page_asks_for_them_once_in_five_seconds(
    alice_client: Client, django_assert_num_queries: Callable[[int], Any]
) -> None:
    announce()
    alice_client.get("/accounts/settings/")
    with django_assert_num_queries(3):  # As without announcements.
        alice_client.get("/accounts/settings/")
    Announcement.objects.update(text="Changed by another process.")
    assert texts(alice_client) == ["We move house."]
    announcements.remember((), seconds=announcements.REMEMBERED_SECONDS)
    assert announcements._memory.good_until <= time.monotonic() + 5
    announcements.forget()
    assert texts(alice_client) == ["Changed by another process."]


def test_a_database_that_is_away_leaves_them_as_they_were(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce()
    assert texts(client) == ["We move house."]

    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError("gone")

    monkeypatch.setattr(Announcement.objects, "filter", away)
    announcements.forget()
    assert texts(client) == ["We move house."]


@pytest.mark.django_db(transaction=True)
def test_admins_make_change_and_delete_them(admin_client: Client, client: Client) -> None:
    """What they save is there with the next page of the same process."""
    assert texts(client) == []
    new = {
        "text": "We move house.",
        "level": "info",
        "starts_at_0": "2027-03-01",
        "starts_at_1": "11:00",
    }
    page = "/admin/accounts/announcement/"
    assert admin_client.post(f"{page}add/", new).status_code == 302
    assert texts(client) == ["We move house."]
    pk = Announcement.objects.get().pk
    assert admin_client.post(f"{page}{pk}/change/", new | {"text": "Not yet."}).status_code == 302
    assert texts(client) == ["Not yet."]
    assert "Not yet." in admin_client.get(page).content.decode()
    assert admin_client.post(f"{page}{pk}/delete/", {"post": "yes"}).status_code == 302
    assert texts(client) == []


def test_one_that_ends_before_it_begins_is_refused(admin_client: Client) -> None:
    times = {"starts_at_0": "2027-03-02", "starts_at_1": "11:00"}
    times |= {"ends_at_0": "2027-03-01", "ends_at_1": "11:00"}
    response = admin_client.post(
        "/admin/accounts/announcement/add/", {"text": "x", "level": "info"} | times
    )
    assert "It would end before it begins." in response.content.decode()
    assert not Announcement.objects.exists()


def test_day_and_time_have_a_label_each(admin_client: Client) -> None:
    page = admin_client.get("/admin/accounts/announcement/add/").content
    inputs = BeautifulSoup(page, "html.parser").select("p.datetime input")
    assert [found["aria-label"] for found in inputs] == [
        "From, date",
        "From, time",
        "Until, date",
        "Until, time",
    ]
