"""A learner who is told to wait: nothing that was sent is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from cards.models import Review
from tests.e2e.browser import SCREENS, Watch, fits, press, question
from tests.factories import make_card


@pytest.mark.parametrize("screen", SCREENS, indirect=True)
def test_an_answer_that_has_to_wait_counts_once(
    alice_page: Page, alice: User, watch: Watch, settings: Any
) -> None:
    today = alice.today(timezone.now())
    for front in ["uno", "dos"]:
        make_card(alice, front=front, back="a number", box=2, due=today)
    watch.expected.append("/review/answer/")
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"answer": "0/m"}
    page = alice_page
    page.goto("/review/")
    press(page, "Space")
    expect(page.get_by_text("a number")).to_be_visible()
    press(page, "2")
    expect(page.get_by_role("heading", name="Please wait a moment")).to_be_visible()
    fits(page)
    assert not Review.objects.exists()

    settings.RATE_LIMITS = settings.RATE_LIMITS | {"answer": "9/m"}
    page.get_by_role("button", name="Send again").click()
    expect(question(page)).to_have_text("dos")
    assert Review.objects.get().card.front == "uno"
