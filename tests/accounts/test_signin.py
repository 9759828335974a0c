"""Signing in and out: case never matters, and nobody learns which addresses have an account."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
URL = "/accounts/login/"


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(URL, {"login": email, "password": password}, **extra)


@pytest.mark.parametrize("email", ["alice@example.org", "ALICE@Example.org", " alice@example.org "])
def test_a_learner_signs_in_whatever_the_case(client: Client, alice: User, email: str) -> None:
    assert sign_in(client, email)["Location"] == "/"
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_sign_in_goes_on_to_where_the_learner_wanted_to_go(client: Client, alice: User) -> None:
    response = client.get("/accounts/settings/")
    assert response["Location"] == f"{URL}?next=/accounts/settings/"
    data = {"login": alice.email, "password": PASSWORD, "next": "/accounts/settings/"}
    assert client.post(URL, data)["Location"] == "/accounts/settings/"


def test_sign_in_never_leads_to_another_site(client: Client, alice: User) -> None:
    data = {"login": alice.email, "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post(URL, data)["Location"] == "/"


@pytest.mark.usefixtures("alice")
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: Client) -> None:
    wrong = sign_in(client, "alice@example.org", "not her password")
    unknown = sign_in(client, "nobody@example.org", "not her password")
    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert "_auth_user_id" not in client.session


def test_an_unknown_address_costs_the_work_of_hashing_too(client: Client) -> None:
    with patch.object(User, "set_password") as hashing:
        sign_in(client, "nobody@example.org")
    hashing.assert_called_once_with(PASSWORD)


def test_after_five_wrong_tries_even_the_right_password_waits(client: Client, alice: User) -> None:
    for _ in range(5):
        sign_in(client, alice.email, "not her password")
    response = sign_in(client, alice.email)
    assert "Too many attempts" in str(response.context["form"].errors)
    cache.clear()
    assert sign_in(client, alice.email)["Location"] == "/"


def test_many_tries_from_one_address_get_429_whatever_they_claim(
    client: Client, settings: Any
) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign-in": "30/10m"}
    for number in range(31):
        forged = {"HTTP_X_FORWARDED_FOR": f"203.0.113.{number}"}
        response = sign_in(client, f"nobody{number}@example.org", "x", **forged)
    assert response.status_code == 429
    assert b"Please wait a moment" in response.content


def test_behind_a_proxy_of_ours_the_last_entry_counts(client: Client, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign-in": "30/10m"}
    for number in range(31):
        seen = {"HTTP_X_FORWARDED_FOR": f"198.51.100.9, 203.0.113.{number}"}
        response = sign_in(client, f"nobody{number}@example.org", "x", **seen)
    assert response.status_code == 200


def test_a_closed_account_is_told_so_after_the_right_password(client: Client, alice: User) -> None:
    alice.is_active = False
    alice.save(update_fields=["is_active"])
    response = sign_in(client, alice.email)
    assert response["Location"] == "/accounts/inactive/"
    assert "_auth_user_id" not in client.session


def test_signing_out_asks_first_and_then_does_it(alice_client: Client) -> None:
    page = alice_client.get("/accounts/logout/")
    assert b"Sign out" in page.content
    assert "_auth_user_id" in alice_client.session
    assert alice_client.post("/accounts/logout/")["Location"] == "/"
    assert "_auth_user_id" not in alice_client.session
