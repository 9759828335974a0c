"""Maintenance begins while somebody learns: nothing that was sent is lost."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from backups import maintenance
from cards.models import Review
from tests.e2e.browser import SCREENS, Watch, fits, press, question
from tests.factories import make_card

every_screen = pytest.mark.parametrize("screen", SCREENS, indirect=True)


@pytest.fixture(autouse=True)
def _off_again(db: None) -> Iterator[None]:
    yield
    maintenance.remember(maintenance.State())


def switch_on() -> None:
    now = timezone.now()
    until = now + dt.timedelta(minutes=30)
    maintenance.switch_on(message="We move to a larger machine.", until=until, now=now)


@every_screen
def test_an_answer_given_meanwhile_counts_once(alice_page: Page, alice: User, watch: Watch) -> None:
    today = alice.today(timezone.now())
    for front in ["uno", "dos"]:
        make_card(alice, front=front, back="a number", box=2, due=today)
    watch.expected.append("/review/answer/")
    page = alice_page
    page.goto("/review/")
    press(page, "Space")
    expect(page.get_by_text("a number")).to_be_visible()
    switch_on()
    press(page, "2")
    expect(page.get_by_role("heading", name="Not saved yet")).to_be_visible()
    expect(page.get_by_text("We move to a larger machine.")).to_be_visible()
    fits(page)
    again = page.get_by_role("button", name="Send again")
    with page.expect_navigation():
        again.click()
    expect(page.get_by_role("heading", name="Not saved yet")).to_be_visible()
    assert not Review.objects.exists()

    maintenance.switch_off()
    again.click()
    expect(question(page)).to_have_text("dos")
    [review] = Review.objects.all()
    assert (review.card.front, review.passed, review.card.box) == ("uno", True, 3)


@every_screen
def test_pages_have_the_banner_and_fit(alice_page: Page, alice: User) -> None:
    make_card(alice, box=2, due=alice.today(timezone.now()))
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    switch_on()
    for url in ["/", "/review/", "/cards/", "/accounts/settings/", "/admin/"]:
        alice_page.goto(url)
        banner = alice_page.get_by_role("status").filter(has_text="We move to a larger machine.")
        expect(banner).to_be_visible()
        expect(banner).to_contain_text(
            re.compile(r"nothing can be saved until \d+ \w+, \d\d:\d\d UTC")
        )
        fits(alice_page)


def test_what_was_typed_into_the_edit_dialog_stays_there(
    alice_page: Page, alice: User, watch: Watch
) -> None:
    card = make_card(alice, front="uno", back="one", box=2, due=alice.today(timezone.now()))
    watch.expected += [f"/cards/{card.pk}/edit/", "/cards/preview/"]
    page = alice_page
    page.goto("/review/")
    page.locator("[data-edit]").click()
    page.get_by_label("Front").fill("uno, due")
    switch_on()
    page.get_by_role("button", name=re.compile("Save")).click()
    expect(page.get_by_text("Your text is still here: save it again then.")).to_be_visible()
    expect(page.get_by_label("Front")).to_have_value("uno, due")
    maintenance.switch_off()
    page.get_by_role("button", name=re.compile("Save")).click()
    expect(question(page)).to_have_text("uno, due")
