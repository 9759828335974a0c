"""Adding, finding, changing and deleting cards in the browser."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from cards.models import Card
from tests.e2e.browser import SCREENS, Watch, press
from tests.factories import make_card, make_cards, make_deck

pytestmark = pytest.mark.django_db(transaction=True)


def paste(page: Page, text: str) -> None:
    """What Ctrl+V does, without asking for the system's clipboard."""
    page.get_by_label("Front").evaluate(
        """(field, text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            const how = { clipboardData, bubbles: true, cancelable: true };
            field.dispatchEvent(new ClipboardEvent("paste", how));
        }""",
        text,
    )


def test_cards_are_added_by_keyboard_one_after_the_other(alice_page: Page, alice: User) -> None:
    page = alice_page
    page.goto("/cards/add/")
    for number in (1, 2):
        expect(page.get_by_label("Front")).to_be_focused()
        page.keyboard.type(f"Question {number}")
        press(page, "Tab")
        page.keyboard.type("An **answer**")
        if number == 1:
            press(page, "Tab")
            page.get_by_label("Deck").fill("Words")
            page.get_by_label("Tags").fill("verb")
        press(page, "Control+Enter")
        expect(page.get_by_role("link", name=f"Question {number}")).to_be_visible()
    assert [(card.front, card.tags) for card in Card.objects.of(alice).order_by("id")] == [
        ("Question 1", " verb "),
        ("Question 2", " verb "),
    ]
    assert Card.objects.of(alice).filter(deck__name="Words").count() == 2


def test_the_preview_shows_the_card_while_it_is_written(alice_page: Page) -> None:
    alice_page.goto("/cards/add/")
    alice_page.get_by_label("Front").fill("The area is $\\pi r^2$")
    preview = alice_page.get_by_role("region", name="Preview")
    expect(preview.locator("math")).to_be_visible()


@pytest.mark.parametrize(
    ("link", "title"),
    [
        ("https://leetcode.com/problems/two-sum/", "Two Sum"),
        ("https://docs.python.org/3/library/heapq.html", "Heapq"),
        ("https://www.example.org/", "example.org"),
    ],
)
def test_a_pasted_link_moves_to_its_field_and_leaves_a_title(
    alice_page: Page, link: str, title: str
) -> None:
    alice_page.goto("/cards/add/")
    paste(alice_page, link)
    expect(alice_page.get_by_label("Link")).to_have_value(link)
    expect(alice_page.get_by_label("Front")).to_have_value(title)


def test_a_double_is_pointed_out_and_can_be_saved_anyway(
    alice_page: Page, alice: User, watch: Watch
) -> None:
    watch.expected.append("/cards/add/")
    make_card(alice, front="The same", back="the first answer", deck=make_deck(alice, "Words"))
    page = alice_page
    page.goto("/cards/add/")
    page.get_by_label("Front").fill("The same")
    press(page, "Control+Enter")
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("the first answer")
    assert Card.objects.of(alice).count() == 1
    notice.get_by_role("button", name="Save anyway").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert Card.objects.of(alice).count() == 2


@pytest.mark.parametrize("screen", SCREENS, indirect=True)
def test_many_are_selected_deleted_and_brought_back(alice_page: Page, alice: User) -> None:
    cards = make_cards(alice, 4, due=dt.date(2026, 1, 1), tags=["verb"])
    make_cards(alice, 2)
    page = alice_page
    page.goto("/cards/?tag=verb")
    bar = page.get_by_role("group", name="With the selected cards")
    expect(bar).to_be_hidden()
    page.get_by_role("checkbox", name=cards[0].front, exact=True).check()
    expect(bar).to_contain_text("1 selected")
    page.get_by_label("Select this page").check()
    expect(bar).to_contain_text("4 selected")
    bar.get_by_role("combobox").first.select_option("Delete")
    bar.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("status")).to_contain_text("4 cards are deleted.")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("4 cards are back.")
    expect(page.locator(".entry")).to_have_count(4)
    assert Card.objects.of(alice).count() == 6


def test_all_that_match_are_moved_to_a_new_deck(alice_page: Page, alice: User) -> None:
    make_cards(alice, 60)
    page = alice_page
    page.goto("/cards/")
    page.get_by_label("Select this page").check()
    page.get_by_label("All 60 that match").check()
    page.get_by_label("What to do with the selected cards").select_option("Move to a deck")
    page.get_by_label("Deck to move to").fill("Elsewhere")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("status")).to_contain_text("60 cards moved to Elsewhere.")
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".entry")).to_have_count(10)


def test_without_scripts_a_card_is_found_changed_and_deleted(alice_page: Page, alice: User) -> None:
    make_card(alice, front="Old front", box=3, due=dt.date(2026, 1, 1))
    make_card(alice, front="Another")
    page = alice_page
    page.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto("/cards/")
    page.get_by_role("searchbox").fill("old")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Old front").click()
    page.get_by_label("Front").fill("New front")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_role("link", name="Show all cards").click()
    page.get_by_role("checkbox", name="New front").check()
    page.get_by_label("What to do with the selected cards").select_option("Delete")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".entry")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".entry")).to_have_count(2)
