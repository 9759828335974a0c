"""What somebody tries who means harm: to lead to other sites, and to be somebody else."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
EVIL = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "http:evil.example",
    "https:///evil.example",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "\thttps://evil.example/",
    "/\t/evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://testserver/",
]


def stays(answer: Any) -> bool:
    """Whether a redirect, if it is one, leads to a page of this site."""
    location = answer.headers.get("Location", "/")
    parts = urlsplit(location.replace("\\", "/").replace("\t", ""))
    here = not parts.scheme or (parts.scheme, parts.netloc) == ("http", "testserver")
    return here and parts.netloc in ("", "testserver")


@pytest.mark.parametrize("target", EVIL)
def test_no_page_leads_to_another_site(alice: User, alice_client: Client, target: str) -> None:
    def signed_in() -> Client:
        client = Client()
        client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
        return client

    data = {"login": alice.email, "password": PASSWORD, "next": target}
    assert stays(Client().post("/accounts/login/", data))
    assert stays(Client().post("/accounts/login/", data, query_params={"next": target}))
    assert stays(signed_in().get("/accounts/login/", {"next": target}))
    assert stays(signed_in().post("/accounts/logout/", {"next": target}))
    assert stays(signed_in().post("/accounts/reauthenticate/", data))
    new = {"email": "new@example.org", "password1": "a long new passphrase", "next": target}
    assert stays(Client().post("/accounts/signup/", new))
    for address in ("/accounts/sessions/", "/accounts/settings/", "/cards/add/", "/cards/bulk/"):
        assert stays(alice_client.post(address, {"next": target}, headers={"referer": target}))
    late = Client().post("/cards/add/", {"front": "x"}, headers={"referer": target})
    assert stays(late)
    assert "evil" not in late.headers["Location"]


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "testserver:80@evil.example"},
        {"host": "testserver.evil.example"},
        {"host": "testserver", "x-forwarded-host": "evil.example"},
        {"host": "testserver", "x-host": "evil.example", "forwarded": "host=evil.example"},
    ],
)
def test_no_mail_leads_to_another_site(alice: User, headers: dict[str, str]) -> None:
    answer = Client().post("/accounts/password/reset/", {"email": alice.email}, headers=headers)
    if headers["host"] != "testserver":
        assert answer.status_code == 400
        assert not mail.outbox
    for message in mail.outbox:
        assert "http://testserver/" in str(message.body)
        assert "evil" not in str(message.message())


def test_a_session_that_was_planted_is_not_the_one_after_signing_in(alice: User) -> None:
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = str(planted)
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert client.session.session_key != planted
    assert Client(headers={"cookie": f"sessionid={planted}"}).get("/cards/").status_code == 302


def test_nobody_makes_themselves_an_admin(alice: User, alice_client: Client) -> None:
    rights = {"is_staff": "on", "is_superuser": "on", "email": "root@example.org", "pk": "1"}
    alice_client.post("/accounts/settings/", rights | {"time_zone": "UTC", "day_starts_at": "4"})
    new = {"email": "new@example.org", "password1": "a long new passphrase"}
    Client().post("/accounts/signup/", new | rights | {"email": "new@example.org"})
    assert User.objects.filter(email="new@example.org").exists()
    assert not User.objects.filter(is_staff=True).exists()
    assert not User.objects.filter(is_superuser=True).exists()
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
