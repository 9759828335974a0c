"""Two-factor codes, recovery codes and passkeys, without a browser; test_accounts.py has one."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """A code is good for 30 seconds: time stands still unless the test moves it."""
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def signed_in(client: Client, alice: User) -> Client:
    """Alice's browser, signed in with her password a moment ago."""
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def enrol(client: Client) -> str:
    """Sets up the app; the secret."""
    page = client.get("/accounts/2fa/totp/activate/")
    secret: str = page.context["form"].secret
    response = client.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    assert response["Location"] == "/accounts/2fa/recovery-codes/"
    return secret


def first_step(client: Client, alice: User) -> Any:
    return client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})


@pytest.mark.django_db(transaction=True)
def test_the_app_is_set_up_with_a_picture_and_a_mail_tells_so(signed_in: Client) -> None:
    page = signed_in.get("/accounts/2fa/totp/activate/").content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    enrol(signed_in)
    assert "authenticator app" in mail.outbox[0].body


def test_signing_in_then_needs_a_code(
    signed_in: Client, alice: User, clock: time_machine.Traveller
) -> None:
    secret = enrol(signed_in)
    clock.shift(60)
    browser = Client()
    assert first_step(browser, alice)["Location"] == "/accounts/2fa/authenticate/"
    assert browser.get("/accounts/settings/").status_code == 302
    wrong = browser.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert wrong.context["form"].errors["code"]
    right = browser.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert right["Location"] == "/"
    assert browser.get("/accounts/settings/").status_code == 200


def test_a_code_is_good_once(signed_in: Client, alice: User, clock: time_machine.Traveller) -> None:
    secret = enrol(signed_in)
    clock.shift(60)
    for browser, expected in [(Client(), 302), (Client(), 200)]:
        first_step(browser, alice)
        answer = browser.post("/accounts/2fa/authenticate/", {"code": code(secret)})
        assert answer.status_code == expected


def test_a_recovery_code_signs_in_once(signed_in: Client, alice: User) -> None:
    enrol(signed_in)
    codes = signed_in.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    assert len(codes) == 10
    for browser, expected in [(Client(), 302), (Client(), 200)]:
        first_step(browser, alice)
        answer = browser.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert answer.status_code == expected


def test_recovery_codes_are_downloaded_and_made_anew(signed_in: Client) -> None:
    enrol(signed_in)
    before = signed_in.get("/accounts/2fa/recovery-codes/download/").content.split()
    signed_in.post("/accounts/2fa/recovery-codes/generate/")
    after = signed_in.get("/accounts/2fa/recovery-codes/download/").content.split()
    assert len(after) == 10
    assert not set(before) & set(after)


def test_the_app_is_turned_off_again(signed_in: Client, alice: User) -> None:
    enrol(signed_in)
    signed_in.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=alice).exists()
    assert first_step(Client(), alice)["Location"] == "/"


def test_delicate_pages_ask_for_the_password_again(alice_client: Client) -> None:
    for path in ["2fa/totp/activate/", "2fa/webauthn/add/", "2fa/recovery-codes/generate/"]:
        response = alice_client.get(f"/accounts/{path}")
        assert response["Location"].startswith("/accounts/reauthenticate/?next=")


def test_the_options_of_a_new_passkey_name_site_and_learner(signed_in: Client) -> None:
    page = signed_in.get("/accounts/2fa/webauthn/add/")
    options = page.context["js_data"]["creation_options"]["publicKey"]
    assert options["rp"] == {"id": "testserver", "name": "Leitner"}
    assert options["user"]["name"] == "alice@example.org"
    assert page.context["form"]["name"].value() == "Passkey"


def test_the_options_of_a_sign_in_tell_nothing_about_anybody(client: Client, alice: User) -> None:
    answer = client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    assert not answer.json()["request_options"]["publicKey"].get("allowCredentials")


@pytest.mark.parametrize(
    "credential", ["", "{}", "[]", "1", "null", '"x"', "{", '{"id": 1, "response": {}}']
)
def test_a_broken_passkey_is_refused_not_a_crash(client: Client, credential: str) -> None:
    url = "/accounts/2fa/webauthn/login/"
    client.get(url, headers={"accept": "application/json"})
    response = client.post(url, {"credential": credential})
    assert response["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in client.session


def test_charlie_sees_and_removes_none_of_alices_passkeys(
    charlie_client: Client, charlie: User, alice: User
) -> None:
    key = Authenticator.objects.create(
        user=alice, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone", "credential": {}}
    )
    charlie_client.post("/accounts/login/", {"login": charlie.email, "password": PASSWORD})
    charlie_client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for action in ["edit", "remove"]:
        url = f"/accounts/2fa/webauthn/keys/{key.pk}/{action}/"
        assert charlie_client.get(url).status_code == 404
        assert charlie_client.post(url, {"name": "mine"}).status_code == 404
