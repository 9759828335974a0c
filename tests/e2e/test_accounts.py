"""Accounts in a real browser: its time zone is taken, passwords can be seen, passkeys work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import User
from tests.e2e.browser import SCREENS, fits
from tests.factories import PASSWORD


@pytest.fixture
def localhost(live_server: Any) -> str:
    """The running site under the one name over http that may have passkeys."""
    return str(live_server.url).replace("127.0.0.1", "localhost")


@pytest.fixture
def in_tokyo(browser: Browser, localhost: str) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=localhost, timezone_id="Asia/Tokyo", reduced_motion="reduce"
    )
    yield context
    context.close()


@pytest.fixture
def passkeys(page: Page, localhost: str) -> None:
    """The browser's page has a phone-like authenticator that says yes to everything."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("E-mail address").fill("alice@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{site}/")


@pytest.mark.django_db(transaction=True)
def test_signing_up_takes_the_browsers_time_zone(in_tokyo: BrowserContext) -> None:
    page = in_tokyo.new_page()
    page.goto("/accounts/signup/")
    page.get_by_label("E-mail address").fill("Dora@Example.org")
    password = page.get_by_label("Password", exact=True)
    password.fill(PASSWORD)
    page.get_by_role("button", name="Show the password").click()
    expect(password).to_have_attribute("type", "text")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your boxes are ready")
    user = User.objects.get()
    assert (user.email, user.time_zone) == ("dora@example.org", "Asia/Tokyo")


@pytest.mark.usefixtures("alice", "transactional_db")
def test_the_settings_offer_the_zone_of_the_device(
    in_tokyo: BrowserContext, localhost: str
) -> None:
    page = in_tokyo.new_page()
    sign_in(page, localhost)
    page.goto("/accounts/settings/")
    page.get_by_role("button", name="Use this device's zone").click()
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("For you, today is")
    assert User.objects.get().time_zone == "Asia/Tokyo"


@pytest.mark.usefixtures("alice", "passkeys", "transactional_db")
def test_a_passkey_is_made_and_then_signs_in(page: Page, localhost: str) -> None:
    sign_in(page, localhost)
    page.goto(f"{localhost}/accounts/2fa/webauthn/add/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("My phone")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")

    page.goto(f"{localhost}/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{localhost}/accounts/login/?next=/accounts/2fa/webauthn/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{localhost}/accounts/2fa/webauthn/")
    expect(page.get_by_role("listitem").filter(has_text="My phone")).to_contain_text("last used")


@pytest.mark.usefixtures("passkeys", "transactional_db")
def test_an_admin_is_led_to_a_passkey_and_with_it_into_the_admin(
    page: Page, alice: User, localhost: str, settings: Any
) -> None:
    settings.STAFF_TWO_FACTOR = True
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    sign_in(page, localhost)
    page.goto(f"{localhost}/admin/cards/card/")
    expect(page.get_by_role("status")).to_contain_text("The admin needs a second factor")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("My phone")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")

    page.goto(f"{localhost}/admin/cards/card/")
    page.get_by_role("button", name="passkey").click()
    page.wait_for_url(f"{localhost}/admin/cards/card/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("card")

    page.goto(f"{localhost}/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{localhost}/accounts/login/?next=/admin/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{localhost}/admin/")


@pytest.mark.usefixtures("alice", "passkeys", "transactional_db")
def test_without_a_passkey_for_this_site_the_page_says_so(page: Page, localhost: str) -> None:
    page.goto(f"{localhost}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The passkey was not used")


@pytest.mark.parametrize("screen", SCREENS, indirect=True)
def test_account_pages_never_scroll_sideways(alice_page: Page) -> None:
    for path in ["settings/", "2fa/", "sessions/", "email/", "password/change/"]:
        alice_page.goto(f"/accounts/{path}")
        fits(alice_page)
