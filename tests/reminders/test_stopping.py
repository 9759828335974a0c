"""The link in each mail: asks when it is looked at, stops reminders when it is posted to."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.core import signing
from django.test import Client

from accounts.models import User
from accounts.reminders.stopping import stop_path
from tests.reminders.learners import asked

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger() -> Client:
    """A mail program: no cookies, no token against forged forms."""
    return Client(enforce_csrf_checks=True)


def is_on(user: User) -> bool:
    user.refresh_from_db()
    assert (user.remind_at is None) == (user.next_reminder is None)
    return user.remind_at is not None


def test_looking_asks_and_changes_nothing(stranger: Client) -> None:
    bob = asked()
    page = stranger.get(stop_path(bob))
    assert "Stop the reminders?" in page.content.decode()
    buttons = BeautifulSoup(page.content, "html.parser").select("main button")
    assert [button.text for button in buttons] == ["Stop the reminders"]
    assert bob.email not in page.content.decode()
    assert not page.cookies
    assert is_on(bob)


def test_one_post_without_cookies_stops_them_and_nobody_elses(stranger: Client) -> None:
    bob, carol = asked(), asked()
    page = stranger.post(stop_path(bob), {"List-Unsubscribe": "One-Click"})
    assert page.status_code == 200
    assert "No more reminders" in page.content.decode()
    assert (is_on(bob), is_on(carol)) == (False, True)
    assert stranger.post(stop_path(bob)).status_code == 200, "a second time is no error"


@pytest.mark.parametrize("token", ["1", "1:x", ":", "a b", "x" * 300, "%00", "1:" + "é" * 20])
def test_a_link_that_this_site_never_made_stops_nothing(stranger: Client, token: str) -> None:
    bob = asked()
    for response in (
        stranger.get(f"/accounts/reminders/stop/{token}/"),
        stranger.post(f"/accounts/reminders/stop/{token}/"),
    ):
        assert response.status_code == 404
        assert "not whole" in response.content.decode()
    assert is_on(bob)


def test_a_token_made_for_something_else_stops_nothing(stranger: Client) -> None:
    bob = asked()
    token = signing.Signer(salt="another").sign(str(bob.pk))
    assert stranger.post(f"/accounts/reminders/stop/{token}/").status_code == 404
    assert is_on(bob)


def test_the_link_of_a_deleted_account_is_answered_as_any_other(stranger: Client) -> None:
    bob = asked()
    path = stop_path(bob)
    bob.delete()
    assert stranger.post(path).status_code == 200


def test_a_link_outlives_a_change_of_the_secret_key(stranger: Client, settings: object) -> None:
    bob = asked()
    path = stop_path(bob)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]  # type: ignore[attr-defined]
    settings.SECRET_KEY = "another-key-" * 6  # type: ignore[attr-defined]
    assert stranger.post(path).status_code == 200
    assert not is_on(bob)
