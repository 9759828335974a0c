"""Every page of django-allauth: ours in look and wording, strict, and closed to whoever is out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import allauth.urls
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from bs4 import BeautifulSoup
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from accounts.models import User
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
EVENTS = {"onclick", "onload", "onsubmit", "onchange", "oninput", "onerror"}
# Pages that somebody who is signed out may open; all others lead to sign-in.
PUBLIC = {
    "account_login",
    "account_signup",
    "account_inactive",
    "account_logout",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_login_code",
    "mfa_authenticate",
    "mfa_login_webauthn",
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "account_confirm_email": {"key": "nonsense"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "x-y"},
}
# What leads on at once: a step of a sign-in that was not begun, or a page for the other state.
LEADS_ON = {"account_confirm_login_code", "mfa_authenticate", "mfa_login_webauthn"}
OWNERS = {"mfa_edit_webauthn", "mfa_remove_webauthn"}


def names(patterns: Any) -> list[str]:
    found: list[str] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found += names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            found.append(pattern.name)
    return found


NAMES = sorted(set(names(allauth.urls.urlpatterns)))


def check(response: Any) -> None:
    """A page in our look: our templates, one h1, no inline code, and the policy that forbids it."""
    assert response.status_code == 200
    ours = str(Path(settings.BASE_DIR) / "templates")
    foreign = [
        template.origin.name
        for template in response.templates
        if template.origin and not template.origin.name.startswith(ours)
    ]
    assert not [name for name in foreign if "/django/forms/" not in name]
    page = BeautifulSoup(response.content, "html.parser")
    assert len(page.find_all("h1")) == 1
    assert page.title is not None
    assert "Leitner" in page.title.text
    assert not page.find_all("style")
    for script in page.find_all("script"):
        assert script.get("src") or script.get("type") == "application/json"
    for element in page.find_all():
        assert "style" not in element.attrs
        assert not EVENTS & set(element.attrs)
    ids = [element["id"] for element in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def address(name: str, **arguments: Any) -> str:
    return reverse(name, kwargs=arguments or ARGUMENTS.get(name))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OWNERS])
def test_signed_out_a_page_is_ours_or_leads_to_sign_in(client: Client, name: str) -> None:
    url = address(name)
    response = client.get(url)
    if name not in PUBLIC:
        assert response["Location"] == f"/accounts/login/?next={url}"
    elif name in LEADS_ON:
        assert response["Location"] == "/accounts/login/"
    elif name == "account_logout":
        assert response["Location"] == "/"
    else:
        check(response)


@pytest.fixture
def owner_client(client: Client, alice: User) -> Client:
    """Alice a moment after she gave her password again, with recovery codes."""
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    RecoveryCodes.activate(alice)
    return client


# Signed in, these lead on: to home, or to the page that fits the state.
ELSEWHERE = LEADS_ON | {
    "account_login",
    "account_signup",
    "account_set_password",
    "mfa_reauthenticate_webauthn",
}
ABSENT = {"mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_download_recovery_codes"}


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name not in OWNERS | ELSEWHERE | ABSENT]
)
def test_signed_in_a_page_is_ours(owner_client: Client, name: str) -> None:
    check(owner_client.get(address(name)))


def test_the_pages_of_two_factor_codes_are_ours(owner_client: Client, alice: User) -> None:
    Authenticator.objects.create(
        user=alice, type=Authenticator.Type.TOTP, data={"secret": "ABCDEFGH"}
    )
    for name in ["mfa_index", "mfa_deactivate_totp", "mfa_generate_recovery_codes"]:
        check(owner_client.get(address(name)))
    browser = Client()
    browser.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    check(browser.get(address("mfa_authenticate")))


def test_the_pages_of_a_passkey_are_ours(owner_client: Client, alice: User) -> None:
    key = Authenticator.objects.create(
        user=alice, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone", "credential": {}}
    )
    check(owner_client.get(address("mfa_list_webauthn")))
    for name in sorted(OWNERS):
        check(owner_client.get(address(name, pk=key.pk)))


def test_the_page_for_a_first_password_is_ours(alice_client: Client, alice: User) -> None:
    alice.set_unusable_password()
    alice.save(update_fields=["password"])
    alice_client.force_login(alice)
    check(alice_client.get(address("account_set_password")))


def test_the_settings_page_is_as_strict(alice_client: Client) -> None:
    check(alice_client.get(reverse("accounts:settings")))


def test_a_refused_form_is_ours_too(client: Client) -> None:
    check(client.post(address("account_login"), {"login": "x", "password": ""}))
    check(client.post(address("account_signup"), {"email": "x", "password1": "x"}))
    check(client.post(address("account_reset_password"), {"email": "x"}))


def test_the_settings_need_sign_in(client: Client) -> None:
    url = reverse("accounts:session-end", args=[1])
    assert client.post(url)["Location"] == "/accounts/login/?next=/"
