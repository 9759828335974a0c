"""Every mail: plain text and HTML with the same words, short, from Leitner."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from allauth.core import context as allauth_context
from bs4 import BeautifulSoup
from django.conf import settings as base
from django.contrib.sites.shortcuts import get_current_site
from django.test import Client, RequestFactory

from accounts.adapter import AccountAdapter
from accounts.models import User
from tests.factories import PASSWORD

FOLDERS = [Path(base.BASE_DIR) / "templates" / app / "email" for app in ["account", "mfa"]]
MAILS = sorted(
    f"{folder.parent.name}/email/{path.name.removesuffix('_subject.txt')}"
    for folder in FOLDERS
    for path in folder.glob("*_subject.txt")
)
LINK = "https://leitner.example/accounts/x/<key>&y/"
VALUES = {
    "activate_url": LINK,
    "password_reset_url": LINK,
    "signup_url": LINK,
    "email": "o'neil@example.org",
    "deleted_email": "o'neil@example.org",
    "from_email": "a@example.org",
    "to_email": "b@example.org",
    "ip": "203.0.113.7",
    "timestamp": dt.datetime(2027, 1, 2, 3, 4, tzinfo=dt.UTC),
}


def render(name: str) -> Any:
    request = RequestFactory().get("/", HTTP_HOST="localhost")
    values = VALUES | {"request": request, "current_site": get_current_site(request)}
    with allauth_context.request_context(request):
        return AccountAdapter(request).render_mail(name, "dora@example.org", values)


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_says_the_same_in_text_and_in_html(name: str) -> None:
    message = render(name)
    assert message.subject
    assert "\n" not in message.subject
    assert message.body.startswith("Hello,\n\n")
    assert message.body.endswith("Leitner, localhost")
    assert "&#x27;" not in message.body
    assert "!" not in message.subject + message.body
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    page = BeautifulSoup(html, "html.parser")
    for paragraph in message.body.split("\n\n"):
        assert paragraph.strip() in page.get_text()


@pytest.mark.parametrize("name", MAILS)
def test_an_address_in_a_mail_is_a_button_too(name: str) -> None:
    message = render(name)
    page = BeautifulSoup(message.alternatives[0][0], "html.parser")
    addresses = [part for part in message.body.split("\n\n") if part.startswith("http")]
    assert [link["href"] for link in page.find_all("a")] == addresses
    assert len(addresses) <= 1


class Away:
    """A mail server that does not answer."""

    def __init__(self, **options: Any) -> None:
        self.options = options

    def send_messages(self, messages: list[Any]) -> int:
        raise ConnectionRefusedError


@pytest.mark.django_db
def test_a_mail_server_that_is_away_changes_nothing_else(
    alice_client: Client, alice: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "tests.accounts.test_mails.Away"
    data = {"oldpassword": PASSWORD, "password1": "a newer and longer one"}
    page = alice_client.post("/accounts/password/change/", data, follow=True)
    assert page.status_code == 200
    assert "could not be sent" in page.content.decode()
    assert "password_changed was not sent" in caplog.text
    alice.refresh_from_db()
    assert alice.check_password("a newer and longer one")


@pytest.mark.django_db
def test_no_answer_tells_whether_the_mail_had_an_owner(
    client: Client, alice: User, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "tests.accounts.test_mails.Away"
    pages = [
        client.post("/accounts/password/reset/", {"email": email}, follow=True).content
        for email in [alice.email, "nobody@example.org"]
    ]
    assert pages[0] == pages[1]
