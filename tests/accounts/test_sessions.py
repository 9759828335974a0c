"""Login sessions: listed, and ended one by one or all at once."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"


def browser(user: User, agent: str) -> Client:
    client = Client(headers={"user-agent": agent})
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def session_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


def is_signed_in(client: Client) -> bool:
    return client.get("/accounts/settings/").status_code == 200


def test_each_browser_is_listed_by_its_name(alice: User) -> None:
    laptop = browser(alice, FIREFOX)
    browser(alice, IPHONE)
    page = laptop.get("/accounts/sessions/").content.decode()
    assert "Firefox on Windows" in page
    assert "Safari on iPhone" in page
    assert page.count("this one") == 1


def test_ending_a_session_signs_that_browser_out_and_no_other(alice: User) -> None:
    laptop, phone, tablet = (browser(alice, agent) for agent in [FIREFOX, IPHONE, "x"])
    response = laptop.post(f"/accounts/sessions/{session_of(phone).pk}/end/")
    assert response["Location"] == "/accounts/sessions/"
    assert [is_signed_in(client) for client in [laptop, phone, tablet]] == [True, False, True]


def test_ending_all_others_keeps_this_one(alice: User, charlie: User) -> None:
    laptop, phone = browser(alice, FIREFOX), browser(alice, IPHONE)
    stranger = browser(charlie, IPHONE)
    laptop.post("/accounts/sessions/")
    assert [is_signed_in(client) for client in [laptop, phone, stranger]] == [True, False, True]


def test_charlie_cannot_end_alices_session(alice: User, charlie: User) -> None:
    laptop = browser(alice, FIREFOX)
    url = f"/accounts/sessions/{session_of(laptop).pk}/end/"
    assert browser(charlie, FIREFOX).post(url).status_code == 404
    assert is_signed_in(laptop)


def test_a_session_is_never_ended_by_a_link(alice: User) -> None:
    laptop = browser(alice, FIREFOX)
    assert laptop.get(f"/accounts/sessions/{session_of(laptop).pk}/end/").status_code == 405
    assert is_signed_in(laptop)
