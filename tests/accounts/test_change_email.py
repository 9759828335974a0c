"""Changing the e-mail address: it changes when the new one is confirmed."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.test_passwords import link_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
URL = "/accounts/email/"


def test_the_address_changes_when_the_link_is_opened(alice_client: Client, alice: User) -> None:
    alice_client.post(URL, {"email": "Alice@New.example", "action_add": ""})
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
    page = alice_client.get(URL)
    assert b"alice@new.example" in page.content

    [message] = mail.outbox
    assert message.to == ["alice@new.example"]
    link = link_in(message, "/confirm-email/")
    assert b"alice@new.example" in alice_client.get(link).content
    alice_client.post(link)

    alice.refresh_from_db()
    assert alice.email == "alice@new.example"
    assert [(row.email, row.primary) for row in EmailAddress.objects.filter(user=alice)] == [
        ("alice@new.example", True)
    ]
    told = [message.to for message in mail.outbox if "no longer with" in message.body]
    assert told == [["alice@example.org"]]
    stranger = Client()
    data = {"login": "ALICE@new.example", "password": PASSWORD}
    assert stranger.post("/accounts/login/", data)["Location"] == "/"


def test_the_change_can_be_taken_back(alice_client: Client, alice: User) -> None:
    alice_client.post(URL, {"email": "alice@new.example", "action_add": ""})
    alice_client.post(URL, {"email": "alice@new.example", "action_remove": ""})
    assert EmailAddress.objects.get(user=alice).email == "alice@example.org"


def test_somebody_elses_address_is_not_told_and_never_taken(
    alice_client: Client, alice: User, charlie: User
) -> None:
    free = alice_client.post(URL, {"email": "free@example.org", "action_add": ""})
    taken = alice_client.post(URL, {"email": charlie.email, "action_add": ""})
    assert (free.status_code, free["Location"]) == (taken.status_code, taken["Location"])
    alice.refresh_from_db()
    charlie.refresh_from_db()
    assert (alice.email, charlie.email) == ("alice@example.org", "charlie@example.org")
    assert User.objects.get(email="charlie@example.org") == charlie


def test_a_broken_link_says_what_to_do(client: Client) -> None:
    response = client.get("/accounts/confirm-email/nonsense/")
    assert b"This link is no longer good" in response.content
