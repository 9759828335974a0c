"""The settings page: time, learning, look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db
URL = "/accounts/settings/"
CHOSEN = {
    "time_zone": "Europe/Berlin",
    "day_starts_at": 5,
    "new_per_day": 7,
    "again_rule": "half",
    "theme": "dark",
}


def test_signed_out_it_leads_to_sign_in_and_back(client: Client) -> None:
    assert client.get(URL)["Location"] == f"/accounts/login/?next={URL}"
    page = f"http://testserver{URL}"
    late = client.post(URL, CHOSEN, headers={"referer": page})
    assert late["Location"] == f"/accounts/login/?next=http%3A//testserver{URL}"


def test_alice_changes_her_settings_and_nobody_elses(
    alice_client: Client, alice: User, charlie: User
) -> None:
    assert alice_client.post(URL, CHOSEN)["Location"] == URL
    alice.refresh_from_db()
    assert {name: getattr(alice, name) for name in CHOSEN} == CHOSEN
    charlie.refresh_from_db()
    assert charlie.theme == "system"
    assert b'data-theme="dark"' in alice_client.get(URL).content


def test_only_the_settings_are_saved(alice_client: Client, alice: User) -> None:
    forged = CHOSEN | {"email": "x@example.org", "is_staff": "on", "is_superuser": "on"}
    alice_client.post(URL, forged)
    alice.refresh_from_db()
    assert (alice.email, alice.is_staff, alice.is_superuser) == ("alice@example.org", False, False)


def test_what_was_counted_is_counted_anew(alice_client: Client, alice: User) -> None:
    before = alice.data_version
    alice_client.post(URL, CHOSEN)
    alice.refresh_from_db()
    assert alice.data_version > before


@pytest.mark.parametrize(
    ("typed", "name"),
    [("europe/berlin", "Europe/Berlin"), (" new york ", "America/New_York"), ("UTC", "UTC")],
)
def test_a_city_is_enough(alice_client: Client, alice: User, typed: str, name: str) -> None:
    alice_client.post(URL, CHOSEN | {"time_zone": typed})
    alice.refresh_from_db()
    assert alice.time_zone == name


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Mars/Olympus"),
        ("time_zone", ""),
        ("time_zone", "x" * 1000),
        ("time_zone", "\x00"),
        ("day_starts_at", "24"),
        ("day_starts_at", "noon"),
        ("new_per_day", "-1"),
        ("new_per_day", "1000"),
        ("new_per_day", "9" * 30),
        ("again_rule", "never"),
        ("theme", "pink"),
    ],
)
def test_a_wrong_value_is_pointed_out_and_nothing_is_saved(
    alice_client: Client, alice: User, field: str, value: str
) -> None:
    response = alice_client.post(URL, CHOSEN | {field: value})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    # The page is drawn as the learner has it, not as it was asked for in vain.
    assert b"data-theme" not in response.content
    alice.refresh_from_db()
    assert alice.theme == "system"


def test_after_a_change_of_zone_the_learner_hears_what_day_it_is(
    client: Client, alice: User
) -> None:
    with time_machine.travel(dt.datetime(2027, 3, 1, 20, 0, tzinfo=dt.UTC), tick=False):
        client.force_login(alice)
        page = client.post(URL, CHOSEN | {"time_zone": "Asia/Tokyo"}, follow=True)
        assert "For you, today is Tuesday, 2 March 2027." in page.content.decode()
        page = client.post(URL, CHOSEN | {"time_zone": "Asia/Tokyo"}, follow=True)
        assert "today is" not in page.content.decode()


def test_every_zone_of_the_list_can_be_chosen(alice_client: Client) -> None:
    places = [name for name, _ in alice_client.get(URL).context["places"]]
    assert {"Europe/Berlin", "Asia/Kolkata", "UTC"} <= set(places)
    assert len(places) == len(set(places)) > 400


def test_the_page_costs_two_queries_beside_the_session(
    alice_client: Client, django_assert_num_queries: Callable[[int], Any]
) -> None:
    alice_client.get(URL)
    with django_assert_num_queries(3):
        alice_client.get(URL)
