"""Signing up: an address, a password once, and the browser's time zone."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import identify_hasher
from django.core import mail
from django.test import Client

from accounts.models import User
from cards.models import Box
from cards.scheduling import LONG_RUN
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
URL = "/accounts/signup/"


@pytest.fixture
def must_confirm(settings: Any) -> None:
    """As with a mail server: addresses have to be confirmed."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def sign_up(client: Client, email: str = "dora@example.org", **data: Any) -> Any:
    return client.post(URL, {"email": email, "password1": PASSWORD} | data)


def test_the_form_asks_for_an_address_and_a_password_once(client: Client) -> None:
    form = client.get(URL).context["form"]
    assert [field.name for field in form.visible_fields()] == ["email", "password1"]


def test_a_new_learner_is_signed_in_and_has_the_seven_boxes(client: Client) -> None:
    response = sign_up(client, time_zone="Asia/Tokyo")
    user = User.objects.get()
    assert response["Location"] == "/"
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.time_zone == "Asia/Tokyo"
    boxes = Box.objects.filter(owner=user).values_list("number", "interval_days")
    assert list(boxes) == list(enumerate(LONG_RUN, start=1))


def test_the_address_is_kept_in_lower_case(client: Client) -> None:
    sign_up(client, " Dora@Example.ORG ")
    assert User.objects.get().email == "dora@example.org"


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "\x00", "\ud800", "../../etc/passwd", "x" * 999, "Factory"]
)
def test_an_unknown_time_zone_becomes_utc_and_never_an_error(client: Client, zone: str) -> None:
    raw = {"email": "dora@example.org", "password1": PASSWORD, "time_zone": zone}
    body = urlencode(raw, errors="surrogatepass")
    response = client.post(URL, body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 302
    assert User.objects.get().time_zone == "UTC"


def test_a_browser_without_javascript_sends_no_zone_and_gets_utc(client: Client) -> None:
    sign_up(client)
    assert User.objects.get().time_zone == "UTC"


@pytest.mark.usefixtures("real_hashers")
def test_the_password_is_kept_as_argon2(client: Client) -> None:
    sign_up(client)
    assert identify_hasher(User.objects.get().password).algorithm == "argon2"


@pytest.mark.parametrize("password", ["short", "password", "12345678901", "dora@example.org", ""])
def test_a_weak_password_is_refused_with_a_reason(client: Client, password: str) -> None:
    response = sign_up(client, password1=password)
    assert response.context["form"].errors["password1"]
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "email",
    ["a" * 250 + "@example.org", "a\x00@example.org", "a@b", "", "a" * 1_000_000, "\ud800@x.org"],
)
def test_a_strange_address_is_refused_with_a_reason(client: Client, email: str) -> None:
    body = urlencode({"email": email, "password1": PASSWORD}, errors="surrogatepass")
    response = client.post(URL, body, content_type="application/x-www-form-urlencoded")
    assert response.context["form"].errors["email"]
    assert not User.objects.exists()


def test_a_very_long_password_is_refused_before_it_is_hashed(client: Client) -> None:
    response = sign_up(client, password1="long " * 100_000)
    assert "1000" in response.context["form"].errors["password1"][0]


def test_an_account_without_its_boxes_is_not_made_at_all(client: Client) -> None:
    with (
        patch("cards.boxes.create_default_boxes", side_effect=RuntimeError),
        pytest.raises(RuntimeError),
    ):
        sign_up(client)
    assert not User.objects.exists()


@pytest.mark.usefixtures("must_confirm")
def test_with_a_mail_server_the_address_is_confirmed_first(client: Client) -> None:
    response = sign_up(client)
    assert response["Location"] == "/accounts/confirm-email/"
    assert "_auth_user_id" not in client.session
    [message] = mail.outbox
    assert message.to == ["dora@example.org"]
    link = next(word for word in str(message.body).split() if "/confirm-email/" in word)
    client.post(link.removeprefix("http://testserver"))
    assert EmailAddress.objects.get().verified


@pytest.mark.usefixtures("must_confirm")
def test_a_taken_address_is_not_told_to_the_visitor_but_to_its_owner(
    client: Client, alice: User
) -> None:
    new = sign_up(Client())
    mail.outbox.clear()
    taken = sign_up(client, "ALICE@example.org", password1="another good password")
    assert (taken.status_code, taken["Location"]) == (new.status_code, new["Location"])
    assert client.get(taken["Location"]).status_code == 200
    [message] = mail.outbox
    assert message.to == ["alice@example.org"]
    assert "/accounts/password/reset/" in message.body
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert User.objects.count() == 2


@pytest.mark.usefixtures("must_confirm", "alice")
def test_a_taken_address_costs_the_work_of_hashing_too(client: Client) -> None:
    with patch("accounts.forms_allauth.make_password") as hashing:
        sign_up(client, "alice@example.org")
    hashing.assert_called_once_with(PASSWORD)


@pytest.mark.usefixtures("alice")
def test_without_a_mail_server_a_taken_address_is_said(client: Client) -> None:
    response = sign_up(client, "Alice@example.org")
    assert "Sign in" in response.context["form"].errors["email"][0]


def test_the_same_form_sent_twice_at_once_makes_one_account(client: Client, alice: User) -> None:
    with patch("allauth.account.forms.BaseSignupForm.validate_unique_email", lambda _, v: v):
        response = sign_up(client, alice.email)
    assert response["Location"] == "/accounts/login/"
    assert User.objects.count() == 1


def test_whoever_is_signed_in_is_sent_home(alice_client: Client) -> None:
    assert alice_client.get(URL)["Location"] == "/"
