"""Limits: generous for learners, by account where there is one, and a friendly page beyond."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from cards.models import Card, Review
from tests.factories import PASSWORD
from tests.sessions import fields_of, give, make_due

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture
def rates(settings: Any) -> dict[str, str]:
    """Change a rate for this test."""
    settings.RATE_LIMITS = dict(settings.RATE_LIMITS)
    found: dict[str, str] = settings.RATE_LIMITS
    return found


def add(client: Client, front: str = "", **extra: Any) -> Any:
    data = {"front": front or f"front {uuid.uuid4()}", "back": "back", "deck": "Deck"}
    return client.post("/cards/add/", data, **extra)


def page(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def test_beyond_the_limit_one_waits_exactly_so_long(
    alice: User, alice_client: Client, rates: dict[str, str]
) -> None:
    rates["write"] = "3/5m"
    with time_machine.travel("2026-03-28T12:00:10Z", tick=False) as clock:
        for _ in range(3):
            assert add(alice_client).status_code == 302
        response = add(alice_client)
        assert response.status_code == 429
        assert Card.objects.filter(owner=alice).count() == 3
        wait = int(response["Retry-After"])
        assert 1 <= wait <= 300
        clock.shift(wait - 1)
        assert add(alice_client)["Retry-After"] == "1"
        clock.shift(1)
        assert add(alice_client).status_code == 302


def test_what_was_typed_is_kept_and_sent_again_by_one_press(
    alice: User, alice_client: Client, rates: dict[str, str]
) -> None:
    rates["write"] = "0/m"
    response = add(alice_client, "<b>گربه</b>")
    form = page(response).select_one("form")
    assert form is not None
    assert form["action"] == "/cards/add/"
    assert b"What you sent is kept on this page" in response.content
    rates["write"] = "1/m"
    alice_client.post(str(form["action"]), fields_of(form))
    assert Card.objects.get(owner=alice).front == "<b>گربه</b>"


def test_files_and_passwords_are_not_kept(
    client: Client, alice_client: Client, rates: dict[str, str]
) -> None:
    rates |= {"import": "0/m", "sign-in": "0/m"}
    file = SimpleUploadedFile("words.csv", b"front,back\na,b\n")
    response = alice_client.post("/import/", {"file": file})
    assert (response.status_code, page(response).form) == (429, None)
    assert b"what you typed is still there" in response.content
    response = client.post(LOGIN, {"login": "alice@example.org", "password": PASSWORD})
    assert (response.status_code, page(response).form) == (429, None)
    assert PASSWORD.encode() not in response.content


def test_scripts_that_ask_for_json_get_json(alice_client: Client, rates: dict[str, str]) -> None:
    rates["write"] = "0/m"
    response = add(alice_client, headers={"Accept": "application/json"})
    assert response.status_code == 429
    assert response.json()["retry_after"] == int(response["Retry-After"])
    assert "Please wait" in response.json()["error"]


def test_two_accounts_on_one_address_do_not_stand_in_each_others_way(
    alice_client: Client, charlie_client: Client, rates: dict[str, str]
) -> None:
    rates["write"] = "1/m"
    with time_machine.travel("2026-03-28T12:00:10Z", tick=False):
        assert [add(alice_client).status_code for _ in range(2)] == [302, 429]
        assert add(charlie_client).status_code == 302


def test_one_account_on_two_machines_is_one(alice: User, rates: dict[str, str]) -> None:
    rates["write"] = "1/m"
    found = []
    with time_machine.travel("2026-03-28T12:00:10Z", tick=False):
        for address in ("192.0.2.1", "198.51.100.1"):
            client = Client(REMOTE_ADDR=address)
            client.force_login(alice)
            found.append(add(client).status_code)
    assert found == [302, 429]


def test_looking_is_not_counted_as_writing(alice_client: Client, rates: dict[str, str]) -> None:
    rates["write"] = "0/m"
    for method in (alice_client.get, alice_client.head):
        assert method("/cards/add/").status_code == 200
        assert method("/decks/").status_code == 200


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("/cards/?q=cat", "browse"),
        ("/statistics/", "statistics"),
        ("/export/?format=csv", "export"),
    ],
)
def test_what_is_dear_to_look_at_is_limited_too(
    alice_client: Client, rates: dict[str, str], url: str, name: str
) -> None:
    rates[name] = "1/m"
    with time_machine.travel("2026-03-28T12:00:10Z", tick=False):
        assert alice_client.get(url).status_code == 200
        response = alice_client.get(url)
    assert response.status_code == 429
    again = page(response).select_one("a.btn")
    assert again is not None
    assert again["href"] == url


def test_a_limit_can_be_switched_off(alice_client: Client, rates: dict[str, str]) -> None:
    rates["write"] = ""
    assert add(alice_client).status_code == 302


def test_who_is_signed_out_is_asked_in_and_not_counted(
    client: Client, rates: dict[str, str]
) -> None:
    rates["write"] = "0/m"
    assert add(client)["Location"].startswith(LOGIN)


def test_another_sites_form_is_not_counted(alice: User, rates: dict[str, str]) -> None:
    rates["write"] = "0/m"
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert add(browser).status_code == 403


def test_it_is_noted_once(
    alice: User, alice_client: Client, rates: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    rates["write"] = "1/m"
    with time_machine.travel("2026-03-28T12:00:10Z", tick=False):
        for _ in range(5):
            add(alice_client)
    assert [each.message for each in caplog.records] == [
        f"Limit reached: write, 1/m, by account {alice.pk}."
    ]


def test_a_fast_learner_is_never_stopped(alice: User, alice_client: Client) -> None:
    """Two hundred answers in the same second."""
    answer = {"passed": "1", "box": "2", "due": "2026-03-28", "card": str(make_due(alice).pk)}
    with time_machine.travel("2026-03-28T12:00:10Z", tick=False):
        for _ in range(200):
            response = alice_client.post("/review/answer/", answer | {"id": str(uuid.uuid4())})
            assert response.status_code != 429


def test_two_hundred_pupils_sign_in_from_one_address_at_nine(db: None) -> None:
    """One in ten mistypes the password first. The last one then answers a card."""
    password = make_password(PASSWORD)
    emails = [f"pupil{number}@school.example.org" for number in range(200)]
    User.objects.bulk_create(User(email=email, password=password) for email in emails)
    with time_machine.travel("2026-03-28T09:00:00Z", tick=False):
        for number, email in enumerate(emails):
            client = Client(REMOTE_ADDR="192.0.2.1")
            if number % 10 == 0:
                wrong = client.post(LOGIN, {"login": email, "password": "x"})
                assert wrong.status_code == 200
            response = client.post(LOGIN, {"login": email, "password": PASSWORD})
            assert response.status_code == 302, f"pupil {number}"
        make_due(User.objects.get(email=emails[-1]))
        give(client, passed=True)
    assert Review.objects.filter(owner__email=emails[-1]).count() == 1


def test_many_wrong_passwords_from_one_address_lock_that_address_out_only(
    alice: User, settings: Any
) -> None:
    guesser = Client(REMOTE_ADDR="192.0.2.66")
    for number in range(100):
        guesser.post(LOGIN, {"login": f"nobody{number}@example.org", "password": "x"})
    right = {"login": alice.email, "password": PASSWORD}
    response = guesser.post(LOGIN, right)
    assert "Too many attempts" in str(response.context["form"].errors)
    assert Client(REMOTE_ADDR="192.0.2.1").post(LOGIN, right).status_code == 302


def test_nobodys_mailbox_is_filled_by_strangers(alice: User) -> None:
    statuses = []
    with time_machine.travel("2026-03-28T09:00:00Z", tick=False):
        for number in range(12):
            stranger = Client(REMOTE_ADDR=f"192.0.2.{number}")
            email = alice.email.upper() if number % 2 else f" {alice.email}"
            statuses.append(stranger.post("/accounts/password/reset/", {"email": email}))
    assert [each.status_code for each in statuses] == [302] * 10 + [429] * 2
    assert len(mail.outbox) == 10


@pytest.mark.usefixtures("redis_cache")
def test_with_redis_all_workers_count_together(alice: User, rates: dict[str, str]) -> None:
    rates["write"] = "2/m"
    client = Client()
    client.force_login(alice)
    with time_machine.travel("2026-03-28T12:00:10Z", tick=False):
        assert add(client).status_code == 302
        caches["limits-without-redis"].clear()
        assert [add(client).status_code for _ in range(2)] == [302, 429]
