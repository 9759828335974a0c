"""Who may use the admin needs a second factor for it; nobody is caught in a circle."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from backups.models import BackupRun
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_factor(settings: Any) -> None:
    settings.STAFF_TWO_FACTOR = True


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def browser(admin: User, client: Client) -> Client:
    """The admin's browser, signed in with the password alone."""
    client.post("/accounts/login/", {"login": admin.email, "password": PASSWORD})
    return client


def code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def enrol(browser: Client) -> str:
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret: str = browser.get("/accounts/2fa/totp/activate/").context["form"].secret
    browser.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    return secret


def addresses(patterns: Any, before: str = "") -> Iterator[str]:
    """Every address below the admin, with a 1 for each parameter."""
    for pattern in patterns:
        route = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, before + route)
        elif isinstance(pattern, URLPattern) and "<" not in route and "^" not in route:
            yield before + route
        elif isinstance(pattern, URLPattern) and "^" not in route:
            yield before + "/".join("1" if "<" in part else part for part in route.split("/"))


def test_no_address_of_the_admin_answers_without_one(browser: Client) -> None:
    every = (f"/{address}" for address in addresses(get_resolver().url_patterns))
    found = [address for address in every if address.startswith("/admin/")]
    assert "/admin/status/" in found
    assert len(found) > 30
    for address in sorted(set(found) - {"/admin/login/", "/admin/logout/"}):
        for answer in (browser.get(address), browser.post(address)):
            assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/"), address


def test_no_backup_is_downloaded_without_one(browser: Client) -> None:
    now = dt.datetime.now(dt.UTC)
    run = BackupRun.objects.create(
        kind="export", outcome="good", started_at=now, ended_at=now, name="x.zip", sha256="0" * 64
    )
    answer = browser.get(f"/admin/backups/backuprun/{run.pk}/download/")
    assert answer["Location"] == "/accounts/2fa/"


def test_the_way_leads_to_where_it_is_set_up_and_says_why(browser: Client) -> None:
    page = browser.get("/admin/", follow=True)
    assert page.status_code == 200
    assert "The admin needs a second factor" in page.content.decode()


def test_with_an_app_a_code_opens_the_admin(browser: Client, clock: time_machine.Traveller) -> None:
    secret = enrol(browser)
    asked = browser.get("/admin/cards/card/?q=x")
    assert asked["Location"] == "/accounts/2fa/reauthenticate/?next=/admin/cards/card/%3Fq%3Dx"
    clock.shift(60)
    answer = browser.post(asked["Location"], {"code": code(secret), "next": "/admin/cards/card/"})
    assert answer["Location"].startswith("/admin/cards/card/")
    assert browser.get("/admin/").status_code == 200


def test_the_question_says_what_it_is_for_and_offers_no_password(browser: Client) -> None:
    enrol(browser)
    for_admin = browser.get("/admin/", follow=True).content.decode()
    assert "The admin opens only after a second proof" in for_admin
    assert "Use the password" not in for_admin
    wrong = browser.post("/accounts/2fa/reauthenticate/", {"code": "0", "next": "/admin/"})
    assert "Use the password" not in wrong.content.decode()
    otherwise = browser.get("/accounts/2fa/reauthenticate/?next=/accounts/email/").content.decode()
    assert "This changes who can get into your account" in otherwise
    assert "Use the password" in otherwise


def test_a_login_session_older_than_the_second_factor_stays_outside(
    admin: User, browser: Client, clock: time_machine.Traveller
) -> None:
    stolen = Client()
    stolen.post("/accounts/login/", {"login": admin.email, "password": PASSWORD})
    enrol(browser)
    assert stolen.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "page",
    ["totp/deactivate/", "totp/activate/", "webauthn/add/", "webauthn/", "webauthn/keys/1/remove/"]
    + [f"recovery-codes/{page}" for page in ("", "generate/", "download/")],
)
def test_the_password_alone_replaces_no_second_factor(
    admin: User, browser: Client, page: str
) -> None:
    stolen = Client()
    stolen.post("/accounts/login/", {"login": admin.email, "password": PASSWORD})
    enrol(browser)
    before = list(Authenticator.objects.order_by("pk").values())
    stolen.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for answer in (stolen.get(f"/accounts/2fa/{page}"), stolen.post(f"/accounts/2fa/{page}")):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/2fa/reauthenticate/?next=/")
    assert list(Authenticator.objects.order_by("pk").values()) == before


def test_who_set_it_up_sees_the_recovery_codes_and_may_take_it_back(browser: Client) -> None:
    enrol(browser)
    assert browser.get("/accounts/2fa/recovery-codes/").status_code == 200
    assert browser.post("/accounts/2fa/totp/deactivate/")["Location"] == "/accounts/2fa/"
    assert not Authenticator.objects.exists()


def test_after_a_sign_in_with_a_code_nothing_more_is_asked(
    admin: User, browser: Client, clock: time_machine.Traveller
) -> None:
    secret = enrol(browser)
    clock.shift(60)
    fresh = Client()
    fresh.post("/accounts/login/", {"login": admin.email, "password": PASSWORD})
    fresh.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert fresh.get("/admin/").status_code == 200


def test_who_has_only_a_passkey_is_asked_for_that(admin: User, browser: Client) -> None:
    Authenticator.objects.create(user=admin, type="webauthn", data={"name": "x", "credential": {}})
    assert browser.get("/admin/")["Location"].startswith("/accounts/2fa/webauthn/reauthenticate/")


def test_recovery_codes_alone_are_none(admin: User, browser: Client) -> None:
    Authenticator.objects.create(user=admin, type="recovery_codes", data={"seed": "x"})
    assert browser.get("/admin/")["Location"] == "/accounts/2fa/"


def test_signing_out_stays_possible(browser: Client) -> None:
    assert browser.post("/admin/logout/").status_code == 200
    assert browser.get("/accounts/settings/").status_code == 302


def test_learners_and_strangers_notice_nothing(client: Client, alice_client: Client) -> None:
    for visitor in (client, alice_client):
        assert visitor.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert alice_client.get("/").status_code == 200


def test_staff_learn_without_one(browser: Client) -> None:
    assert browser.get("/").status_code == 200


def test_switched_off_the_password_is_enough(browser: Client, settings: Any) -> None:
    settings.STAFF_TWO_FACTOR = False
    assert browser.get("/admin/").status_code == 200


def test_another_staff_member_needs_one_too(client: Client) -> None:
    helper = make_user("helper@example.org", is_staff=True)
    client.force_login(helper)
    assert client.get("/admin/")["Location"] == "/accounts/2fa/"
