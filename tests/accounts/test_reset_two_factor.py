"""`manage.py reset_two_factor`: a lost phone keeps nobody out for ever."""

from __future__ import annotations

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def reset(email: str) -> str:
    out = StringIO()
    call_command("reset_two_factor", email, stdout=out)
    return out.getvalue()


def test_the_second_factor_goes_and_every_browser_is_signed_out(alice: User, charlie: User) -> None:
    browser = Client()
    browser.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert browser.get("/accounts/settings/").status_code == 200
    for user in (alice, charlie):
        Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    Authenticator.objects.create(user=alice, type="recovery_codes", data={"seed": "x"})
    assert "2 removed" in reset("Alice@Example.org")
    assert list(Authenticator.objects.values_list("user", flat=True)) == [charlie.pk]
    assert browser.get("/accounts/settings/").status_code == 302
    answer = Client().post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert answer["Location"] == "/"


def test_an_unknown_address_is_named(db: None) -> None:
    with pytest.raises(CommandError, match=r"no account with the address nobody@example\.org"):
        reset("nobody@example.org")
