"""/privacy/ says what is so: its numbers and names are those of the settings."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db


def words(client: Client) -> str:
    answer = client.get("/privacy/")
    assert answer.status_code == 200
    return " ".join(BeautifulSoup(answer.content, "html.parser").main.text.split())  # type: ignore[union-attr]


def test_everybody_may_read_it_and_finds_it(client: Client, alice_client: Client) -> None:
    for reader in (client, alice_client):
        assert 'href="/privacy/"' in reader.get("/").content.decode()
        assert "Who runs this site" in words(reader)
    assert "To my data" in words(alice_client)
    assert "To my data" not in words(client)


def test_it_asks_the_database_nothing_and_sets_no_cookie(
    client: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert not client.get("/privacy/").cookies


def test_the_numbers_are_those_of_the_settings(client: Client, settings: Any) -> None:
    settings.TRASH_DAYS, settings.UNCONFIRMED_ACCOUNT_DAYS = 11, 12
    settings.INACTIVE_ACCOUNT_DAYS, settings.EMAIL_HOST = 413, "smtp.example.org"
    settings.ADMIN_LOG_DAYS, settings.SESSION_COOKIE_AGE = 14, 15 * 86_400
    settings.BACKUP_KEEP_DAYS, settings.BACKUP_KEEP_MONTHS = 16, 17
    said = words(client)
    for sentence in (
        "gone for good after 11 days",
        "never confirmed or used is deleted after 12 days",
        "not used for 413 days is deleted",
        "on record for 14 days",
        "ends by itself after 15 days",
        "kept for 16 days, one of each month for 17 months",
    ):
        assert sentence in said


def test_what_is_switched_off_is_not_claimed(client: Client, settings: Any) -> None:
    settings.TRASH_DAYS = settings.UNCONFIRMED_ACCOUNT_DAYS = settings.ADMIN_LOG_DAYS = 0
    settings.INACTIVE_ACCOUNT_DAYS, settings.EMAIL_HOST = 400, ""
    said = words(client)
    assert "kept out of sight until you delete your account" in said
    assert "never confirmed" not in said
    assert "not deleted because you have not used it" in said
    assert "stays on record" in said


def test_it_names_who_runs_the_site(client: Client, settings: Any) -> None:
    assert "have not entered a name" in words(client)
    settings.OPERATOR_NAME, settings.CONTACT_EMAIL = "Ada's <school>", "ada@example.org"
    said = words(client)
    assert "Ada's <school>" in said
    assert "ada@example.org" in said
    assert "have not entered a name" not in said


def test_a_cdn_a_service_for_errors_and_encrypted_backups_are_told(
    client: Client, settings: Any
) -> None:
    assert "no fonts, no scripts, no counters" in words(client)
    assert "They are encrypted" not in words(client)
    assert "a service for errors" not in words(client)
    settings.SENTRY_DSN = "https://key@errors.example.org/1"
    assert "a service for errors is told what, without your name" in words(client)
    settings.STATIC_HOST, settings.BACKUP_AGE_RECIPIENTS = "https://cdn.example.org", ["age1x"]
    said = words(client)
    assert "come through cdn.example.org, which sees your network address" in said
    assert "They are encrypted" in said


def test_every_cookie_that_is_set_is_named(client: Client, alice: User, settings: Any) -> None:
    said = words(client)
    client.get("/accounts/login/")
    client.force_login(alice)
    client.post("/accounts/settings/", {"theme": "x"})
    client.post("/accounts/password/reset/", {"email": alice.email})
    client.post("/accounts/logout/")
    assert len(client.cookies) >= 2
    for name in client.cookies:
        assert name in said
