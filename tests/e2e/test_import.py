"""A paste becomes cards, and goes again, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from cards.models import Card
from tests.e2e.browser import SCREENS, fits
from tests.factories import make_card, make_deck

TEXT = (
    "hola\thello\tgreeting\n"
    'gato\tcat\tanimal\n"perro\tdog\tanimal\n'
    "سلام\tpeace, hello\tgreeting\n"
    "hola\thi\tgreeting\n"
)


@pytest.mark.parametrize("screen", SCREENS, indirect=True)
def test_a_paste_is_previewed_changed_imported_and_taken_back(
    alice_page: Page, alice: User
) -> None:
    page = alice_page
    make_card(alice, deck=make_deck(alice, "Spanish"), front="gato", back="kitten")
    page.goto("/import/")
    fits(page)
    page.get_by_label("Or text").fill(TEXT)
    page.get_by_role("button", name="Show a preview").click()
    expect(page.locator(".counts dd")).to_have_text(["3", "0", "1", "1"])
    fits(page)
    page.get_by_label("Deck", exact=True).fill("Spanish")
    page.get_by_label("Column 3").select_option("tags")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("look at its effect")).to_be_visible()
    expect(page.locator(".counts dd")).to_have_text(["2", "1", "1", "1"])
    page.get_by_label("update: take the text of the file").check()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="Imported")).to_be_visible()
    expect(page.locator(".counts dd")).to_have_text(["2", "1", "1", "1"])
    fits(page)
    assert Card.objects.get(front="gato").tags == " animal "
    page.get_by_role("button", name="Take back this import").click()
    expect(page.get_by_role("heading", name="Import taken back")).to_be_visible()
    fits(page)
    assert list(Card.objects.of(alice).values_list("front", "back")) == [("gato", "kitten")]
