"""Every page in a browser: nothing breaks the policy, nothing is asked of another site."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib import admin as django_admin
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from backups.models import BackupRun
from cards.models import Tag
from tests.e2e.browser import Watch
from tests.factories import PASSWORD, make_card, make_cards, make_deck, make_review

REPORT = """
window.violations = [];
addEventListener("securitypolicyviolation", event =>
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""
# Files, and ways to do something: nothing to look at.
NO_PAGES = re.compile(r"/(download|export|logout)/")
OUTSIDE = ["/", "/privacy/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]
BY_HAND = [
    *(
        "/review/",
        "/practice/",
        "/backlog/",
        "/import/",
        "/your-data/restore/",
        "/your-data/deleted/",
    ),
    *("/accounts/password/change/", "/accounts/2fa/", "/accounts/2fa/totp/activate/"),
    *("/accounts/2fa/webauthn/add/", "/accounts/sessions/", "/accounts/email/", "/nowhere/"),
]


def fill(user: User) -> None:
    """Something of everything that pages show."""
    deck = make_deck(user, "Español")
    text = (
        "**bold** `code` $x^2$\n\n```python\nprint(1)\n```\n\n[a link](https://elsewhere.example/)"
    )
    make_cards(user, 3, deck=deck)
    card = make_card(
        user,
        deck=deck,
        front=text,
        back=text,
        link="https://elsewhere.example/",
        tags=["verb"],
        box=2,
        due=user.today(timezone.now()),
    )
    make_review(card)
    Tag.objects.create(owner=user, name="verb")
    now = dt.datetime.now(dt.UTC)
    BackupRun.objects.create(
        kind="export", outcome="good", started_at=now, ended_at=now, name="x.zip", sha256="0" * 64
    )


def shape(address: str) -> str:
    """Pages that differ in a number or in what they are asked for are looked at once."""
    parts = urlsplit(address)
    names = re.sub(r"=[^&]*", "", parts.query)
    return re.sub(r"\d+", "1", parts.path) + ("?" + names.split("&")[0] if names else "")


def look_at_all(page: Page, site: str, begin: list[str]) -> list[str]:
    """Goes wherever a link leads; the addresses it was at."""
    waiting, seen, been = [site + path for path in begin], set(), []
    while waiting:
        address = waiting.pop(0)
        if shape(address) in seen or NO_PAGES.search(address):
            continue
        seen.add(shape(address))
        page.goto(address)
        page.wait_for_load_state()
        assert page.evaluate("window.violations") == [], address
        been.append(address.removeprefix(site))
        for link in page.locator("a[href]").evaluate_all("all => all.map(a => a.href)"):
            found = urljoin(address, link).partition("#")[0]
            if found.startswith(site + "/"):
                waiting.append(found)
    return been


@pytest.fixture
def foreign(context: BrowserContext, live_server: Any) -> list[str]:
    """What the browser asked of any other origin."""
    asked: list[str] = []
    context.add_init_script(REPORT)

    def note(request: Any) -> None:
        if not request.url.startswith((live_server.url + "/", "data:")):
            asked.append(request.url)

    context.on("request", note)
    return asked


def test_every_page_keeps_to_the_policy_and_to_this_site(
    page: Page,
    admin: User,
    sign_in: Callable[[User], None],
    live_server: Any,
    foreign: list[str],
    watch: Watch,
) -> None:
    watch.expected += ["/nowhere/"]
    fill(admin)
    been = look_at_all(page, live_server.url, OUTSIDE)
    sign_in(admin)
    models = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in django_admin.site._registry
    ]
    page.goto("/accounts/reauthenticate/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_load_state()
    been += look_at_all(page, live_server.url, ["/", *BY_HAND, "/admin/", *models])
    assert len(been) > 60
    assert any(re.match(r"/admin/accounts/user/\d+/change/", path) for path in been)
    assert any(re.match(r"/admin/backups/backuprun/\d+/change/", path) for path in been)
    assert foreign == []


def test_a_policy_that_is_broken_is_noticed(
    alice_page: Page, foreign: list[str], watch: Watch
) -> None:
    alice_page.goto("/")
    alice_page.evaluate("document.body.setAttribute('onclick', 'x()')")
    alice_page.wait_for_function("window.violations.length === 1")
    watch.complaints.clear()


def test_a_link_on_a_card_tells_the_other_site_nothing(
    alice_page: Page, alice: User, context: BrowserContext, foreign: list[str]
) -> None:
    card = make_card(alice, front="a", link="https://elsewhere.example/page")
    told: list[dict[str, str]] = []

    def answer(route: Any) -> None:
        told.append(route.request.all_headers())
        route.fulfill(body="<title>There</title>", content_type="text/html")

    context.route("https://elsewhere.example/**", answer)
    alice_page.goto(reverse("cards:card-edit", args=[card.pk]))
    with context.expect_page() as opened:
        alice_page.get_by_role("link", name="Open the link").click()
    expect(opened.value).to_have_title("There")
    assert opened.value.evaluate("window.opener") is None
    assert "referer" not in told[0]


def test_after_signing_out_the_back_button_shows_no_cards(alice_page: Page, alice: User) -> None:
    make_card(alice, front="My secret card")
    alice_page.goto("/cards/")
    expect(alice_page.get_by_text("My secret card")).to_be_visible()
    alice_page.locator("details.menu summary").click()
    alice_page.get_by_role("button", name="Sign out").click()
    alice_page.wait_for_load_state()
    alice_page.go_back()
    expect(alice_page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "My secret card" not in alice_page.content()
